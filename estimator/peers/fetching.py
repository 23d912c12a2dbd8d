"""Files that others published: fetched once, of one revision, checked, kept."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SECONDS = 30.0  # to wait for the network

Fetch = Callable[[str], bytes]


class WeightsMissing(ValueError):
    """Weights are neither here nor to be had; the message says where to put them."""


class Published(NamedTuple):
    """One file of a model on the Hugging Face Hub."""

    repository: str
    revision: str  # commit
    name: str
    sha256: str

    @property
    def url(self) -> str:
        host = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        return f"{host}/{self.repository}/resolve/{self.revision}/{self.name}"


def download(url: str) -> bytes:
    """What lies at an address."""
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:
        return bytes(answer.read())


def folder_of(name: str) -> Path:
    """Where published weights lie: under the environment's WEIGHTS_DIR."""
    return Path(os.environ.get("WEIGHTS_DIR", "var/weights")) / name


def ensure(file: Published, folder: Path, fetch: Fetch = download) -> bytes:
    """Content of the file; fetched into `folder` if it is not there.

    Raises:
        WeightsMissing: if it is not there and cannot be fetched.
        ValueError: if it is not the file of this revision.
    """
    path = folder / file.name
    content = path.read_bytes() if path.exists() else _fetched(file, path, fetch)
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise ValueError(
            f"{path} has the SHA-256 {found[:12]}..., {file.repository} at "
            f"{file.revision[:12]} has {file.sha256[:12]}...; remove the file, then "
            f"fetch {file.url} again"
        )
    if not path.exists():
        _keep(path, content)
    return content


def _fetched(file: Published, path: Path, fetch: Fetch) -> bytes:
    try:
        return fetch(file.url)
    except (OSError, urllib.error.URLError) as trouble:
        raise WeightsMissing(
            f"{path} is not there and {file.url} cannot be reached ({trouble}); "
            f"fetch it on a machine with network and place it at {path}"
        ) from trouble


def _keep(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(content)
    partial.replace(path)
