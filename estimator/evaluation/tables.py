"""An evaluation as a table to read."""

from collections.abc import Mapping
from typing import Any

FIGURES = (
    ("pearson", "r", 2),
    ("spearman", "rho", 2),
    ("kendall", "tau", 2),
    ("l1_db", "L1 dB", 2),
    ("rmse_db", "RMSE dB", 2),
    ("bias_db", "bias dB", 2),
    ("inside_68", "in 68 %", 2),
    ("inside_95", "in 95 %", 2),
    ("out_of_domain", "flagged", 2),
)
WIDTH = 24  # of the first column


def readable(report: Mapping[str, Any]) -> str:
    """The report's tables as plain text."""
    low, high = report["range_db"]
    overall = report["overall"]
    parts = [
        f"{report['estimator']} on {overall['n']} estimates of {overall['mixtures']} "
        f"mixtures, truth within {low:g}..{high:g} dB ({report['outside']} outside), "
        f"reference: {', '.join(report['reference'])}.",
        "In brackets: 95 % interval over mixtures.",
        _table("", {"all": overall, "separators' own": report["own_outputs"]}),
        _short("within a separator", report["separators"]),
        _short("of a corpus", report["corpora"]),
        _short("true SI-SNR", report["bands"]),
        _order(report),
        _few(report.get("few_references", {})),
    ]
    return "\n\n".join(part for part in parts if part)


def cell(figure: list[float | None] | None, digits: int = 2) -> str:
    """`0.93 [0.91, 0.95]`, or a dash."""
    if not figure or figure[0] is None:
        return "-"
    value, low, high = figure
    if low is None or high is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def _table(title: str, groups: Mapping[str, Any]) -> str:
    """Figures down, groups across."""
    lines = [title.ljust(12) + "".join(name.rjust(WIDTH) for name in groups)]
    for key, name, digits in FIGURES:
        cells = [cell(group["figures"].get(key), digits) for group in groups.values()]
        if any(text != "-" for text in cells):
            lines.append(name.ljust(12) + "".join(text.rjust(WIDTH) for text in cells))
    return "\n".join(lines)


def _short(title: str, groups: Mapping[str, Any]) -> str:
    """Groups down, the main figures across."""
    shown = ("pearson", "spearman", "l1_db", "bias_db", "inside_95", "out_of_domain")
    names = {key: name for key, name, _ in FIGURES}
    if not groups:
        return ""
    lines = [title.ljust(WIDTH) + "n".rjust(7)]
    lines[0] += "".join(names[key].rjust(22) for key in shown)
    for name, group in groups.items():
        cells = [cell(group["figures"].get(key)).rjust(22) for key in shown]
        lines.append(name.ljust(WIDTH) + str(group["n"]).rjust(7) + "".join(cells))
    return "\n".join(lines)


def _order(report: Mapping[str, Any]) -> str:
    """How well separators are put in order."""
    within, systems = report["within_mixtures"], report["systems"]
    lines = []
    if within["mixtures"]:
        lines.append(
            f"Within a mixture, rho over its separators: {cell(within['spearman'])}, "
            f"mean of {within['mixtures']} mixtures."
        )
    if len(systems["ranking"]) > 1:
        lines.append("separator".ljust(WIDTH) + "measured".rjust(26) + "said".rjust(26))
        lines += [
            one["name"].ljust(WIDTH)
            + cell(one["measured_db"]).rjust(26)
            + cell(one["predicted"]).rjust(26)
            for one in systems["ranking"]
        ]
    if "pearson" in systems:
        lines.append(
            f"Their means: r {cell(systems['pearson'])}, rho "
            f"{cell(systems['spearman'])}, tau {cell(systems['kendall'])}."
        )
    return "\n".join(lines)


def _few(groups: Mapping[str, Any]) -> str:
    """L1 before and after calibration on a few mixtures."""
    rows = {
        name: figures for group in groups.values() for name, figures in group.items()
    }
    if not rows:
        return ""
    head = "L1 dB, 4 reference mixtures".ljust(WIDTH + 6)
    lines = [head + "".join(n.rjust(22) for n in ("before", "shift", "affine"))]
    for name, figures in rows.items():
        cells = [cell(figures[key]).rjust(22) for key in ("before", "shift", "affine")]
        lines.append(name.ljust(WIDTH + 6) + "".join(cells))
    return "\n".join(lines)
