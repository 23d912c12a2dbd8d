"""What a training shows and leaves behind: a bar on the terminal, a CSV."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm import tqdm

from estimator.training_loop import Report

PER_MILLE = 1000
LOG_EVERY = 20  # steps; what is measured on held-out speakers is always written


def shown(reports: Iterable[Report]) -> Iterator[Report]:
    """Pass the reports on, with share of the budget, time left and errors shown."""
    bar = tqdm(total=PER_MILLE, desc="training", unit="‰")
    with bar:
        for report in reports:
            bar.update(min(PER_MILLE, int(PER_MILLE * report.done)) - bar.n)
            bar.set_postfix_str(
                f"step {report.steps}, MAE {report.mae_db:.2f} dB", refresh=False
            )
            if report.held_out_mae_db is not None:
                bar.write(
                    f"step {report.steps}: held-out speakers MAE "
                    f"{report.held_out_mae_db:.2f} dB, "
                    f"bias {report.held_out_bias_db:+.2f} dB"
                )
            yield report


def written(reports: Iterable[Report], path: Path, *, anew: bool) -> Iterator[Report]:
    """Pass the reports on and write some of them, one row each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w" if anew else "a", newline="") as file:
        writer = csv.writer(file)
        if anew:
            writer.writerow(Report._fields)
        for report in reports:
            if report.steps % LOG_EVERY == 0 or report.held_out_mae_db is not None:
                writer.writerow("" if x is None else round(x, 6) for x in report)
                file.flush()
            yield report
