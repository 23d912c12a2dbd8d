"""The front page, the style guide, and the two probes."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from config import front, probes


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html", front.figures())


def favicon(request: HttpRequest) -> HttpResponse:
    """For pages that name no icon of their own, such as the admin's."""
    return redirect(static("site/favicon-32.png"))


def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component once; for those who build pages."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    return render(request, "styleguide.html")


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Asks nothing else of anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Ready: 200 when database, broker and objects answer, otherwise 503."""
    found = probes.report()
    is_ready = set(found.values()) == {"ok"}
    return JsonResponse(found, status=200 if is_ready else 503)
