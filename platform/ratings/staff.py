"""What staff see: the planner, a study with its raters, decisions, and the votes."""

import csv
import io

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from people.models import User
from ratings import decisions, progress
from ratings.forms import DecisionForm, PlanForm, UndoForm
from ratings.models import Decision, Session, Study
from ratings.statistics import planning


@require_safe
def plan(request: HttpRequest) -> HttpResponse:
    """What a study of a size would show and cost."""
    _member(request)
    initial = {name: field.initial for name, field in PlanForm.base_fields.items()}
    form = PlanForm(request.GET or initial)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        context |= _planned(form)
    status = 422 if form.errors else 200
    return render(request, "ratings/plan.html", context, status=status)


def _planned(form: PlanForm) -> dict[str, object]:
    given = dict(form.cleaned_data)
    target, gap = given.pop("half_width"), given.pop("gap")
    spread = planning.Spread()
    return {
        "spread": spread,
        "plans": [
            planning.plan(planning.Design(**given, votes=votes), spread)
            for votes in planning.VOTES_TRIED
        ],
        "target": target,
        "gap": gap,
        "votes_for_target": planning.votes_for(target, spread.of_one_item),
        "votes_for_gap": planning.votes_for_gap(gap, planning.Design(**given), spread),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """Progress, agreement, intervals, raters; a POST decides or undoes."""
    member = _member(request)
    shown = get_object_or_404(Study, slug=slug)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and _decided(request, shown, member, form):
        return redirect("ratings:study", slug)
    is_simulated = request.GET.get("raters") == "simulated"
    context = {
        "study": shown,
        "report": progress.report(shown, is_simulated=is_simulated, now=now()),
        "is_simulated": is_simulated,
        "form": form,
        "outcomes": Decision.Outcome.choices,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "ratings/study.html", context, status=status)


def _decided(
    request: HttpRequest, shown: Study, member: User, form: DecisionForm
) -> bool:
    undo = UndoForm(request.POST)
    try:
        if undo.is_valid():
            mine = Decision.objects.filter(session__study=shown)
            last = get_object_or_404(mine, pk=undo.cleaned_data["undo"])
            decisions.undo(last, by=member, now=now())
        elif form.is_valid():
            given = form.cleaned_data
            sessions = Session.objects.filter(study=shown)
            decisions.decide(
                get_object_or_404(sessions, pk=given["session"]),
                given["outcome"],
                reason=given["reason"],
                by=member,
                now=now(),
            )
        else:
            return False
    except decisions.DecisionRefused as refusal:
        messages.warning(request, str(refusal))
        return True
    messages.success(request, "The decision is kept; results were counted again.")
    return True


@require_safe
def votes(request: HttpRequest, slug: str) -> HttpResponse:
    """Every vote as CSV, used or not."""
    _member(request)
    shown = get_object_or_404(Study, slug=slug)
    file = io.StringIO()
    csv.writer(file).writerows(progress.votes(shown))
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}-votes.csv"'
    return response


def _member(request: HttpRequest) -> User:
    """The member of staff who asks; others are told that nothing is here."""
    user = request.user
    if not (isinstance(user, User) and user.is_staff):
        raise Http404
    return user
