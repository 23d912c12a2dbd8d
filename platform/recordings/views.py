"""What contributors see, and the private objects that pages play."""

import json

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from recordings import capture, objects, ranges, sessions, setups, steps
from recordings.forms import ConsentForm, MicrophoneForm, PlaceForm, SpeakerForm
from recordings.models import Campaign, Session

CHECKED = "microphone"  # a cookie: this device's microphone was checked
CHECK_SECONDS = 12 * 3600


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
        session, token = sessions.start(campaign, now=now())
        known = request.session.get(sessions.IN_BROWSER, [])
        request.session[sessions.IN_BROWSER] = [*known[-20:], session.participant_id]
        return redirect("recordings:record", token=token)
    return render(
        request,
        "recordings/consent.html",
        {"campaign": campaign, "form": form},
        status=422 if form.is_bound else 200,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def about(request: HttpRequest, token: str) -> HttpResponse:
    """What the speakers like to tell of themselves and of where they are."""
    session = _session(token)
    data = request.POST if request.method == "POST" else None
    speakers = [SpeakerForm(data, prefix=f"speaker_{n}") for n in (1, 2)]
    place = PlaceForm(data)
    if request.method == "POST" and all(form.is_valid() for form in (*speakers, place)):
        told = [form.cleaned_data for form in speakers]
        setups.save(session, speakers=told, place=place.cleaned_data, now=now())
        return redirect("recordings:record", token=token)
    context = {"session": session, "speakers": speakers, "place": place}
    status = 422 if request.method == "POST" else 200
    return render(request, "recordings/about.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def microphone(request: HttpRequest, token: str) -> HttpResponse:
    """Whether the microphone at hand is good enough; asked on each device."""
    session = _session(token)
    form = MicrophoneForm(request.POST)
    if request.method != "POST":
        context = {"session": session, "token": token}
        return render(request, "recordings/microphone.html", context)
    if not form.is_valid():
        return HttpResponse(status=400)
    found = form.cleaned_data
    user_agent = request.headers.get("User-Agent", "")
    found["capture"] = capture.clean(found["capture"], user_agent=user_agent)
    setups.keep_check(session, found, now=now())
    answer = redirect("recordings:record", token=token)
    answer.set_cookie(
        CHECKED, "1", max_age=CHECK_SECONDS, path="/record/", samesite="Lax"
    )
    return answer


@never_cache
@require_safe
def record(request: HttpRequest, token: str) -> HttpResponse:
    """The next step, or all stamps when there is nothing left to do."""
    session = _session(token)
    step = steps.following(session, token, now=now())
    if step and not setups.is_answered(session):
        return redirect("recordings:about", token=token)
    if step and CHECKED not in request.COOKIES:
        return redirect("recordings:microphone", token=token)
    context = {
        "session": session,
        "token": token,
        "step": step,
        "step_json": json.dumps(step, ensure_ascii=False),
        "done": sessions.recorded(session),
    }
    page = "record" if step else "finished"
    return render(request, f"recordings/{page}.html", context)


def _session(token: str) -> Session:
    session = sessions.by_link(token)
    if session is None:
        raise Http404
    return session


@require_safe
def signed_object(request: HttpRequest, signed: str) -> HttpResponse:
    """A private object, to whoever holds an address that is not past its time."""
    name = objects.from_signed(signed)
    if name is None:
        raise Http404
    return ranges.respond(
        objects.read(name), request.headers.get("Range", ""), objects.content_type(name)
    )
