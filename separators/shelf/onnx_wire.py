"""Messages between a worker and the child that runs a model: JSON, then plain bytes."""

import json
from typing import IO, Any

LONGEST_HEADER = 65_536


def send(stream: IO[bytes], header: dict[str, Any], payload: bytes = b"") -> None:
    """Write one message."""
    line = json.dumps({**header, "bytes": len(payload)})
    stream.write(line.encode() + b"\n")
    stream.write(payload)
    stream.flush()


def receive(stream: IO[bytes], most_bytes: int) -> tuple[dict[str, Any], bytes]:
    """Read one message; nothing in it is ever run or unpickled.

    Raises:
        EOFError: if the other side is gone, or what it sent is no message.
    """
    line = stream.readline(LONGEST_HEADER)
    try:
        header = json.loads(line)
        size = int(header["bytes"])
    except (ValueError, KeyError, TypeError) as why:
        raise EOFError("no message came") from why
    if not 0 <= size <= most_bytes:
        raise EOFError(f"a message of {size} bytes came, {most_bytes} are allowed")
    payload = stream.read(size)
    if len(payload) < size:
        raise EOFError(f"a message broke off after {len(payload)} of {size} bytes")
    return header, payload
