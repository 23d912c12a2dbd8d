"""System checks: what would go wrong after going live, said before."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def goes_live_over_https(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    if settings.IS_HTTPS:
        return []
    return [
        Error(
            f"SITE_URL is {settings.SITE_URL}: browsers give no microphone to a page "
            "that did not come over https.",
            hint="Set SITE_URL=https://your.host and let a proxy end TLS there.",
            id="crosstalk.E001",
        )
    ]


@register(Tags.database, deploy=True)
def database_takes_many_writers(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    if "sqlite" not in str(settings.DATABASES["default"]["ENGINE"]):
        return []
    return [
        Warning(
            "The database is SQLite: it serves one machine.",
            hint="Set DATABASE_URL=postgres://user:password@host:5432/name.",
            id="crosstalk.W001",
        )
    ]


@register(deploy=True)
def broker_serves_many_machines(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    if settings.USES_REDIS:
        return []
    return [
        Warning(
            "The queue is a folder: workers on other machines cannot see it.",
            hint="Set CELERY_BROKER_URL=redis://host:6379/0.",
            id="crosstalk.W002",
        )
    ]


@register(deploy=True)
def objects_outlive_the_machine(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    if settings.S3_BUCKET:
        return []
    return [
        Warning(
            f"Recordings are files in {settings.MEDIA_ROOT}.",
            hint="Set S3_BUCKET, S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY.",
            id="crosstalk.W003",
        )
    ]


@register()
def bucket_has_its_keys(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    if bool(settings.S3_ACCESS_KEY) == bool(settings.S3_SECRET_KEY):
        return []
    found, missing = (
        ("S3_ACCESS_KEY", "S3_SECRET_KEY")
        if settings.S3_ACCESS_KEY
        else ("S3_SECRET_KEY", "S3_ACCESS_KEY")
    )
    return [
        Error(
            f"{found} is set and {missing} is not.",
            hint=f"Set {missing} too, or neither to use the machine's own role.",
            id="crosstalk.E002",
        )
    ]
