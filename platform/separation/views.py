"""Staff pages: the runs, one run, cancel and try again; 404 for everybody else."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from separation import report
from separation import runs as life
from separation.models import Run

PAGE = 50
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def staff_only(view: View[P]) -> View[P]:
    """To others the page does not exist."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        if not getattr(request.user, "is_staff", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@staff_only
def runs(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    listed = life.listed(state if state in Run.State.values else "")
    context = {
        "page": Paginator(listed, PAGE).get_page(request.GET.get("page")),
        "state": state,
        "counts": life.counts(),
        "now": now(),
    }
    return render(request, "separation/runs.html", context)


@require_safe
@staff_only
def run(request: HttpRequest, pk: int) -> HttpResponse:
    shown = get_object_or_404(life.listed(), pk=pk)
    return render(request, "separation/run.html", {"report": report.of(shown)})


@require_POST
@staff_only
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, life.cancel, _("The run is being cancelled."))


@require_POST
@staff_only
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    return _change(request, pk, life.retry, _("The run is in the queue again."))


def _change(
    request: HttpRequest, pk: int, change: Callable[..., None], done: str
) -> HttpResponse:
    try:
        change(get_object_or_404(Run, pk=pk), now=now())
        messages.success(request, done)
    except life.NotPossible as refusal:
        messages.warning(request, str(refusal))
    return redirect("separation:run", pk)
