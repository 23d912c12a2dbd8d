"""The picture shows the numbers it was given, and says when they are simulated."""

import re
from xml.etree import ElementTree

import pytest

from leaderboard import plot
from leaderboard.agreement import Line
from leaderboard.plot import Point

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [
    Point(0.0, 1.0, 0, "one: 0.0 dB, MOS 1.0"),
    Point(5.0, 3.0, 1, "two: 5.0 dB, MOS 3.0"),
    Point(10.0, 5.0, 2, "three <&>: 10.0 dB, MOS 5.0"),
]
LINE = Line([0.0, 10.0], [1.0, 5.0], [0.5, 4.0], [2.0, 5.5])


def draw(
    points: list[Point] = POINTS,
    line: Line | None = None,
    *,
    is_simulated: bool = False,
) -> ElementTree.Element:
    drawn = plot.scatter(
        points,
        line,
        title="MOS against predicted SI-SNR",
        description="Three estimates",
        is_simulated=is_simulated,
    )
    return ElementTree.fromstring(
        drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def marks(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [e for e in svg.iter(f"{SVG}path") if "mark" in e.get("class", "")]


def place(mark: ElementTree.Element) -> tuple[float, float]:
    found = re.findall(r"-?[\d.]+", mark.get("transform", ""))
    return float(found[0]), float(found[1])


def words(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def corners(svg: ElementTree.Element, name: str) -> list[tuple[float, float]]:
    (path,) = (e for e in svg.iter(f"{SVG}path") if e.get("class") == name)
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_points_stand_where_their_numbers_say() -> None:
    left, right = plot.LEFT, plot.WIDTH - plot.RIGHT
    top, bottom = plot.TOP, plot.HEIGHT - plot.BOTTOM
    assert [place(mark) for mark in marks(draw())] == [
        (left, bottom),
        ((left + right) / 2, (top + bottom) / 2),
        (right, top),
    ]


def test_each_point_tells_its_numbers_and_is_escaped() -> None:
    told = [mark.findtext(f"{SVG}title") for mark in marks(draw())]
    assert told == [point.label for point in POINTS]


def test_separators_differ_in_color_and_shape_and_never_in_color_alone() -> None:
    points = [Point(1.0, 2.0, series, "") for series in range(36)]
    looks = [(mark.get("class"), mark.get("d")) for mark in marks(draw(points))]
    assert len(set(looks)) == 36
    assert len({shape for _, shape in looks[:6]}) == 6


def test_the_line_and_its_band_stay_inside_the_scale() -> None:
    svg = draw(line=LINE)
    left, right = plot.LEFT, plot.WIDTH - plot.RIGHT
    top, bottom = plot.TOP, plot.HEIGHT - plot.BOTTOM
    assert corners(svg, "fit") == [(left, bottom), (right, top)]
    heights = [y for _, y in corners(svg, "band")]
    assert min(heights) == top and max(heights) == bottom


def test_no_line_is_drawn_without_one() -> None:
    assert not [e for e in draw().iter() if e.get("class") in ("fit", "band")]


@pytest.mark.parametrize("is_simulated", [True, False])
def test_simulated_ratings_are_named_in_the_picture_itself(is_simulated: bool) -> None:
    svg = draw(is_simulated=is_simulated)
    assert ("△ simulated ratings" in words(svg)) is is_simulated


def test_ticks_are_written_with_a_true_minus() -> None:
    points = [Point(-12.0, 2.0, 0, ""), Point(9.0, 4.0, 0, "")]
    assert [word for word in words(draw(points)) if word.lstrip("−").isdigit()] == [
        *("1", "2", "3", "4", "5"),
        *("−15", "−10", "−5", "0", "5", "10"),
    ]


@pytest.mark.parametrize("points", [[], POINTS[:1], POINTS[:1] * 3])
def test_few_or_equal_points_still_have_a_scale(points: list[Point]) -> None:
    svg = draw(points)
    assert len(marks(svg)) == len(points)
    assert all(plot.LEFT <= place(m)[0] <= plot.WIDTH for m in marks(svg))


def test_the_picture_has_a_name_and_no_inline_style() -> None:
    svg = draw(line=LINE, is_simulated=True)
    assert svg.get("role") == "img"
    assert svg.findtext(f"{SVG}title") == "MOS against predicted SI-SNR"
    assert svg.findtext(f"{SVG}desc") == "Three estimates"
    assert not [e for e in svg.iter() if e.get("style") or e.tag == f"{SVG}style"]


def test_the_legend_shows_the_mark_of_the_points() -> None:
    svg = draw()
    for mark in marks(svg):
        series = POINTS[marks(svg).index(mark)].series
        assert mark.get("d", "?") in plot.marker(series)
        assert mark.get("class", "?").split()[1] in plot.marker(series)
