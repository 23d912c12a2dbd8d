"""The standings and rated estimates of a campaign as CSV and JSON."""

import csv
import io
from dataclasses import asdict
from typing import Any

from leaderboard.board import Board, RatedEstimate
from leaderboard.estimates import FLOOR_DB
from leaderboard.means import Mean
from leaderboard.standings import Standing


def as_csv(shown: Board) -> str:
    """One line per separator; an empty field is a blank, never a zero."""
    lines = [_flat(row, shown) for row in shown.standings]
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=list(lines[0]) if lines else [])
    writer.writeheader()
    writer.writerows(lines)
    return written.getvalue()


def as_json(shown: Board) -> dict[str, Any]:
    """The board with its rated estimates, from which its figures can be recomputed."""
    return {
        "campaign": shown.campaign.slug,
        "mixtures": shown.mixtures,
        "estimator": _estimator(shown),
        "no_output_floor_db": FLOOR_DB,
        "ratings": shown.ratings,
        "simulated_ratings": shown.simulated_ratings,
        "standings": [_flat(row, shown) for row in shown.standings],
        "agreement": asdict(shown.agreement),
        "rated_estimates": [_point(row) for row in shown.rated],
    }


def _estimator(shown: Board) -> dict[str, Any] | None:
    if shown.estimator is None:
        return None
    names = ("name", "revision", "low_db", "high_db")
    return {name: getattr(shown.estimator, name) for name in names}


def _flat(row: Standing, shown: Board) -> dict[str, Any]:
    separator, mos = row.separator, row.mos
    return {
        "campaign": shown.campaign.slug,
        f"rank_by_{shown.key}": row.rank,
        "separator": separator.name,
        "revision": separator.revision,
        "is_anchor": row.is_anchor,
        "mixtures": row.mixtures,
        **_mean("predicted_si_snr_db", row.predicted),
        "estimator": shown.estimator.name if shown.estimator else None,
        "estimator_revision": shown.estimator.revision if shown.estimator else None,
        "share_at_estimator_limits": row.share_at_limits,
        "share_no_output": row.share_no_output,
        **_mean("measured_si_snr_db", row.measured),
        **_mean("measured_si_snr_improvement_db", row.improvement),
        "mos": mos.mean if mos else None,
        "mos_low": mos.low if mos else None,
        "mos_high": mos.high if mos else None,
        "ratings": row.ratings,
        "raters": row.raters,
        "simulated_ratings": row.simulated_ratings,
        "is_preliminary": row.is_preliminary,
        "real_time_factor": row.real_time_factor,
        "parameters": separator.parameters,
        "licence": separator.licence,
    }


def _mean(name: str, mean: Mean | None) -> dict[str, float | None]:
    return {
        name: mean.mean if mean else None,
        f"{name}_low": mean.low if mean else None,
        f"{name}_high": mean.high if mean else None,
    }


def _point(row: RatedEstimate) -> dict[str, Any]:
    names = ("mixture", "source", "predicted_si_snr_db", "mos", "ratings")
    return {
        "separator": row.separator.name,
        **{name: getattr(row, name) for name in names},
        "simulated_ratings": row.simulated_ratings,
    }
