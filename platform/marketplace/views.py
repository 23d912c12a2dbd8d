"""The staff page of work stamps."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from marketplace import redemption
from marketplace.forms import RedeemForm, StampForm
from recordings.models import Stamp


@require_http_methods(["GET", "HEAD", "POST"])
def stamps(request: HttpRequest) -> HttpResponse:
    """Look one up with GET, redeem one with POST."""
    if not getattr(request.user, "is_staff", False):
        raise Http404
    if request.method == "POST":
        return _redeem(request)
    search, found = StampForm(request.GET or None), None
    if search.is_bound and search.is_valid():
        try:
            found = redemption.find(search.cleaned_data["stamp"])
        except redemption.StampRefused as refusal:
            search.add_error("stamp", str(refusal))
    form = RedeemForm(initial={"stamp": found}, prefix="redeem")
    return _page(request, form, search, found)


def _redeem(request: HttpRequest) -> HttpResponse:
    form = RedeemForm(request.POST, prefix="redeem")
    if form.is_valid():
        given = form.cleaned_data
        try:
            done = redemption.redeem(
                given["stamp"],
                worker=given["worker"],
                assignment=given["assignment"],
                now=now(),
            )
        except redemption.StampRefused as refusal:
            form.add_error("stamp", str(refusal))
        else:
            messages.success(request, f"{done.stamp} is redeemed for {done.worker}.")
            return redirect("marketplace:stamps")
    return _page(request, form, StampForm(), None, status=422)


def _page(
    request: HttpRequest,
    form: RedeemForm,
    search: StampForm,
    found: Stamp | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "search": search,
        "found": found,
        "stamps": redemption.latest(),
    }
    return render(request, "marketplace/stamps.html", context, status=status)
