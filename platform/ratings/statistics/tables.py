"""Scores by (rater, item) as an array, NaN where nothing was scored."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Scores in `values`, (rater, item); the keys of its rows and columns."""

    values: Floats
    raters: list[int]
    items: list[int]


def of(scores: Mapping[tuple[int, int], float]) -> Table:
    """The table of scores known by (rater, item), both in rising order."""
    raters = sorted({rater for rater, _ in scores})
    items = sorted({item for _, item in scores})
    row = {rater: at for at, rater in enumerate(raters)}
    column = {item: at for at, item in enumerate(items)}
    values = np.full((len(raters), len(items)), np.nan)
    for (rater, item), score in scores.items():
        values[row[rater], column[item]] = score
    return Table(values, raters, items)


def check_complete(values: Floats) -> None:
    """Refuse a table with a blank, for formulas that know none."""
    blank = int(np.isnan(values).sum())
    if blank or not values.size:
        raise ValueError(
            f"{blank} of {values.size} scores are missing; this formula needs every "
            "rater's score for every item. Use the form for incomplete tables."
        )
