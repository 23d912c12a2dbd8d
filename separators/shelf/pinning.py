"""Which bytes a published separator must have: pinned here, or as first fetched."""

import hashlib
import json
import os
from pathlib import Path

from separators.contract import SeparatorInfo, WeightsChanged
from separators.shelf.entry import Entry, WeightFile

RECORD = "sha256.json"
MB = 1_000_000


def folder_of(name: str, weights_dir: Path | None) -> Path:
    """Return where the published weights of a separator are looked up."""
    return (weights_dir or Path(os.environ.get("WEIGHTS_DIR", "var/weights"))) / name


def info(entry: Entry, folder: Path) -> SeparatorInfo:
    """Return what is known; the revision hashes the files as soon as it can."""
    hashes = _as_far_as_known(entry, folder)
    if not all(hashes.values()):
        return entry.info(revision=entry.commit[:12] or "not fetched", sha256="")
    listing = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    sha256 = hashlib.sha256(listing.encode()).hexdigest()  # of what sha256sum prints
    return entry.info(revision=sha256[:12], sha256=sha256)


def expected(entry: Entry, folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file, empty where it is neither pinned nor recorded.

    Raises:
        WeightsChanged: if the record cannot be read.
    """
    recorded = _recorded(folder)
    return {
        file.name: file.sha256 or recorded.get(file.name, "")
        for file in entry.files.values()
    }


def missing(entry: Entry, folder: Path) -> list[str]:
    """Return the names of files that are not there, or that nothing vouches for."""
    hashes = _as_far_as_known(entry, folder)
    return [n for n, sha256 in hashes.items() if not (sha256 and (folder / n).exists())]


def read(entry: Entry, file: WeightFile, folder: Path) -> bytes:
    """Return the bytes of a file that are the expected ones.

    The caller loads these very bytes: a file read twice could differ.

    Raises:
        WeightsChanged: if the file is too large or another one than expected.
    """
    path = folder / file.name
    check_size(path.stat().st_size, file, path)
    raw = path.read_bytes()
    check_hash(hashlib.sha256(raw).hexdigest(), expected(entry, folder), path)
    return raw


def check_size(size: int, file: WeightFile, path: Path | str) -> None:
    """Refuse a file that is larger than its entry allows."""
    if size > file.most_mb * MB:
        raise WeightsChanged(
            f"{path} has {size / MB:.1f} MB; expected at most {file.most_mb} MB. "
            "It is not the published file: delete it, and ask where it came from."
        )


def check_hash(found: str, hashes: dict[str, str], path: Path) -> None:
    """Refuse a file whose SHA-256 is neither the pinned nor the recorded one."""
    wanted = hashes[path.name]
    if found != wanted:
        raise WeightsChanged(
            f"{path} has the SHA-256 {found[:12]}...; expected "
            f"{wanted[:12] or 'one on record'}... Delete it and fetch it again: "
            f"python -m separators fetch {path.parent.name}"
        )


def record(entry: Entry, folder: Path) -> None:
    """Write down the hashes of all files; what is pinned or on record stays so."""
    hashes = expected(entry, folder)
    for name, wanted in hashes.items():
        with (folder / name).open("rb") as file:
            hashes[name] = hashlib.file_digest(file, "sha256").hexdigest()
        if wanted:
            check_hash(hashes[name], {name: wanted}, folder / name)
    fresh = folder / f"{RECORD}.part"
    fresh.write_text(json.dumps(hashes, indent=2) + "\n")
    fresh.replace(folder / RECORD)


def _as_far_as_known(entry: Entry, folder: Path) -> dict[str, str]:
    """As `expected`; one unreadable record keeps nobody from listing the others."""
    try:
        return expected(entry, folder)
    except WeightsChanged:
        return {file.name: "" for file in entry.files.values()}


def _recorded(folder: Path) -> dict[str, str]:
    path = folder / RECORD
    if not path.exists():
        return {}
    try:
        hashes = json.loads(path.read_text())
        return {str(name): str(sha256) for name, sha256 in hashes.items()}
    except (ValueError, AttributeError) as why:
        raise WeightsChanged(
            f"{path} is no list of hashes; expected names and SHA-256 in JSON. "
            "Delete the whole folder and fetch it again."
        ) from why
