"""Environment variables: what is accepted, and the words of each refusal."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("written", "meant"), [("true", True), ("1", True), ("OFF", False), ("no", False)]
)
def test_booleans_are_read_in_the_usual_spellings(written: str, meant: bool) -> None:
    assert env.boolean("DEBUG", not meant, {"DEBUG": written}) is meant


def test_an_unset_boolean_is_its_default() -> None:
    assert env.boolean("DEBUG", True, {}) is True


def test_a_boolean_that_is_none_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.boolean("DEBUG", True, {"DEBUG": "maybe"})
    assert str(refusal.value) == "DEBUG='maybe' is not a boolean; use true or false."


@pytest.mark.parametrize("written", ["ten", "4.5", "9"])
def test_a_number_that_is_none_or_too_small_is_refused(written: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.integer("TASK_SECONDS", 600, least=10, environ={"TASK_SECONDS": written})
    assert str(refusal.value) == (
        f"TASK_SECONDS='{written}' is not a whole number of at least 10."
    )


def test_the_site_address_gives_origin_and_host() -> None:
    given = {"SITE_URL": "https://crosstalk.example:8443/"}
    assert env.site("SITE_URL", "", given) == (
        "https://crosstalk.example:8443",
        "crosstalk.example",
    )


@pytest.mark.parametrize("written", ["crosstalk.example", "https://a.example/path"])
def test_a_site_address_with_path_or_without_scheme_is_refused(written: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="use https://host without a path"):
        env.site("SITE_URL", "", {"SITE_URL": written})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("from the file\n")
    assert env.secret("SECRET_KEY", "", {"SECRET_KEY_FILE": str(path)}) == (
        "from the file"
    )


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="name a readable file or unset it"):
        env.secret("SECRET_KEY", "", {"SECRET_KEY_FILE": str(tmp_path / "absent")})


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    given = {"SECRET_KEY": "a", "SECRET_KEY_FILE": str(tmp_path)}
    with pytest.raises(ImproperlyConfigured, match="keep one of them"):
        env.secret("SECRET_KEY", "", given)


def test_a_postgres_address_is_taken_apart() -> None:
    url = "postgres://app:p%40ss@db.example:5433/crosstalk"
    database = env.database("DATABASE_URL", Path("x"), {"DATABASE_URL": url})
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "app",
        "p@ss",
        "db.example",
        "5433",
        "crosstalk",
    ]


def test_no_database_address_means_sqlite_in_wal_mode() -> None:
    database = env.database("DATABASE_URL", Path("var/db.sqlite3"), {})
    assert database["NAME"] == "var/db.sqlite3"
    assert "journal_mode=WAL" in str(database["OPTIONS"])


def test_another_database_is_refused_without_showing_its_password() -> None:
    url = "mysql://app:secret@db.example/crosstalk"
    with pytest.raises(ImproperlyConfigured) as refusal:
        env.database("DATABASE_URL", Path("x"), {"DATABASE_URL": url})
    assert "secret" not in str(refusal.value)
    assert "use postgres://user:password@host:5432/name" in str(refusal.value)


def test_another_broker_is_refused() -> None:
    given = {"CELERY_BROKER_URL": "amqp://guest@rabbit//"}
    with pytest.raises(ImproperlyConfigured, match="use redis://host:6379/0"):
        env.broker("CELERY_BROKER_URL", "filesystem://", given)
