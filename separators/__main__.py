"""The command line: python -m separators list | fetch | separate | ... | train."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from separators import registry
from separators.benchmark import command as benchmark
from separators.contract import UnknownSeparator, WeightsChanged, WeightsMissing
from separators.shelf import command as shelf


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (UnknownSeparator, WeightsMissing, WeightsChanged, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


def _list(options: argparse.Namespace) -> None:
    for name in registry.names():
        about = registry.info(name)
        where = "fetch" if not registry.is_here(name) else "here"
        where = "ships" if about.ships else where
        print(
            f"{name:32} {where:5}  {about.sample_rate:5} Hz  "
            f"{about.parameters / 1e6:5.2f} M  {about.title}"
        )


def _separate(options: argparse.Namespace) -> None:
    from separators.network_separator import at_speed
    from separators.separating import separate
    from separators.speed import Speed

    shelf.bring_if_missing(options.name)
    separator = registry.load(options.name, options.device)
    separator = at_speed(separator, Speed(options.speed))
    separate(separator, options.mixture, options.folder, as_float=options.float)


def _evaluate(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from separators.training.evaluate import Conditions, evaluate, table

    names = options.names or [n for n in registry.names() if registry.info(n).ships]
    conditions = Conditions(
        options.speech, options.noise, options.rir, options.mixtures
    )
    with tqdm(total=len(names) * options.mixtures, unit="mixture") as bar:

        def show(name: str, count: int) -> None:
            bar.set_description(name, refresh=False)
            bar.update(count)

        report = evaluate(names, conditions, device=options.device, on_mixtures=show)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")
    print(table(report))


def _train(options: argparse.Namespace) -> None:
    from separators.training.recipes import plan_of
    from separators.training.train import Material, train
    from separators.training.training_bar import TrainingBar

    material = Material(options.speech, options.dev, options.noise, options.rir)
    plan = plan_of(
        options.name,
        minutes=options.minutes,
        batch=options.batch,
        learning_rate=options.rate,
        device=options.device,
    )
    with TrainingBar(plan.minutes) as bar:
        card = train(
            options.name,
            material=material,
            out=options.out,
            plan=plan,
            seed=options.seed,
            start=options.start,
            resume=options.resume,
            on_report=bar.show,
            on_reading=bar.show_reading,
        )
    print(json.dumps({"out": str(options.out), **card["measured"]}, indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m separators", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("list", help="name the separators there are")
    command.set_defaults(run=_list)

    shelf.add_options(
        commands.add_parser("fetch", help="bring published weights here, verified")
    )

    command = commands.add_parser("separate", help="split one recording")
    command.add_argument("name")
    command.add_argument("mixture", type=Path, help="any sound or video file")
    command.add_argument("folder", type=Path, help="for one FLAC file per source")
    command.add_argument("--float", action="store_true", help="32-bit float WAV")
    command.add_argument("--speed", choices=benchmark.SPEEDS, default="exact")
    command.add_argument("--device", default="cpu")
    command.set_defaults(run=_separate)

    benchmark.add_options(
        commands.add_parser("benchmark", help="measure time, memory and arithmetic")
    )

    command = commands.add_parser("evaluate", help="measure SI-SNR improvement")
    command.add_argument("names", nargs="*", metavar="NAME", help="all that ship")
    command.add_argument("--speech", type=Path, required=True, help="unseen speakers")
    command.add_argument("--noise", type=Path, help="add noise to every mixture")
    command.add_argument("--rir", type=Path, help="put every source in a room")
    command.add_argument("--mixtures", type=int, default=300)
    command.add_argument("--json", type=Path)
    command.add_argument("--device", default="cpu")
    command.set_defaults(run=_evaluate)

    command = commands.add_parser("train", help="train one from folders of speech")
    command.add_argument("name", help="a recipe, an architecture or a separator")
    command.add_argument("--speech", type=Path, required=True)
    command.add_argument("--out", type=Path, required=True, help="*.safetensors")
    command.add_argument("--dev", type=Path, help="speech of unseen speakers")
    command.add_argument("--noise", type=Path)
    command.add_argument("--rir", type=Path)
    command.add_argument("--minutes", type=float, help="by default the recipe's")
    command.add_argument("--batch", type=int, help="mixtures in a step")
    command.add_argument("--rate", type=float, help="learning rate")
    command.add_argument("--seed", type=int, default=0)
    command.add_argument("--device", default="cpu")
    command.add_argument("--start", metavar="NAME", help="separator to begin with")
    command.add_argument("--resume", action="store_true")
    command.set_defaults(run=_train)
    return parser


if __name__ == "__main__":
    sys.exit(main())
