"""A picture of predicted against measured SI-SNR."""

import textwrap
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

BIN_DB = 1.0
MARGIN_DB = 1.0


def draw(
    path: Path,
    *,
    measured_db: NDArray[np.floating],
    predicted_db: NDArray[np.floating],
    title: str,
) -> None:
    """Write a 2-D histogram of (estimate,) pairs as PNG, with the line of agreement."""
    both = np.concatenate([measured_db, predicted_db])
    low, high = np.floor(both.min()) - MARGIN_DB, np.ceil(both.max()) + MARGIN_DB
    edges = np.arange(low, high + BIN_DB, BIN_DB)
    counts, *_ = np.histogram2d(measured_db, predicted_db, [edges, edges])
    figure = Figure(figsize=(6, 5.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shown = axes.pcolormesh(
        edges,
        edges,
        np.ma.masked_equal(counts.T, 0),
        norm=LogNorm(1, max(counts.max(), 2)),
        cmap="viridis",
    )
    axes.plot([low, high], [low, high], color="tab:red", linewidth=1)
    axes.set(
        xlabel="measured SI-SNR (dB)",
        ylabel="predicted SI-SNR (dB)",
        title=textwrap.fill(title, 52),
        aspect="equal",
    )
    figure.colorbar(shown, label=f"estimates per {BIN_DB:g} dB x {BIN_DB:g} dB")
    figure.savefig(path, dpi=120, metadata={"Software": None})
