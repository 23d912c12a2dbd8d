"""Manifests made of speech: mixtures, references, and what separators made of them."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

from estimator.features import SAMPLE_RATE
from estimator.material.aiming import MOST_LAM, louder_errors
from estimator.material.labels import overlap, pairwise_si_snr
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separated
from estimator.material.recordings import Recordings
from estimator.material.scene import IMAGE, Scene, Signal

ROOM_SEED = 1_000_003  # simulated rooms that no training has
LOWEST_DB, HIGHEST_DB = -10.0, 25.0  # aims of scaled errors
TOGETHER = 8  # mixtures through a separator at once
PEAK = 0.9  # of full scale
SCALED_SEED = 2


class Plan(NamedTuple):
    """How many mixtures of what kind."""

    mixtures: int = 400
    seconds: float = 4.0
    speakers: int = 2
    seed: int = 0
    reference: str = IMAGE
    scaled: bool = False  # also with the errors made louder or softer


class Take(NamedTuple):
    """A scene of the manifest."""

    number: int
    corpus: str
    scene: Scene


def build(
    out: Path,
    *,
    speech: Recordings,
    noise: Recordings | None,
    rooms: Recordings | None,
    separators: Sequence[Separate],
    plan: Plan,
    on_mixtures: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Write audio and MANIFEST.csv into a folder, one row per mixture and separator.

    All speakers of a mixture are of one corpus. A separator's silence gets no row.
    The same plan and recordings give the same files.

    Returns:
        What was made, also written as MANIFEST.json.

    Raises:
        ValueError: if no corpus holds enough speakers.
    """
    mixers = _mixers(speech, noise, rooms, plan)
    rows: list[dict[str, Any]] = []
    for start in range(0, plan.mixtures, TOGETHER):
        numbers = range(start, min(start + TOGETHER, plan.mixtures))
        takes = [_take(mixers, number, plan) for number in numbers]
        shared = [_write_scene(out, take, plan) for take in takes]
        for separate in separators:
            for k, row in _rows(out, separate, takes, plan):
                rows.append({**shared[k], **row})
        on_mixtures(len(takes))
    rows.sort(key=lambda row: str(row["mixture"]))
    _write_table(out / "MANIFEST.csv", rows, plan.speakers)
    about = _about(rows, separators, plan)
    (out / "MANIFEST.json").write_text(json.dumps(about, indent=2) + "\n")
    return about


def _mixers(
    speech: Recordings, noise: Recordings | None, rooms: Recordings | None, plan: Plan
) -> dict[str, Mixer]:
    corpora = {
        name: recordings
        for name, recordings in speech.corpora().items()
        if len(recordings.groups) >= plan.speakers
    }
    if not corpora:
        raise ValueError(
            f"no corpus of the speech holds {plan.speakers} speakers; lay it out as "
            "CORPUS/SPEAKER/recording, or ask for fewer speakers"
        )
    return {
        name: Mixer(recordings, noise, rooms, plan.seconds, (plan.speakers,), ROOM_SEED)
        for name, recordings in corpora.items()
    }


def _take(mixers: dict[str, Mixer], number: int, plan: Plan) -> Take:
    """A corpus, as likely as it has speakers, and a scene of it."""
    rng = np.random.default_rng([plan.seed, number])
    names = sorted(mixers)
    sizes = np.array([len(mixers[name].speech.groups) for name in names], float)
    corpus = names[int(rng.choice(len(names), p=sizes / sizes.sum()))]
    return Take(number, corpus, mixers[corpus].scene(rng))


def _write_scene(out: Path, take: Take, plan: Plan) -> dict[str, Any]:
    """Write mixture and references at one gain, and return their columns."""
    scene, references = take.scene, take.scene.references(plan.reference)
    together = np.concatenate([scene.mixture[None], references])
    together *= PEAK / np.abs(together).max()
    name = f"{take.number:05d}"
    files = [f"mixtures/{name}.flac"]
    files += [f"references/{name}_{k + 1}.flac" for k in range(plan.speakers)]
    for file, signal in zip(files, together, strict=True):
        _write(out / file, signal)
    power = np.square(scene.sources.sum(0)).mean() / (np.square(scene.noise).mean())
    return {
        "mixture": files[0],
        **{f"reference_{k + 1}": file for k, file in enumerate(files[1:])},
        "corpus": take.corpus,
        "speakers": plan.speakers,
        "overlap": round(overlap(scene.sources), 3),
        "t60": round(scene.t60, 3),
        "snr": round(float(10 * np.log10(power)), 2),
        "reference": plan.reference,
    }


def _rows(
    out: Path, separate: Separate, takes: Sequence[Take], plan: Plan
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Estimates of several scenes by one separator, written; their columns."""
    references = [take.scene.references(plan.reference) for take in takes]
    mixtures = np.stack([take.scene.mixture for take in takes])
    found = separated(separate, mixtures, references)
    for k, (take, estimates) in enumerate(zip(takes, found, strict=True)):
        if estimates is None:
            continue
        versions = [(1.0, estimates)]
        if plan.scaled:
            lam = _lam(estimates, references[k], take.number, plan)
            versions.append((lam, louder_errors(estimates, references[k], lam)))
        for lam, version in versions:
            yield k, _write_estimates(out, separate, take, lam, version)


def _lam(estimates: Signal, references: Signal, number: int, plan: Plan) -> float:
    """A gain of the error that brings the mean SI-SNR somewhere in -10..25 dB."""
    rng = np.random.default_rng([plan.seed, number, SCALED_SEED])
    own = np.diag(pairwise_si_snr(estimates, references)).mean()
    lam = 10 ** ((own - rng.uniform(LOWEST_DB, HIGHEST_DB)) / 20)
    return round(float(min(lam, MOST_LAM)), 4)


def _write_estimates(
    out: Path, separate: Separate, take: Take, lam: float, estimates: Signal
) -> dict[str, Any]:
    folder = f"estimates/{separate.name}" + ("" if lam == 1 else "/scaled")
    files = [f"{folder}/{take.number:05d}_{k + 1}.flac" for k in range(len(estimates))]
    for file, signal in zip(files, estimates, strict=True):
        _write(out / file, PEAK / np.abs(signal).max() * signal)
    return {
        **{f"estimate_{k + 1}": file for k, file in enumerate(files)},
        "separator": separate.name,
        "family": separate.family,
        "stage": separate.stage,
        "scaled": lam,
    }


def _write(path: Path, signal: Signal) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, signal, SAMPLE_RATE, subtype="PCM_24")


def _write_table(path: Path, rows: list[dict[str, Any]], speakers: int) -> None:
    columns = ["mixture"]
    for role in ("estimate", "reference"):
        columns += [f"{role}_{k + 1}" for k in range(speakers)]
    columns += ["separator", "family", "stage", "scaled"]
    columns += ["corpus", "speakers", "overlap", "t60", "snr", "reference"]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _about(
    rows: list[dict[str, Any]], separators: Sequence[Separate], plan: Plan
) -> dict[str, Any]:
    own = [row for row in rows if row["scaled"] == 1]
    return {
        **plan._asdict(),
        "sample_rate": SAMPLE_RATE,
        "rows": len(rows),
        "corpora": {
            name: len({row["mixture"] for row in rows if row["corpus"] == name})
            for name in sorted({row["corpus"] for row in rows})
        },
        "separators": {
            one.name: {
                "family": one.family,
                "stage": one.stage,
                "silent": plan.mixtures - sum(r["separator"] == one.name for r in own),
            }
            for one in separators
        },
    }
