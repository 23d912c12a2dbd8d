"""What every template knows about the site."""

from django.conf import settings
from django.http import HttpRequest

from recordings.models import Campaign


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "version": settings.VERSION,
        "debug": settings.DEBUG,
        "demo_data": Campaign.objects.filter(is_demo=True).exists(),
    }
