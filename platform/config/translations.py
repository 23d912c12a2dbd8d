"""The languages of the site: one file each in locale/, compiled without gettext."""

from pathlib import Path

from django.conf.locale import LANG_INFO

LOCALE = Path(__file__).resolve().parent.parent.parent / "locale"


def languages(folder: Path = LOCALE) -> list[tuple[str, str]]:
    """English and every language that has a compiled file, by its own name."""
    files = sorted(folder.glob("*/LC_MESSAGES/django.mo"))
    codes = ["en", *(path.parent.parent.name for path in files)]
    return [(code, own_name(code)) for code in codes]


def own_name(code: str) -> str:
    known = LANG_INFO.get(code.lower().replace("_", "-"), {})
    return str(known.get("name_local", code)).capitalize()


def compile_all(folder: Path = LOCALE) -> list[Path]:
    """Write django.mo beside every django.po; returns what was written."""
    import polib  # for those who translate; a site only reads what is compiled

    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/django.po")):
        target = source.with_suffix(".mo")
        polib.pofile(str(source)).save_as_mofile(str(target))
        written.append(target)
    return written
