"""Environment variables, converted at the border; nonsense is refused loudly."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

Environ = Mapping[str, str]

TRUE = {"true", "1", "yes", "on"}
FALSE = {"false", "0", "no", "off"}


def text(name: str, default: str = "", environ: Environ = os.environ) -> str:
    return environ.get(name, default).strip()


def secret(name: str, default: str = "", environ: Environ = os.environ) -> str:
    """The value of NAME, or the contents of the file that NAME_FILE names."""
    path = text(f"{name}_FILE", environ=environ)
    if not path:
        return text(name, default, environ)
    if name in environ:
        raise ImproperlyConfigured(
            f"Both {name} and {name}_FILE are set; keep one of them."
        )
    try:
        return Path(path).read_text().strip()
    except OSError as trouble:
        raise ImproperlyConfigured(
            f"{name}_FILE={path!r} cannot be read ({trouble.strerror}); "
            "name a readable file or unset it."
        ) from trouble


def boolean(name: str, default: bool, environ: Environ = os.environ) -> bool:
    value = text(name, environ=environ).lower()
    if not value:
        return default
    if value in TRUE | FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name}={value!r} is not a boolean; use true or false.")


def integer(
    name: str, default: int, *, least: int = 0, environ: Environ = os.environ
) -> int:
    value = text(name, environ=environ)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        number = least - 1
    if number < least:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a whole number of at least {least}."
        )
    return number


def site(name: str, default: str, environ: Environ = os.environ) -> tuple[str, str]:
    """The site's origin (`https://host[:port]`) and its bare host name."""
    value = text(name, default, environ).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not an address; use https://host without a path."
        )
    return value, parts.hostname


def database(
    name: str, default: Path, environ: Environ = os.environ
) -> dict[str, object]:
    """Django's DATABASES entry for a postgres:// address; SQLite in WAL if unset."""
    value = text(name, environ=environ)
    if not value:
        return _sqlite(default)
    parts = urlsplit(value)
    if parts.scheme == "sqlite" and parts.path:
        return _sqlite(Path(parts.path))
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        shown = value if "@" not in value else f"{parts.scheme}://***@{parts.hostname}"
        raise ImproperlyConfigured(
            f"{name}={shown!r} is not a database address; use "
            "postgres://user:password@host:5432/name or sqlite:///folder/file."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",  # a writer waits instead of failing late
            "timeout": 5,  # seconds
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        "TEST": {"NAME": None},
    }


def broker(name: str, default: str, environ: Environ = os.environ) -> str:
    value = text(name, default, environ)
    if urlsplit(value).scheme not in {"redis", "rediss", "filesystem"}:
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a broker we support; use redis://host:6379/0, "
            "or leave it empty for the folder in VAR_DIR."
        )
    return value
