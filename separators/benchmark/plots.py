"""The plots of time and memory over the length of the mixture, from a report."""

from pathlib import Path
from typing import Any

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
MARKERS = "osD^vP*"  # told apart without color too; Okabe and Ito's colors
PANELS = (
    ("median_s", "time for one call (s)"),
    ("peak_memory_mib", "peak memory beyond the model (MiB)"),
)
LEAST = {"median_s": 1e-5, "peak_memory_mib": 0.1}  # below it nothing is told apart
SUBDIVISIONS = {"median_s": (1.0,), "peak_memory_mib": (1.0, 2.0, 5.0)}


def plot(report: dict[str, Any], path: Path) -> None:
    """Draw a report of `benchmark` to PNG, SVG or PDF, as the ending says.

    After Subakan et al., "Attention is all you need in speech separation", Fig. 3.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    entries = 1 + 2 * len(report["separators"])
    figure = Figure(figsize=(9.5, 4.5 + 0.12 * entries), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (key, label) in zip(figure.subplots(1, 2), PANELS, strict=True):
        for number, row in enumerate(report["separators"]):
            _draw(axes, row, key, number)
        _dress(axes, report, key, label)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    about = report["machine"]
    batch = report["rule"]["batch"]
    where = about.get("gpu") or (
        f"{about['processor']}, {_counted(about['threads'], 'thread')}"
    )
    figure.suptitle(f"{where}; {_counted(batch, 'mixture')} in a call")
    figure.savefig(path, dpi=150)


def _draw(axes: Any, row: dict[str, Any], key: str, number: int) -> None:
    color = COLORS[number % len(COLORS)]
    style = {"color": color, "marker": MARKERS[number % len(MARKERS)], "markersize": 5}
    if any(at[key] is None for at in row["lengths"]):
        return
    seconds = [at["mixture_s"] for at in row["lengths"]]
    values = [max(LEAST[key], at[key]) for at in row["lengths"]]
    axes.plot(seconds, values, label=_title(row), **style)
    peers = [at["speechbrain"] for at in row["lengths"]]
    if all(peers):
        theirs = [max(LEAST[key], peer[key]) for peer in peers]
        label = f"{_title(row)}, SpeechBrain's call"
        axes.plot(seconds, theirs, label=label, linestyle=":", mfc="white", **style)


def _title(row: dict[str, Any]) -> str:
    speed = "" if row["speed"] == "exact" else f", {row['speed']}"
    weights = " (random weights)" if row["has_random_weights"] else ""
    return f"{row['name']}{weights}{speed}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _dress(axes: Any, report: dict[str, Any], key: str, label: str) -> None:
    from matplotlib.ticker import LogLocator

    seconds = sorted(
        {at["mixture_s"] for row in report["separators"] for at in row["lengths"]}
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(seconds, [f"{length:g}" for length in seconds])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(LogLocator(subs=SUBDIVISIONS[key]))
    axes.yaxis.set_major_formatter("{x:g}")
    if key == "median_s":
        sound = [report["rule"]["batch"] * length for length in seconds]
        axes.plot(seconds, sound, color="0.6", linestyle="--", label="real time")
    axes.set_xlabel("length of the mixture (s)")
    axes.set_ylabel(label)
    axes.grid(True, color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
