"""The command that shows what training material is like, and what it costs."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from estimator.material.aiming import HIGHEST_DB, LOWEST_DB
from estimator.material.examples import SHARED, Examples
from estimator.material.mixer import Mixer
from estimator.material.pool import separators_named
from estimator.material.recordings import Recordings

BAND_DB = 5.0
WARM_UP = 64  # mixtures: recordings are decoded and rooms computed once


def add_to(commands: Any) -> None:
    """Add the command to a parser's subcommands."""
    about = "Make training examples, count them per second and by true SI-SNR."
    parser: argparse.ArgumentParser = commands.add_parser(
        "material", help=about, description=about
    )
    parser.set_defaults(command=_material)
    parser.add_argument("--speech", type=Path, required=True, metavar="DIR")
    parser.add_argument("--noise", type=Path, metavar="DIR")
    parser.add_argument("--rir", type=Path, metavar="DIR")
    parser.add_argument("--separators", nargs="*", default=[], metavar="NAME")
    parser.add_argument("--speakers", type=int, nargs="+", default=[2])
    parser.add_argument("--mixtures", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)


def _material(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    speakers = tuple(options.speakers)
    mixer = Mixer(
        Recordings.under(options.speech),
        Recordings.under(options.noise) if options.noise else None,
        Recordings.under(options.rir) if options.rir else None,
        speakers=speakers,
    )
    found = separators_named(options.separators, tuple(set(speakers)))
    examples = Examples(mixer, options.seed, WARM_UP, list(found.values()))
    for _ in examples:
        pass
    print(json.dumps(measured(examples, options.mixtures), indent=2))


def measured(examples: Examples, mixtures: int) -> dict[str, Any]:
    """Rates on one thread, and how many estimates lie in each 5 dB of true SI-SNR."""
    truth: list[float] = []
    drawing, whole = 0.0, 0.0
    for start in range(0, mixtures, SHARED):
        indices = list(range(start, min(start + SHARED, mixtures)))
        begin = time.process_time()
        examples.drawn(indices)
        middle = time.process_time()
        for one in examples.__getitems__(indices):
            truth += one.si_snr_db.tolist()
        drawing += middle - begin
        whole += time.process_time() - middle
    edges = np.arange(LOWEST_DB, HIGHEST_DB + BAND_DB, BAND_DB)
    counts, _ = np.histogram(truth, edges[1:])  # labels end at the estimator's range
    return {
        "mixtures": mixtures,
        "estimates": len(truth),
        "mixtures_per_cpu_second": round(mixtures / whole, 1),
        "estimates_per_cpu_second": round(len(truth) / whole, 1),
        "share_of_time_describing": round(max(0.0, 1 - drawing / whole), 2),
        "true_si_snr_db": {
            f"{low:g}..{low + BAND_DB:g}": int(count)
            for low, count in zip(edges[1:], counts, strict=False)
        },
    }
