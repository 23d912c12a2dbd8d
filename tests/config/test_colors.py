"""The colors that meet on a page differ enough, in both themes."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SITE = ROOT / "platform" / "config" / "static" / "site"
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
COLORS = {name: pair for name, *pair in PAIR.findall((SITE / "tokens.css").read_text())}
THEMES = {"light": 0, "dark": 1}
GROUNDS = ("paper", "surface", "sunken")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "blue") for ground in GROUNDS),
    *((tone, "surface") for tone in ("good", "danger", "amber-ink", "blue-deep")),
    *(("ink", f"{tone}-tint") for tone in ("blue", "amber", "good", "danger")),
    *((tone, f"{tone}-tint") for tone in ("blue", "good", "danger")),
    ("amber-ink", "amber-tint"),
    ("blue", "amber-tint"),
    ("ink-soft", "blue-tint"),
    ("danger", "paper"),
    ("good", "sunken"),
    ("on-blue", "blue"),
    ("on-blue", "blue-deep"),
    ("on-danger", "danger"),
    ("on-amber", "amber"),
    ("on-record", "record"),
    ("paper", "good"),
]
EDGES = [
    *(("line-strong", ground) for ground in GROUNDS),
    *((f"series-{number}", "surface") for number in range(1, 7)),
    ("blue", "paper"),
    ("record", "paper"),
    ("danger", "surface"),
]


def luminance(color: str) -> float:
    """Relative luminance, 0 to 1. Source: WCAG 2.2, "relative luminance"."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 to 21. Source: WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_known_colors() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(text: str, ground: str, theme: str) -> None:
    pick = THEMES[theme]
    assert contrast(COLORS[text][pick], COLORS[ground][pick]) >= 4.5  # WCAG 1.4.3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_marks_can_be_seen(edge: str, ground: str, theme: str) -> None:
    pick = THEMES[theme]
    assert contrast(COLORS[edge][pick], COLORS[ground][pick]) >= 3  # WCAG 1.4.11


def test_every_color_has_a_light_and_a_dark_value() -> None:
    named = re.findall(r"--([\w-]+): [^;]*#", (SITE / "tokens.css").read_text())
    assert set(named) - {"shadow"} == set(COLORS)


@pytest.mark.parametrize(
    "sheet", sorted(SITE.glob("*.css")), ids=lambda path: path.name
)
def test_style_sheets_name_only_properties_that_exist(sheet: Path) -> None:
    defined = set(re.findall(r"--([\w-]+):", (SITE / "tokens.css").read_text())) | {
        "tone"
    }
    used = set(re.findall(r"var\(--([\w-]+)", sheet.read_text()))
    assert used <= defined
