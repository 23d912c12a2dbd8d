"""`python -m estimator consensus`: separators judge one another on mixtures."""

import argparse
import json
from pathlib import Path

from estimator.consensus import LEAST
from estimator.consensus_report import mixer, printed, report
from estimator.material.pool import separators_named
from estimator.registry import DEFAULT, load

MIXTURES = 60


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to those of `python -m estimator`."""
    about = "Let separators judge one another, and say when shared errors fool them."
    parser = commands.add_parser("consensus", help=about, description=about)
    parser.set_defaults(command=run)
    parser.add_argument("--speech", type=Path, required=True, metavar="DIR")
    parser.add_argument("--noise", type=Path, metavar="DIR")
    parser.add_argument("--rir", type=Path, metavar="DIR")
    parser.add_argument("--separators", nargs="+", required=True, metavar="NAME")
    parser.add_argument("--mixtures", type=int, default=MIXTURES, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--estimator", default=DEFAULT, metavar="NAME")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path, metavar="FILE")


def run(options: argparse.Namespace) -> None:
    """Print the table, and write it as JSON if asked.

    Raises:
        ValueError: with fewer than three separators.
    """
    names = options.separators
    if len(names) < LEAST:
        raise ValueError(
            f"{len(names)} separators; name {LEAST} or more, since two cannot tell "
            "whose the error is"
        )
    found = report(
        mixer(options.speech, options.noise, options.rir),
        list(separators_named(names).values()),
        load(options.estimator, options.device),
        mixtures=options.mixtures,
        seed=options.seed,
    )
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    print(printed(found))
