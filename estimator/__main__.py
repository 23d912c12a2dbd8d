"""Command line of the estimator: predict, evaluate, consensus, benchmark, train."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from estimator import benchmark, consensus_command, predict_command
from estimator.evaluation import commands as evaluation
from estimator.material import commands as material
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
        if name not in ("train", "export"):
            added.add_argument("--estimator", default="default", metavar="NAME")
            added.add_argument("--device", default="cpu")
        return added

    predict_command.add_to(commands)
    evaluation.add_to(commands)
    material.add_to(commands)
    cost = add("benchmark", _benchmark, "Measure what a prediction costs.")
    cost.add_argument("--json", type=Path, metavar="FILE")
    cost.add_argument("--repeats", type=int, default=benchmark.REPEATS, metavar="N")
    consensus_command.add_to(commands)
    _add_training(add("train", _train, "Train an estimator on mixtures of speech."))
    graph = add("export", _export, "Write an estimator trained here as ONNX.")
    graph.add_argument("--estimator", default="default", metavar="NAME")
    graph.add_argument("--sources", type=int, default=2, metavar="N")
    graph.add_argument("--out", required=True, type=Path, metavar="FILE")
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
    parser.add_argument(
        "--architecture", choices=("sepqe", "realm", "features-trees"), default="sepqe"
    )
    for flag in ("--separators", "--unseen-separators"):
        parser.add_argument(flag, nargs="*", default=[], metavar="NAME")
    parser.add_argument(
        "--attributions", type=Path, metavar="FILE", help="lines for the card"
    )
    parser.add_argument("--start", metavar="NAME", help="estimator to go on from")
    parser.add_argument("--out", required=True, type=Path, metavar="FILE")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument(
        "--steps", type=int, metavar="N", help="in place of minutes: repeatable"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, metavar="N")
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--resume", action="store_true", help="go on from FILE's checkpoint"
    )


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
        steps=options.steps,
        seed=options.seed,
        start=options.start,
        resume=options.resume,
        workers=options.workers,
        device=options.device,
        separators=tuple(options.separators),
        unseen_separators=tuple(options.unseen_separators),
        attributions=tuple(_lines(options.attributions)),
    )
    if options.architecture == "sepqe":
        card = train.run(material, plan, options.out)
    else:
        from estimator.peers import training

        card = training.run(options.architecture, material, plan, options.out)
    print(json.dumps(card, indent=2))


def _export(options: argparse.Namespace) -> None:
    from estimator import export, weights  # the exporter takes seconds to import

    trained, _ = weights.read(weights.path_of(options.estimator))
    export.export(trained, options.out, sources=options.sources)


def _lines(path: Path | None) -> list[str]:
    return path.read_text().splitlines() if path else []


def _load(options: argparse.Namespace) -> Estimator:
    return load(options.estimator, options.device)


def _write(path: Path | None, report: dict[str, Any]) -> None:
    if path:
        path.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
