"""What contributors see, and the private objects that pages play."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from recordings import objects, ranges, sessions, steps
from recordings.forms import ConsentForm
from recordings.models import Campaign


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """Campaigns that take recordings now."""
    open_ones = Campaign.objects.filter(is_open=True).order_by("-created_at")
    return render(request, "recordings/campaigns.html", {"campaigns": open_ones})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, slug: str) -> HttpResponse:
    """What the campaign is, and the agreement of both speakers."""
    campaign = get_object_or_404(
        Campaign.objects.select_related("consent_text"), slug=slug, is_open=True
    )
    form = ConsentForm(request.POST or None, campaign=campaign)
    if form.is_valid():
        _, token = sessions.start(campaign, now=now())
        return redirect("recordings:record", token=token)
    return render(
        request,
        "recordings/consent.html",
        {"campaign": campaign, "form": form},
        status=422 if form.is_bound else 200,
    )


@never_cache
@require_safe
def record(request: HttpRequest, token: str) -> HttpResponse:
    """The next two prompts, or all stamps when there is nothing left to do."""
    session = sessions.by_link(token)
    if session is None:
        raise Http404
    step = steps.following(session, token, now=now())
    context = {
        "session": session,
        "step": step,
        "step_json": json.dumps(step, ensure_ascii=False),
        "done": sessions.recorded(session),
    }
    page = "record" if step else "finished"
    return render(request, f"recordings/{page}.html", context)


@require_safe
def signed_object(request: HttpRequest, signed: str) -> HttpResponse:
    """A private object, to whoever holds an address that is not past its time."""
    name = objects.from_signed(signed)
    if name is None:
        raise Http404
    return ranges.respond(
        objects.read(name), request.headers.get("Range", ""), objects.content_type(name)
    )
