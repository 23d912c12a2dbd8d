"""HTTP ranges of one object: what lets a player seek, and Safari play at all."""

import re

from django.http import HttpResponse

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def respond(content: bytes, header: str, content_type: str) -> HttpResponse:
    """`content`, or the one range of it that the `Range` header asks for."""
    span = _span(header, len(content))
    if span is None:
        response = HttpResponse(content, content_type=content_type)
    elif span[0] >= span[1]:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{len(content)}"
    else:
        start, stop = span
        response = HttpResponse(
            content[start:stop], status=206, content_type=content_type
        )
        response["Content-Range"] = f"bytes {start}-{stop - 1}/{len(content)}"
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    return response


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Start and stop of the range; None if there is none, empty if beyond the end."""
    match = _RANGE.fullmatch(header.strip())
    if not match or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if not first:  # the last n bytes
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
