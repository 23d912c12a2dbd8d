"""What raters see: the studies, a study and its consent, the sounds, the stamp."""

from random import SystemRandom

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ratings import assignments, blind, renditions, sheet, traces
from ratings import studies as listening
from ratings.forms import ConsentForm, ScoresForm
from ratings.models import Assignment, Session, Study
from recordings import ranges
from recordings import sessions as recordings_of

HELD = "rating_sessions"  # in the browser's session: whose sounds it may fetch


@require_safe
def studies(request: HttpRequest) -> HttpResponse:
    return render(request, "ratings/studies.html", {"studies": listening.listed()})


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, slug: str) -> HttpResponse:
    """What the study asks, and the way in for those who agree."""
    shown = Study.objects.exclude(state=Study.State.DRAFT)
    study = get_object_or_404(shown, slug=slug)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            own = request.session.get(recordings_of.IN_BROWSER, [])
            _, token = assignments.enroll(study, now=now(), contributors=own)
            return redirect("ratings:rate", token)
        except listening.StudyClosed as refusal:
            form.add_error(None, str(refusal))
    paragraphs = study.consent_text.body.split("\n\n")
    context = {"study": study, "form": form, "paragraphs": paragraphs}
    status = 422 if form.errors else 200
    return render(request, "ratings/consent.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """One item at a time; a POST takes its scores and leads to the next."""
    session = assignments.by_link(token)
    if session is None:
        raise Http404
    traces.note(
        session,
        address=traces.address_of(request.META),
        browser=traces.browser_of(request.META),
        now=now(),
    )
    if request.method == "POST":
        return _take(request, session, token)
    assignment = assignments.next_for(session, now=now(), rng=SystemRandom())
    if assignment is None:
        return _ended(request, session)
    return _page(request, assignment, ScoresForm(sources=_sources(assignment)))


def _take(request: HttpRequest, session: Session, token: str) -> HttpResponse:
    position = request.POST.get("position", "")
    known = session.assignments.filter(position=position if position.isdigit() else 0)
    assignment = get_object_or_404(known)
    form, hear_again = ScoresForm(request.POST, sources=_sources(assignment)), False
    if form.is_valid():
        try:
            assignments.submit(assignment, form.scores(), now=now())
            return redirect("ratings:rate", token)
        except assignments.AlreadySubmitted as refusal:
            messages.info(request, str(refusal))
            return redirect("ratings:rate", token)
        except assignments.SubmissionRefused as refusal:
            form.add_error(None, str(refusal))
            hear_again = isinstance(refusal, assignments.HeardTooLittle)
    return _page(request, assignment, form, hear_again=hear_again)


def _sources(assignment: Assignment) -> int:
    return assignment.plays.filter(position__gt=0).count()


def _page(
    request: HttpRequest,
    assignment: Assignment,
    form: ScoresForm,
    *,
    hear_again: bool = False,
) -> HttpResponse:
    renditions.prepare_all(assignment)
    session = assignment.session
    others = [one for one in request.session.get(HELD, []) if one != session.pk]
    request.session[HELD] = [*others[-20:], session.pk]
    context = {
        "session": session,
        "position": assignment.position,
        "rated": assignments.submitted_in(session),
        "form": form,
        "sounds": sheet.sounds(assignment, form),
        "hear_again": hear_again,
    }
    status = 422 if form.errors else 200
    return render(request, "ratings/rate.html", context, status=status)


def _ended(request: HttpRequest, session: Session) -> HttpResponse:
    context = {"session": session, "rated": assignments.submitted_in(session)}
    return render(request, "ratings/ended.html", context)


@require_safe
def audio(request: HttpRequest, signed: str) -> HttpResponse:
    """A sound of the page that this browser holds."""
    held = request.session.get(HELD, [])
    content = blind.sound(signed, sessions=held, now=now())
    if content is None:
        raise Http404
    return ranges.respond(content, request.headers.get("Range", ""), "audio/wav")
