"""Commands that measure an estimator: manifest, evaluate, leave-out."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from estimator.evaluation import leave_out
from estimator.evaluation.building import Plan, build
from estimator.evaluation.evaluate import HIGH_DB, LOW_DB, evaluate
from estimator.evaluation.leave_out import CORPUS, FAMILY
from estimator.evaluation.manifest import read_manifest
from estimator.evaluation.resampling import DRAWS
from estimator.evaluation.tables import readable
from estimator.material import pool
from estimator.material.recordings import Recordings
from estimator.material.scene import IMAGE, REFERENCES
from estimator.prediction import DB, Estimator
from estimator.registry import load

Command = Callable[[argparse.Namespace], None]
Commands = Any  # argparse gives what add_subparsers returns no public name


def add_to(commands: Commands) -> None:
    """Add these commands to a parser's subcommands."""
    many = _command(commands, "evaluate", _evaluate, "Compare with measured SI-SNR.")
    many.add_argument("manifest", type=Path)
    many.add_argument("--estimator", default="default", metavar="NAME")
    many.add_argument("--device", default="cpu")
    many.add_argument("--json", type=Path, metavar="FILE", help="all figures and rows")
    many.add_argument("--plot", type=Path, metavar="FILE", help="2-D histogram, PNG")
    many.add_argument("--draws", type=int, default=DRAWS, help="of the bootstrap")
    many.add_argument(
        "--range",
        type=float,
        nargs=2,
        default=(LOW_DB, HIGH_DB),
        metavar=("LOW", "HIGH"),
        help="dB of truth that the figures are over",
    )

    made = _command(commands, "manifest", _manifest, "Make mixtures to measure on.")
    made.add_argument("--speech", type=Path, required=True, metavar="DIR")
    made.add_argument("--noise", type=Path, metavar="DIR", help="its split dev, if any")
    made.add_argument("--rir", type=Path, metavar="DIR")
    made.add_argument(
        "--separators", nargs="*", metavar="NAME", help="default: all here"
    )
    made.add_argument("--mixtures", type=int, default=400)
    made.add_argument("--seconds", type=float, default=4.0)
    made.add_argument("--speakers", type=int, default=2)
    made.add_argument("--seed", type=int, default=0)
    made.add_argument("--reference", choices=REFERENCES, default=IMAGE)
    made.add_argument(
        "--scaled",
        action="store_true",
        help="add estimates with louder or softer errors",
    )
    made.add_argument("--out", type=Path, required=True, metavar="DIR")
    _add_leave_out(
        _command(commands, "leave-out", _leave_out, "Train without, measure on.")
    )


def _add_leave_out(apart: argparse.ArgumentParser) -> None:
    apart.add_argument("--by", choices=(FAMILY, CORPUS), required=True)
    apart.add_argument("--speech", type=Path, required=True, metavar="DIR")
    for name, about in (
        ("noise", "recorded noises"),
        ("rir", "room responses"),
        ("dev", "speakers for the figures of each card"),
    ):
        apart.add_argument(f"--{name}", type=Path, metavar="DIR", help=about)
    apart.add_argument("--separators", nargs="*", metavar="NAME", help="default: all")
    apart.add_argument("--only", nargs="*", default=(), metavar="NAME")
    apart.add_argument("--manifest", type=Path, help="to measure families on")
    apart.add_argument("--mixtures", type=int, default=100, help="of each corpus")
    apart.add_argument("--minutes", type=float, default=30.0, help="of each training")
    apart.add_argument("--seed", type=int, default=0)
    apart.add_argument("--draws", type=int, default=DRAWS, help="of the bootstrap")
    apart.add_argument("--out", type=Path, required=True, metavar="DIR")


def _command(
    commands: Commands, name: str, command: Command, about: str
) -> argparse.ArgumentParser:
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=about
    )
    added.set_defaults(command=command)
    return added


def _manifest(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    names = options.separators or pool.offline(options.speakers)
    separators = pool.separators_named(names, (options.speakers,))
    plan = Plan(
        mixtures=options.mixtures,
        seconds=options.seconds,
        speakers=options.speakers,
        seed=options.seed,
        reference=options.reference,
        scaled=options.scaled,
    )
    with tqdm(total=plan.mixtures, unit="mixture") as bar:
        about = build(
            options.out,
            speech=Recordings.under(options.speech),
            noise=Recordings.under(options.noise, "dev") if options.noise else None,
            rooms=Recordings.under(options.rir) if options.rir else None,
            separators=list(separators.values()),
            plan=plan,
            on_mixtures=bar.update,
        )
    print(json.dumps(about, indent=2))


def _leave_out(options: argparse.Namespace) -> None:
    from estimator.evaluation import folds  # trains, and so needs the separators

    folders = folds.Folders(options.speech, options.noise, options.rir, options.dev)
    names = options.separators or pool.offline()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.by == FAMILY and options.manifest is None:
        raise ValueError(
            "families are measured on a manifest; build one by "
            "`python -m estimator manifest` and name it by --manifest"
        )
    apart = (
        folds.by_family(options.manifest, names, options.only)
        if options.by == FAMILY
        else folds.by_corpus(
            folders,
            names,
            options.out,
            mixtures=Plan(mixtures=options.mixtures, seed=options.seed),
            only=options.only,
        )
    )
    train = folds.trainer(folders, options.minutes, options.seed)
    print(leave_out.readable(leave_out.run(apart, train, options.out, options.draws)))


def _evaluate(options: argparse.Namespace) -> None:
    estimator = load(options.estimator, options.device)
    low_db, high_db = options.range
    report = evaluate(
        estimator,
        read_manifest(options.manifest),
        low_db=low_db,
        high_db=high_db,
        draws=options.draws,
    )
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    if options.plot:
        _plot(estimator, report, options.plot)
    print(readable(report))
    for row in report["refused"]:
        print(f"left out {row['mixture']}: {row['reason']}", file=sys.stderr)


def _plot(estimator: Estimator, report: dict[str, Any], path: Path) -> None:
    """Raises ValueError for an estimator that does not speak of SI-SNR."""
    import numpy as np

    from estimator.evaluation import plot  # matplotlib takes half a second to import

    if estimator.unit != DB:
        raise ValueError(
            f"{estimator.name} answers in {estimator.unit}, which has no line of "
            "agreement with dB; leave out --plot"
        )
    overall = report["overall"]["figures"]
    plot.draw(
        path,
        measured_db=np.array([row["si_snr_db"] for row in report["estimates"]]),
        predicted_db=np.array(
            [row["predicted_si_snr_db"] for row in report["estimates"]]
        ),
        title=f"{estimator.name}: r {overall['pearson'][0]:.2f}, "
        f"L1 {overall['l1_db'][0]:.2f} dB",
    )
