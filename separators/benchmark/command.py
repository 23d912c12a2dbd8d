"""The command `benchmark`: its options, its table, its files."""

import argparse
import json
from pathlib import Path
from typing import Any

SPEEDS = ("exact", "bf16", "compiled")
OVERHEAD_REPEATS = 15  # a ratio of two near times needs more turns


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what the benchmark can be asked."""
    add = command.add_argument
    add("names", nargs="*", metavar="NAME", help="separators; all that ship")
    add("--random-weights", nargs="+", default=[], metavar="ARCHITECTURE")
    add("--seconds", nargs="+", type=float, help="of the mixtures; 1 2 5 10 20 30")
    add("--batch", type=int, default=1, help="mixtures in a call")
    add("--repeats", type=int, help="timed calls; 3")
    add("--speed", choices=SPEEDS, default="exact")
    add("--overhead", action="store_true", help="compare with the bare network")
    add("--json", type=Path)
    add("--plot", type=Path, help="*.png, *.svg or *.pdf")
    add("--device", default="cpu")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, print a table, write the files that were asked for."""
    from separators.benchmark import report
    from separators.benchmark.plots import plot

    if options.plot and options.overhead:
        raise ValueError(
            "--overhead has one length and nothing to draw; expected it without "
            "--plot. Ask for one of them."
        )
    if options.overhead:
        found = _overheads(options)
    else:
        found = _lengths(options)
        print("\n".join(report.table(found)))
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")
    if options.plot:
        plot(found, options.plot)


def _lengths(options: argparse.Namespace) -> dict[str, Any]:
    from tqdm import tqdm

    from separators.benchmark.report import SECONDS, benchmark

    subjects, seconds = _subjects(options), options.seconds or SECONDS
    with tqdm(total=len(subjects) * len(seconds), unit="length") as bar:
        return benchmark(
            subjects,
            seconds=seconds,
            batch=options.batch,
            repeats=options.repeats or 3,
            on_row=bar.update,
        )


def _overheads(options: argparse.Namespace) -> dict[str, Any]:
    from separators.benchmark.overhead import overhead
    from separators.benchmark.report import machine

    rows = []
    for subject in _subjects(options):
        for seconds in options.seconds or (5.0,):
            found = overhead(
                subject,
                seconds=seconds,
                batch=options.batch,
                repeats=options.repeats or OVERHEAD_REPEATS,
            )
            rows.append({"name": subject.name, **found})
            print(
                f"{subject.name}: separate_many {found['separate_many_s']:.4f} s, bare "
                f"network {found['bare_s']:.4f} s, ratio {found['ratio']:.3f}"
            )
    return {"machine": machine(options.device), "overhead": rows}


def _subjects(options: argparse.Namespace) -> list[Any]:
    from separators import registry
    from separators.benchmark.subject import Subject

    names = options.names
    if not names and not options.random_weights:
        names = [name for name in registry.names() if registry.info(name).ships]
    for name in names:
        registry.info(name)  # refuses unknown ones before anything is measured
    return [
        Subject(name, is_random, options.device, options.speed)
        for group, is_random in ((names, False), (options.random_weights, True))
        for name in group
    ]
