"""Published separators made for a test: tiny networks, real layouts, a real server."""

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

import torch

from separators.networks import architectures
from separators.shelf import SHELF
from separators.shelf.entry import Entry
from tests.separators.tiny import TINY

COMMIT = "0" * 40
POSITIONS_MB = 7  # RE-SepFormer keeps a table of them, however small it is


def network_for(entry: Entry, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    values = {"architecture": entry.architecture, "sources": entry.sources}
    config = architectures.read_config({**values, **entry.sizes})
    return architectures.build(config).eval()


def tiny_entry(name: str, *, is_pinned: bool = True, seed: int = 0) -> Entry:
    """An entry of the shelf at tiny sizes, with the hashes of its tiny files."""
    real = SHELF[name]
    entry = replace(real, sizes=TINY[real.architecture], commit=COMMIT)
    raw = files_of(entry, seed=seed)
    files = {
        part: replace(
            file,
            most_mb=POSITIONS_MB if real.architecture == "resepformer" else 1,
            sha256=hashlib.sha256(raw[file.name]).hexdigest() if is_pinned else "",
        )
        for part, file in real.files.items()
    }
    return replace(entry, files=files)


def files_of(entry: Entry, *, seed: int = 0) -> dict[str, bytes]:
    """What its repository holds, by file name."""
    network = network_for(entry, seed)
    raw = {}
    for part, file in entry.files.items():
        state = network.get_submodule(part).state_dict()
        whole = {"model_name": "ConvTasNet", "infos": {}, file.under: state}
        raw[file.name] = saved(whole if file.under else state)
    return raw


def saved(something: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(something, buffer)
    return buffer.getvalue()


def put(files: dict[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (folder / name).write_bytes(raw)


@dataclass
class Server:
    """What is served, how, and what was asked for."""

    files: dict[str, bytes]
    breaks_after: int | None = None  # bytes, of each answer
    hides_length: bool = False
    pause_s: float = 0.0  # between pieces
    redirects_to: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, range
    address: str = ""


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self, server)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.address = f"http://127.0.0.1:{http.server_port}"
        Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        http.shutdown()


def answer(request: BaseHTTPRequestHandler, server: Server) -> None:
    wanted = request.headers.get("Range", "")
    server.asked.append((request.path, wanted))
    raw = server.files.get(request.path.rpartition("/")[2])
    if server.redirects_to:
        request.send_response(302)
        request.send_header("Location", server.redirects_to)
        request.end_headers()
        return
    if raw is None:
        request.send_error(404)
        return
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
    request.send_response(206 if wanted else 200)
    if not server.hides_length:
        request.send_header("Content-Length", str(len(raw) - start))
    request.end_headers()
    end = len(raw) if server.breaks_after is None else start + server.breaks_after
    for position in range(start, min(end, len(raw)), 1 << 14):
        request.wfile.write(raw[position : min(position + (1 << 14), end)])
        request.wfile.flush()
        sleep(server.pause_s)
