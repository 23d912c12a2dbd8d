"""Is what the site needs there: database, broker, objects, worker."""

from collections.abc import Callable

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection

Probe = Callable[[], None]


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def broker() -> None:
    """Redis answers, or the queue's folder can be written to."""
    from config.celery import app

    if settings.USES_REDIS:
        with app.connection_for_write(connect_timeout=2) as link:
            link.ensure_connection(max_retries=1, timeout=2)
        return
    folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_out"]
    probe = settings.VAR_DIR.joinpath(folder, ".probe")
    probe.write_bytes(b"")
    probe.unlink(missing_ok=True)


def objects() -> None:
    """The storage answers a question; whether the object exists does not matter."""
    default_storage.exists("probe")


PROBES: dict[str, Probe] = {
    "database": database,
    "broker": broker,
    "objects": objects,
}


def report() -> dict[str, str]:
    """What each probe found: "ok", or the kind of trouble."""
    return {name: _found(probe) for name, probe in PROBES.items()}


def _found(probe: Probe) -> str:
    try:
        probe()
    except Exception as trouble:  # any trouble means: not ready
        return type(trouble).__name__
    return "ok"
