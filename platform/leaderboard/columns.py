"""The columns of the standings and the links that sort by them."""

from dataclasses import dataclass

from leaderboard.standings import DEFAULT_KEY, KEYS


@dataclass(frozen=True)
class Sort:
    """An order of the table as it is written in an address: `mos` or `-mos`."""

    key: str = DEFAULT_KEY
    worst_first: bool = False

    @classmethod
    def read(cls, text: str) -> "Sort | None":
        """None if there is no such column."""
        key = text.removeprefix("-") or DEFAULT_KEY
        return cls(key, text.startswith("-")) if key in KEYS else None


@dataclass(frozen=True)
class Column:
    label: str
    unit: str
    link: str
    aria_sort: str
    hint: str


LABELS = {
    "predicted": ("Predicted SI-SNR", "dB"),
    "mos": ("MOS", "1 to 5"),
    "measured": ("Measured SI-SNR", "dB"),
    "improvement": ("Measured SI-SNRi", "dB"),
    "speed": ("Real-time factor", ""),
    "parameters": ("Parameters", ""),
}


def columns(sort: Sort) -> list[Column]:
    """A link on the column in use turns its order round."""
    return [_column(name, *LABELS[name], sort) for name in LABELS]


def _column(name: str, label: str, unit: str, sort: Sort) -> Column:
    in_use = name == sort.key
    turn = in_use and not sort.worst_first
    return Column(
        label=label,
        unit=unit,
        link=f"?sort={'-' if turn else ''}{name}",
        aria_sort=_direction(name, sort) if in_use else "",
        hint="worst first" if turn else "best first",
    )


def _direction(name: str, sort: Sort) -> str:
    """In terms of the number, as aria-sort has it, not of good and bad."""
    is_falling = KEYS[name].higher_is_better is not sort.worst_first
    return "descending" if is_falling else "ascending"
