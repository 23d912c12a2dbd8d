"""How numbers are written."""

import pytest

from leaderboard.templatetags import figures


@pytest.mark.parametrize(
    ("value", "digits", "written"),
    [
        (8.449, 1, "8.4"),
        (-7.5, 1, "−7.5"),
        (-0.04, 1, "0.0"),
        (1234.5, 0, "1,234"),
        (None, 1, "–"),
    ],
)
def test_numbers(value: float | None, digits: int, written: str) -> None:
    assert figures.number(value, digits) == written


@pytest.mark.parametrize(
    ("share", "written"),
    [(0.0, "0 %"), (0.004, "<1 %"), (0.5, "50 %"), (0.997, ">99 %"), (None, "–")],
)
def test_shares_never_round_to_none_or_all(share: float | None, written: str) -> None:
    assert figures.percent(share).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("count", "written"), [(0, "0"), (512, "512"), (5_100_000, "5.1 M")]
)
def test_counts(count: int, written: str) -> None:
    assert figures.large(count).replace("\u00a0", " ") == written


@pytest.mark.parametrize(
    ("value", "written"), [(0.03679, "0.037"), (0.00036, "<0.001"), (None, "–")]
)
def test_a_factor_is_never_written_as_nothing(
    value: float | None, written: str
) -> None:
    assert figures.factor(value) == written
