"""Brings published weights here: over HTTPS, resumed, verified, whole or not at all.

The standard library rather than huggingface_hub: two hosts need one rule, and the hub's
client neither limits the size of a file nor checks its SHA-256 against one of ours.
"""

import fcntl
import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from separators.contract import WeightsChanged, WeightsMissing
from separators.shelf import pinning
from separators.shelf.entry import Entry, WeightFile

SILENT_S = 30.0  # without a byte
LONGEST_S = 3600.0  # for one file
BLOCK = 1 << 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")

OnProgress = Callable[[str, int, int], None]  # file, bytes so far, bytes in all or 0


def fetch(
    entry: Entry,
    folder: Path,
    *,
    on_progress: OnProgress = lambda *_: None,
    longest_s: float = LONGEST_S,
) -> None:
    """Make the files of an entry lie in a folder, with their hashes on record.

    Files that are there already are kept and only recorded.

    Raises:
        WeightsMissing: if a file cannot be had.
        WeightsChanged: if what came is not the published file; it is deleted.
    """
    with _alone(entry, folder):
        for file in entry.files.values():
            if not (folder / file.name).exists():
                if is_offline():
                    raise absent(entry, folder, because="This machine is offline. ")
                _download(entry, file, folder, on_progress, longest_s)
        pinning.record(entry, folder)


def absent(entry: Entry, folder: Path, *, because: str = "") -> WeightsMissing:
    """The refusal that names repository, version, files and folder."""
    names = [file.name for file in entry.files.values()]
    names = [n for n in names if not (folder / n).exists()] or names
    return WeightsMissing(
        f"{entry.name} needs {', '.join(names)} of {entry.origin} in {folder}. "
        f"{because}Run `python -m separators fetch {entry.name}` where there is a "
        "network, or put the files there by hand and run it then; WEIGHTS_DIR names "
        "the folder above."
    )


def is_offline() -> bool:
    """Say whether HF_HUB_OFFLINE forbids the network, as it does to Hugging Face."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")


def address(entry: Entry, file: WeightFile) -> str:
    """Return where a file is fetched; HF_ENDPOINT names a mirror of huggingface.co."""
    if "://" in entry.repository:
        return f"{entry.repository}/{file.name}"
    hub = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
    return f"{hub}/{entry.repository}/resolve/{entry.commit}/{file.name}"


def _download(
    entry: Entry,
    file: WeightFile,
    folder: Path,
    on_progress: OnProgress,
    longest_s: float,
) -> None:
    url = address(entry, file)
    part = folder / f"{file.name}.part"
    if not file.sha256:  # halves of two versions would go unnoticed
        part.unlink(missing_ok=True)
    try:
        _receive(url, part, file, on_progress, time.monotonic() + longest_s)
    except (OSError, http.client.HTTPException) as why:
        raise absent(entry, folder, because=f"{url} gave no file ({why}). ") from why
    except WeightsChanged:
        part.unlink()
        raise
    if file.sha256:
        with part.open("rb") as whole:
            found = hashlib.file_digest(whole, "sha256").hexdigest()
        if found != file.sha256:
            part.unlink()
            raise WeightsChanged(
                f"{url} gave a file with the SHA-256 {found[:12]}...; expected "
                f"{file.sha256[:12]}... It was deleted unopened. Try again, or ask "
                f"{entry.repository} what happened."
            )
    part.replace(folder / file.name)


def _receive(
    url: str, part: Path, file: WeightFile, on_progress: OnProgress, deadline: float
) -> None:
    start = part.stat().st_size if part.exists() else 0
    with _open(url, start) as answer, part.open("ab") as out:
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            start = 0  # the server sends all of it
            out.truncate(0)
        length = answer.headers.get("Content-Length", "")
        total = start + int(length) if length.isdigit() else 0
        pinning.check_size(total, file, url)
        done = start
        while block := answer.read1(BLOCK):
            done += len(block)
            pinning.check_size(done, file, url)
            out.write(block)
            on_progress(file.name, done, total)
            if time.monotonic() > deadline:
                raise TimeoutError(f"only {done} bytes came in the time allowed")
    if done < total:
        raise ConnectionError(f"it broke off after {done} of {total} bytes")


def _open(url: str, start: int) -> Any:
    _check_safe(url)
    request = urllib.request.Request(url, headers={"User-Agent": "crosstalk"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    try:
        return _OPENER.open(request, timeout=SILENT_S)
    except urllib.error.HTTPError as answer:
        if start and answer.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return _open(url, 0)
        raise


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]  # noqa: PLR0913
        _check_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_OPENER = urllib.request.build_opener(_SafeRedirects)


def _check_safe(url: str) -> None:
    """HTTPS, or plain HTTP that never leaves this machine."""
    parts = urlsplit(url)
    is_local = parts.scheme == "http" and parts.hostname in LOOPBACK
    if parts.scheme != "https" and not is_local:
        raise ConnectionError(f"{url} is not HTTPS, expected an https:// address")


@contextmanager
def _alone(entry: Entry, folder: Path) -> Iterator[None]:
    """One process fetches into a folder at a time; others wait."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as why:
        because = f"That folder cannot be written ({why.strerror}). "
        raise absent(entry, folder, because=because) from why
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
