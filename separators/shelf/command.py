"""The command that fetches published weights: python -m separators fetch NAME ..."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from separators.contract import UnknownSeparator
from separators.shelf import SHELF, pinning
from separators.shelf.fetch import OnProgress, fetch


def add_options(command: argparse.ArgumentParser) -> None:
    """Define the options of the command."""
    command.add_argument("names", nargs="+", metavar="NAME", help="or realm for all 9")
    command.add_argument("--into", type=Path, help="by default WEIGHTS_DIR")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Fetch, verify and record the weights of each name."""
    for name in options.names:
        known = [other for other in SHELF if other == name or _is_of(name, other)]
        if not known:
            raise UnknownSeparator(
                f"Nothing is to be fetched for {name!r}; expected some of "
                f"{', '.join(SHELF)}. Shipped separators need nothing."
            )
        for one in known:
            bring(one, options.into)


def bring_if_missing(name: str) -> None:
    """Fetch a separator of the shelf that cannot run yet, and show how far it is."""
    if name in SHELF and pinning.missing(SHELF[name], pinning.folder_of(name, None)):
        bring(name)


def bring(name: str, weights_dir: Path | None = None) -> None:
    """Fetch what is missing of a separator, verify and record all of it."""
    folder = pinning.folder_of(name, weights_dir)
    with tqdm(unit="B", unit_scale=True, desc=name, file=sys.stderr) as bar:
        fetch(SHELF[name], folder, on_progress=_showing(bar))
    about = pinning.info(SHELF[name], folder)
    print(f"{name} {about.revision} in {folder}, {_said_of(name)}", file=sys.stderr)


def _showing(bar: "tqdm[None]") -> OnProgress:
    def show(file: str, done: int, total: int) -> None:
        if bar.desc != file:
            bar.set_description_str(file, refresh=False)
            bar.reset(total or None)
        bar.update(done - bar.n)

    return show


def _said_of(name: str) -> str:
    trusted = [f.name for f in SHELF[name].files.values() if not f.sha256]
    if not trusted:
        return "as pinned here"
    return f"as pinned here but for {', '.join(trusted)}, trusted as fetched now"


def _is_of(group: str, name: str) -> bool:
    return group == "realm" and name.startswith("realm-")
