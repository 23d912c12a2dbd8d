"""kombu's folder broker with whole messages in order: readers never see half a file.

kombu's own writes into a file that a worker may already be reading: now and then one
reads an empty message and ends. Its file names do not sort after a reboot either.
"""

import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

TAKEN = ".taken"
UNFINISHED = ".part"


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:  # type: ignore[override]
        """Write beside, then rename: the message appears at once and whole."""
        name = f"{time.time_ns():020}_{uuid.uuid4()}.{queue}.msg"
        path = Path(self.data_folder_out) / name
        _write_whole(path, dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message; of two takers one renames it first."""
        folder = Path(self.data_folder_in)
        for name in sorted(path.name for path in folder.iterdir()):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / (name + TAKEN)
            with suppress(FileNotFoundError):
                (folder / name).rename(taken)
                text = taken.read_text()
                taken.unlink()
                return loads(text)
        raise Empty

    def _queue_bind(self, exchange: str, *args: Any) -> None:
        """Create the table whole, since kombu would show it empty first."""
        file: Path = self._exchange_file(exchange)  # type: ignore[attr-defined]
        if not file.exists():
            with suppress(FileExistsError):
                _write_whole(file, "[]", exclusively=True)
        super()._queue_bind(exchange, *args)


class Transport(filesystem.Transport):
    Channel = Channel


def _write_whole(path: Path, text: str, *, exclusively: bool = False) -> None:
    unfinished = path.with_name(f"{path.name}.{uuid.uuid4()}{UNFINISHED}")
    unfinished.write_text(text)
    try:
        if exclusively:
            path.hardlink_to(unfinished)
        else:
            unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
