"""What every test may rely on: its own folders, honest skips, real services."""

from pathlib import Path

import pytest
from pytest_django import Settings

pytest_plugins = ["tests.services.fixtures", "tests.skips"]

SPEECH = Path(__file__).resolve().parent.parent.parent / "shared" / "speech"
SERVICE_FIXTURES = {"postgres_url", "redis_url", "object_store", "stack"}


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> None:
    """No test reads or writes the demo's files or counts on another's cache."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": str(tmp_path),
        }
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    for item in items:
        wanted = set(getattr(item, "fixturenames", ()))
        if wanted & SERVICE_FIXTURES:
            item.add_marker("services")
        if "chromium" in wanted:
            item.add_marker("browser")
    if not SPEECH.is_dir():
        absent = pytest.mark.skip(
            reason=f"needs the real recordings of {SPEECH}, which is absent"
        )
        for item in items:
            if item.get_closest_marker("speech"):
                item.add_marker(absent)
