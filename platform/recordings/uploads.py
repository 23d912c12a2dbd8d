"""The three requests of an upload: a ticket, the file, and "it is there"."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recordings import capture, incoming, intake, sessions, steps
from recordings.forms import FinishForm, TicketForm
from recordings.models import Session, Stamp, Take

NO_HASH = (
    "The announced SHA-256 has not 64 hexadecimal digits; reload the page and send "
    "again."
)


@require_POST
def ticket(request: HttpRequest, token: str, number: int) -> JsonResponse:
    """Where to send the announced bytes, or the answer if they are here already."""
    take = _take(token, number)
    form = TicketForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refusal": NO_HASH}, status=400)
    digest = form.cleaned_data["sha256"]
    stamp = intake.known(take, digest)
    if stamp is not None:
        return JsonResponse({"answer": _answer(take.session, stamp, token)})
    return JsonResponse(incoming.ticket(take.subject, now(), digest))


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
    form = FinishForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"refusal": "Found no receipt; send again."}, status=400)
    told = capture.clean(
        form.cleaned_data["capture"],
        user_agent=request.headers.get("User-Agent", ""),
    )
    try:
        stamp = intake.finish(take, form.cleaned_data["receipt"], told, now=now())
    except incoming.UploadMissing as missing:
        return JsonResponse({"refusal": str(missing)}, status=409)
    except intake.RecordingRejected as refusal:
        return JsonResponse({"refusal": str(refusal)}, status=422)
    return JsonResponse(_answer(take.session, stamp, token))


def _take(token: str, number: int) -> Take:
    session = sessions.by_link(token)
    if session is None:
        raise Http404
    return get_object_or_404(
        session.takes.select_related(
            "session__campaign", "session__participant", "mixture", "stamp"
        ),
        number=number,
    )


def _answer(session: Session, stamp: Stamp, token: str) -> dict[str, Any]:
    return {
        "stamp": stamp.code,
        "recorded": sessions.recorded(session).count(),
        "next": steps.following(session, token, now=now()),
    }
