"""What contributors see, and the private objects that pages play."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from recordings import objects, ranges


@require_safe
def signed_object(request: HttpRequest, signed: str) -> HttpResponse:
    """A private object, to whoever holds an address that is not past its time."""
    name = objects.from_signed(signed)
    if name is None:
        raise Http404
    return ranges.respond(
        objects.read(name), request.headers.get("Range", ""), objects.content_type(name)
    )
