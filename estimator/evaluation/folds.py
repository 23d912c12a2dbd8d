"""The trainings behind leave-one-out tables: by separator family, by corpus."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from estimator import train
from estimator.evaluation.building import Plan as Mixtures
from estimator.evaluation.building import build
from estimator.evaluation.leave_out import CORPUS, Fold, Train, family_folds
from estimator.evaluation.manifest import read_manifest
from estimator.material import pool
from estimator.material.recordings import Recordings


class Folders(NamedTuple):
    """Where recordings lie."""

    speech: Path
    noise: Path | None = None
    rooms: Path | None = None
    dev: Path | None = None


def by_family(
    manifest: Path, separators: Sequence[str], only: Sequence[str] = ()
) -> list[Fold]:
    """Folds over the families of these separators, measured on a manifest."""
    found = pool.separators_named(separators)
    families = {name: one.family for name, one in found.items()}
    return _only(family_folds(families, read_manifest(manifest)), only)


def by_corpus(
    folders: Folders,
    separators: Sequence[str],
    out: Path,
    *,
    mixtures: Mixtures,
    only: Sequence[str] = (),
) -> list[Fold]:
    """Folds over the corpora of the training speech, each measured on its own speakers.

    Their manifests are built once, below `out`.
    """
    speech = Recordings.under(folders.speech)
    found = list(pool.separators_named(separators).values())
    folds = []
    for name, corpus in speech.corpora().items():
        if only and name not in only:
            continue
        manifest = out / f"manifest-{name}" / "MANIFEST.csv"
        if not manifest.exists():
            build(
                manifest.parent,
                speech=corpus,
                noise=Recordings.under(folders.noise, "dev") if folders.noise else None,
                rooms=Recordings.under(folders.rooms) if folders.rooms else None,
                separators=found,
                plan=mixtures,
            )
        rows = tuple(read_manifest(manifest))
        folds.append(Fold(CORPUS, name, tuple(separators), rows))
    return _only(folds, only)


def _only(folds: list[Fold], names: Sequence[str]) -> list[Fold]:
    known = [fold.left_out for fold in folds]
    unknown = [name for name in names if name not in known]
    if unknown or not folds:
        raise ValueError(
            f"there is no {', '.join(unknown)} to leave out; there are "
            f"{', '.join(known) or 'none'}"
        )
    return [fold for fold in folds if not names or fold.left_out in names]


def trainer(folders: Folders, minutes: float, seed: int) -> Train:
    """Trains one fold as `train` would, without what the fold leaves out."""

    def trained(fold: Fold, out: Path) -> None:
        material = train.material(
            folders.speech, noise=folders.noise, rooms=folders.rooms, dev=folders.dev
        )
        if fold.by == CORPUS:
            Recordings.under(folders.speech).without(fold.left_out)  # or refuse
            material = train.Material(
                *(mixer.without(fold.left_out) for mixer in material)
            )
        plan = train.Plan(minutes=minutes, seed=seed, separators=fold.separators)
        train.run(material, plan, out)

    return trained
