"""Command line of the estimator: predict, evaluate, train, benchmark."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from estimator import benchmark, consensus_command
from estimator.audio import read_together
from estimator.evaluation import commands as evaluation
from estimator.prediction import Estimator
from estimator.registry import load

Command = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 2 if it refuses what it was given."""
    options = _parser().parse_args(arguments)
    command: Command = options.command
    try:
        command(options)
    except ValueError as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m estimator", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=about, description=about)
        added.set_defaults(command=command)
        if name != "train":
            added.add_argument("--estimator", default="default", metavar="NAME")
            added.add_argument("--device", default="cpu")
        return added

    one = add("predict", _predict, "Predict the SI-SNR of the estimates of a mixture.")
    one.add_argument("mixture", type=Path)
    one.add_argument("estimates", type=Path, nargs="+")
    one.add_argument("--json", action="store_true", help="with curve, to be parsed")
    evaluation.add_to(commands)
    cost = add("benchmark", _benchmark, "Measure what a prediction costs.")
    cost.add_argument("--json", type=Path, metavar="FILE")
    cost.add_argument("--repeats", type=int, default=benchmark.REPEATS, metavar="N")
    consensus_command.add_to(commands)
    _add_training(add("train", _train, "Train an estimator on mixtures of speech."))
    return parser


def _add_training(parser: argparse.ArgumentParser) -> None:
    for name, about in (
        ("speech", "one folder of recordings for each speaker"),
        ("noise", "recorded noises"),
        ("rir", "room responses, one folder for each room"),
        ("dev", "speakers to measure on, none of them in --speech"),
    ):
        parser.add_argument(
            f"--{name}",
            type=Path,
            metavar="DIR",
            help=about,
            required=name == "speech",
        )
    for flag in ("--separators", "--unseen-separators"):
        parser.add_argument(flag, nargs="*", default=[], metavar="NAME")
    parser.add_argument(
        "--attributions", type=Path, metavar="FILE", help="lines for the card"
    )
    parser.add_argument("--start", metavar="NAME", help="estimator to go on from")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)


def _predict(options: argparse.Namespace) -> None:
    signals, sample_rate = read_together([options.mixture, *options.estimates])
    estimator = _load(options)
    prediction = estimator.predict(signals[:1], signals[None, 1:], sample_rate)
    columns = (
        options.estimates,
        prediction.si_snr_db[0].tolist(),
        prediction.std_db[0].tolist(),
        prediction.in_domain[0].tolist(),
        prediction.curve_db[0].tolist(),
    )
    if options.json:
        names = ("estimate", "predicted_si_snr_db", "std_db", "in_domain", "curve_db")
        rows = [
            dict(zip(names, (str(row[0]), *row[1:]), strict=True))
            for row in zip(*columns, strict=True)
        ]
        print(
            json.dumps(
                {
                    "estimator": estimator.name,
                    "revision": estimator.revision,
                    "curve_frame_rate": prediction.frame_rate,
                    "estimates": rows,
                },
                indent=2,
            )
        )
        return
    for path, si_snr_db, std_db, in_domain, _ in zip(*columns, strict=True):
        doubt = "" if in_domain else "  (unlike what the estimator learned from)"
        print(f"{path}: {si_snr_db:.1f} dB, give or take {std_db:.1f} dB{doubt}")


def _benchmark(options: argparse.Namespace) -> None:
    report = benchmark.benchmark(
        _load(options), batches=benchmark.BATCHES, repeats=options.repeats
    )
    report["memory"] = benchmark.memory(options.estimator)
    _write(options.json, report)
    print(json.dumps(report, indent=2))


def _train(options: argparse.Namespace) -> None:
    from estimator import train  # it alone may need the separators

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    material = train.material(
        options.speech, noise=options.noise, rooms=options.rir, dev=options.dev
    )
    plan = train.Plan(
        minutes=options.minutes,
        seed=options.seed,
        start=options.start,
        separators=tuple(options.separators),
        unseen_separators=tuple(options.unseen_separators),
        attributions=tuple(_lines(options.attributions)),
    )
    card = train.run(material, plan, options.out)
    print(json.dumps(card, indent=2))


def _lines(path: Path | None) -> list[str]:
    return path.read_text().splitlines() if path else []


def _load(options: argparse.Namespace) -> Estimator:
    return load(options.estimator, options.device)


def _write(path: Path | None, report: dict[str, Any]) -> None:
    if path:
        path.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
