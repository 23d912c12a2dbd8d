"""Draws predicted SI-SNR against MOS as an SVG that takes its colors from the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from leaderboard.agreement import Line

WIDTH, HEIGHT = 440, 390
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 34, 56
LOWEST, HIGHEST = 1, 5  # of a MOS
COLORS = 6  # --series-1 to --series-6
SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z",  # circle
    "M-4-4H4V4H-4z",  # square
    "M0-5.5L5 4H-5z",  # triangle
    "M0-6L5 0L0 6L-5 0z",  # diamond
    "M0 5.5L5-4H-5z",  # triangle on its tip
    "M-1.6-5H1.6V-1.6H5V1.6H1.6V5H-1.6V1.6H-5V-1.6H-1.6z",  # plus
)


@dataclass(frozen=True)
class Point:
    """A rated estimate; `series` numbers its separator from 0."""

    x: float
    y: float
    series: int
    label: str


@dataclass(frozen=True)
class Scale:
    """Maps dB and MOS to the picture's own units."""

    low: float
    high: float

    def x(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - LOWEST) / (HIGHEST - LOWEST)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def scatter(
    points: Sequence[Point],
    line: Line | None,
    *,
    title: str,
    description: str,
    is_simulated: bool,
) -> str:
    """The SVG element; with any simulated rating the picture itself says so."""
    step, scale = _scale([point.x for point in points])
    parts = [
        f'<svg class="agreement" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="plot-title plot-desc">',
        f'<title id="plot-title">{escape(title)}</title>',
        f'<desc id="plot-desc">{escape(description)}</desc>',
        *_axes(scale, step),
        *_fit(line, scale),
        *(_mark(point, scale) for point in points),
        *_warning(is_simulated),
        "</svg>",
    ]
    return "\n".join(parts)


def marker(series: int) -> str:
    """The mark of one separator, for the legend."""
    return (
        f'<svg class="marker {_color(series)}" viewBox="-7 -7 14 14" width="14" '
        'height="14" aria-hidden="true" focusable="false">'
        f'<path d="{_shape(series)}" fill="currentColor"/></svg>'
    )


def _color(series: int) -> str:
    return f"series-{series % COLORS + 1}"


def _shape(series: int) -> str:
    """Another one when the colors start again."""
    return SHAPES[(series + series // COLORS) % len(SHAPES)]


def _scale(values: Sequence[float]) -> tuple[float, Scale]:
    """The distance of ticks, and a scale from tick to tick around all values."""
    low, high = min(values, default=0.0), max(values, default=10.0)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if (high - low) / s <= 6)
    low, high = step * np.floor(low / step), step * np.ceil(high / step)
    if low == high:
        low, high = low - step, high + step
    return step, Scale(float(low), float(high))


def _axes(scale: Scale, step: float) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for score in range(LOWEST, HIGHEST + 1):
        y = scale.y(score)
        yield f'<path class="grid" d="M{LEFT} {y}H{right}"/>'
        yield _text(LEFT - 8, y + 5, str(score), "end")
    for value in np.arange(scale.low, scale.high + step / 2, step):
        x = scale.x(float(value))
        written = f"{value:g}".replace("-", "\N{MINUS SIGN}")
        yield f'<path class="grid" d="M{x} {TOP}V{bottom}"/>'
        yield _text(x, bottom + 20, written, "middle")
    yield f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>'
    yield _text((LEFT + right) / 2, HEIGHT - 10, "predicted SI-SNR (dB)", "middle")
    yield _text(4, 16, "MOS (1 to 5)", "start")


def _fit(line: Line | None, scale: Scale) -> Iterator[str]:
    if line is None:
        return
    x = [scale.x(value) for value in line.x]
    low, middle, high = (
        [scale.y(min(max(value, LOWEST), HIGHEST)) for value in values]
        for values in (line.low, line.y, line.high)
    )
    around = [*zip(x, high, strict=True), *zip(x[::-1], low[::-1], strict=True)]
    yield f'<path class="band" d="M{_path(around)}z"/>'
    yield f'<path class="fit" d="M{_path([*zip(x, middle, strict=True)])}"/>'


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x} {y}" for x, y in corners)


def _mark(point: Point, scale: Scale) -> str:
    return (
        f'<path class="mark {_color(point.series)}" d="{_shape(point.series)}" '
        f'transform="translate({scale.x(point.x)} {scale.y(point.y)})">'
        f"<title>{escape(point.label)}</title></path>"
    )


def _warning(is_simulated: bool) -> Iterator[str]:
    if is_simulated:
        yield _text(WIDTH - RIGHT, 16, "△ simulated ratings", "end", "warning")


def _text(x: float, y: float, words: str, anchor: str, look: str = "") -> str:
    look = f' class="{look}"' if look else ""
    place = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="14"'
    return f"<text{look} {place}>{escape(words)}</text>"
