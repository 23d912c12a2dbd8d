"""The three requests of an upload: a ticket, the file, and "it is there"."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recordings import capture, incoming, intake, sessions, steps
from recordings.forms import FinishForm, TicketForm
from recordings.models import Session, SoloTake, Stamp, Take

NOT_ANNOUNCED = (
    "The announcement is not understood: a SHA-256 of 64 hexadecimal digits and one of "
    f"{', '.join(incoming.CONTENT_TYPES)} are expected. Reload the page and send again."
)


@require_POST
def ticket(request: HttpRequest, token: str, number: int) -> JsonResponse:
    """Where to send the announced bytes, or the answer if they are here already."""
    take = _take(token, number)
    form = TicketForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refusal": NOT_ANNOUNCED}, status=400)
    digest = form.cleaned_data["sha256"]
    stamp = intake.known(take, digest)
    if stamp is not None:
        return JsonResponse({"answer": _answer(take.session, stamp, token)})
    return JsonResponse(_ticket(take.subject, form))


@csrf_exempt  # the form's signed policy says more than a cookie would
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file as the bucket would; used when objects are files."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > settings.MAX_UPLOAD_BYTES + incoming.FORM_BYTES:
        return HttpResponse(incoming.too_big(length), status=413)
    try:
        incoming.receive(
            request.POST.get("policy", ""),
            request.FILES.get("file"),
            now(),
        )
    except incoming.UploadRefused as refusal:
        return HttpResponse(str(refusal), status=403, content_type="text/plain")
    return HttpResponse(status=204)


@require_POST
def finish(request: HttpRequest, token: str, number: int) -> JsonResponse:
    """Judge the uploaded file: 200 with the stamp, 422 with the reason."""
    take = _take(token, number)

    def accept(receipt: str, told: dict[str, Any]) -> Stamp:
        return intake.finish(take, receipt, told, now=now())

    return _judged(request, take.session, token, accept)


@require_POST
def solo_ticket(request: HttpRequest, token: str, part: str) -> JsonResponse:
    """As `ticket`, for a voice alone or the silent room."""
    solo = _solo(token, part)
    form = TicketForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refusal": NOT_ANNOUNCED}, status=400)
    digest = form.cleaned_data["sha256"]
    if digest and digest == solo.sha256:
        return JsonResponse({"answer": _answer(solo.session, None, token)})
    return JsonResponse(_ticket(solo.subject, form))


@require_POST
def solo_finish(request: HttpRequest, token: str, part: str) -> JsonResponse:
    """As `finish`, without a stamp."""
    solo = _solo(token, part)

    def accept(receipt: str, told: dict[str, Any]) -> None:
        intake.finish_solo(solo, receipt, told, now=now())

    return _judged(request, solo.session, token, accept)


def _ticket(subject: str, form: TicketForm) -> dict[str, Any]:
    told = form.cleaned_data
    content_type = told["type"] or incoming.CONTENT_TYPE
    return incoming.ticket(subject, now(), told["sha256"], content_type)


def _judged(
    request: HttpRequest,
    session: Session,
    token: str,
    accept: Callable[[str, dict[str, Any]], Stamp | None],
) -> JsonResponse:
    """200 with the answer, 409 if sending again helps, 422 if recording again does."""
    form = FinishForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refusal": "Found no receipt; send again."}, status=400)
    told = capture.clean(
        form.cleaned_data["capture"],
        user_agent=request.headers.get("User-Agent", ""),
    )
    try:
        stamp = accept(form.cleaned_data["receipt"], told)
    except incoming.UploadMissing as missing:
        return JsonResponse({"refusal": _words(missing)}, status=409)
    except intake.RecordingRejected as refusal:
        return JsonResponse({"refusal": _words(refusal)}, status=422)
    return JsonResponse(_answer(session, stamp, token))


def _words(refusal: intake.RecordingRejected) -> str:
    """What it says, in the reader's language."""
    return gettext(refusal.words).format(**refusal.values)


def _session(token: str) -> Session:
    session = sessions.by_link(token)
    if session is None:
        raise Http404
    return session


def _take(token: str, number: int) -> Take:
    return get_object_or_404(
        _session(token).takes.select_related(
            "session__campaign", "session__participant", "mixture", "stamp"
        ),
        number=number,
    )


def _solo(token: str, part: str) -> SoloTake:
    return get_object_or_404(
        _session(token).solo_takes.select_related("session__campaign"), part=part
    )


def _answer(session: Session, stamp: Stamp | None, token: str) -> dict[str, Any]:
    return {
        "stamp": stamp.code if stamp else None,
        "recorded": sessions.recorded(session).count(),
        "next": steps.following(session, token, now=now()),
    }
