"""Manifests: which estimates belong to which mixture, and what they are."""

import csv
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One mixture of the manifest with one separator's estimates and the references."""

    mixture: Path
    estimates: list[Path]
    references: list[Path]
    separator: str = ""
    corpus: str = ""
    scaled: float = 1.0  # gain of the error; 1 for a separator's own output
    reference: str = "image"


def read_manifest(manifest: Path) -> list[Row]:
    """Rows of a CSV with columns mixture, estimate_1, ..., reference_1, ...

    Columns separator, corpus, scaled and reference are used where they are there;
    relative paths are taken from the manifest's own folder.

    Raises:
        ValueError: if columns are missing or do not pair up, or `scaled` is no number.
    """
    with manifest.open(newline="") as lines:
        table = csv.DictReader(lines)
        columns = list(table.fieldnames or [])
        estimates, references = (
            _numbered(columns, "estimate"),
            _numbered(columns, "reference"),
        )
        if "mixture" not in columns or len(estimates) < 2:
            raise ValueError(
                f"{manifest} has the columns {', '.join(columns)}; expected mixture, "
                "estimate_1, estimate_2, ..., reference_1, reference_2, ..."
            )
        if len(estimates) != len(references):
            raise ValueError(
                f"{manifest} has {len(estimates)} estimate and {len(references)} "
                "reference columns; give one reference for each estimate"
            )
        folder = manifest.parent
        return [
            Row(
                folder / line["mixture"],
                [folder / line[name] for name in estimates],
                [folder / line[name] for name in references],
                line.get("separator") or "",
                line.get("corpus") or "",
                _gain(manifest, line.get("scaled") or "1"),
                line.get("reference") or "image",
            )
            for line in table
        ]


def _numbered(columns: list[str], role: str) -> list[str]:
    return [name for name in columns if name.startswith(f"{role}_")]


def _gain(manifest: Path, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(
            f"{manifest} has {text!r} in column scaled; expected the gain of the "
            "error as a number, 1 for a separator's own output"
        ) from None
