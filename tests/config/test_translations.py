"""Pages speak the reader's language; a file in locale/ is all that a new one needs."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from config import translations
from recordings import sessions
from tests.recordings.factories import NOW, make_campaign, make_ready, make_take

PO = Path(translations.LOCALE, "fr", "LC_MESSAGES", "django.po")
POLISH = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Record"
msgstr "Nagraj"
"""


def texts(entry: polib.POEntry) -> list[str]:
    return [entry.msgstr, *entry.msgstr_plural.values()]


def test_every_text_of_the_recording_pages_is_in_french() -> None:
    known = {entry.msgid for entry in polib.pofile(str(PO)) if any(texts(entry))}
    root = settings.ROOT
    marked = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
    missing = [
        (path.name, text)
        for path in root.glob("templates/recordings/*.html")
        if not path.name.startswith("_inspection")  # for staff
        for text in map("".join, marked.findall(path.read_text()))
        if text not in known
    ]
    assert missing == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    place = re.compile(r"%\(\w+\)s|<[^>]+>|\{[^}]*\}")
    for entry in polib.pofile(str(PO)):
        expected = set(place.findall(entry.msgid + entry.msgid_plural))
        for text in filter(None, texts(entry)):
            assert set(place.findall(text)) <= expected, entry.msgid


def test_the_compiled_file_is_that_of_the_source() -> None:
    compiled = polib.mofile(str(PO.with_suffix(".mo")))
    source = [entry for entry in polib.pofile(str(PO)) if entry.translated()]
    assert {entry.msgid: texts(entry) for entry in compiled} == {
        entry.msgid: texts(entry) for entry in source
    }, "run ./manage.py translations"


def test_another_file_is_another_language(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "pl" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(POLISH)
    monkeypatch.setattr(translations, "LOCALE", tmp_path)
    translations.compile_all(tmp_path)
    assert translations.languages(tmp_path) == [("en", "English"), ("pl", "Polski")]
    call_command("translations")
    assert "django.mo" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_whole_way_is_in_french(client: Client) -> None:
    session, token = sessions.start(make_campaign(), now=NOW)
    french = {"HTTP_ACCEPT_LANGUAGE": "fr"}
    about = client.get(f"/record/session/{token}/about/", **french)  # type: ignore[arg-type]
    assert "Langue maternelle" in about.content.decode()
    check = client.get(f"/record/session/{token}/microphone/", **french)  # type: ignore[arg-type]
    assert "Lancer la vérification" in check.content.decode()
    make_ready(client, session)
    record = client.get(f"/record/session/{token}/", **french).content.decode()  # type: ignore[arg-type]
    assert "Lisez tous les deux à la fois" in record
    assert 'lang="fr"' in record


@pytest.mark.django_db
def test_a_refusal_is_in_french_too(client: Client) -> None:
    session, token = sessions.start(make_campaign(), now=NOW)
    address = f"/record/session/{token}/{make_take(session).number}/"
    told = {"receipt": "forged"}
    answer = client.post(f"{address}finish/", told, HTTP_ACCEPT_LANGUAGE="fr")
    assert answer.status_code == 422
    assert answer.json()["refusal"].startswith("Le reçu de cet envoi appartient à un")


@pytest.mark.django_db
def test_a_reader_chooses_her_language_and_it_stays(client: Client) -> None:
    make_campaign()
    answer = client.post("/language/", {"language": "fr"}, HTTP_REFERER="/record/")
    assert answer.status_code == 302
    page = client.get("/record/").content.decode()
    assert "Enregistrez deux voix à la fois" in page
    assert re.findall(r'lang="(?:en|fr)"[^>]*>(\w+)</button>', page) == [
        "English",
        "Français",
    ]
