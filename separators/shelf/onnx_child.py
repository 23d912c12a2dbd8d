"""The process that runs one stranger's model, under limits: python -m ...onnx_child.

It leaves the network before anything else is imported, since only a process of one
thread can, and confines itself before it sees the model.
"""

import ctypes
import math
import os
import resource
import time

from separators.contract import ModelRefused
from separators.shelf import onnx_wire

NEW_USERS, NEW_NETWORK = 0x10000000, 0x40000000  # of unshare(2)
MOST_BYTES = 1 << 31


def main() -> None:
    """Answer one model, then one mixture after the other, until the parent is gone."""
    leave_network()
    from separators.shelf.onnx_session import OnnxSession

    asked = os.fdopen(0, "rb")
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not look like a message
    header, raw = onnx_wire.receive(asked, MOST_BYTES)
    confine(header["memory_mb"])
    limit_time(header["cpu_s"])
    try:
        session = OnnxSession(
            raw,
            name=header["name"],
            sample_rate=header["sample_rate"],
            domains=tuple(header["domains"]),
        )
        onnx_wire.send(told, {"facts": vars(session.facts)})
        del raw
        while True:
            _, mixture = onnx_wire.receive(asked, MOST_BYTES)
            limit_time(header["cpu_s"])
            onnx_wire.send(told, {}, session.separate(mixture))
    except ModelRefused as refusal:
        onnx_wire.send(told, {"refusal": str(refusal)})
    except EOFError:
        return


def leave_network() -> None:
    """Enter a network of our own with nobody in it, where the kernel grants that."""
    ctypes.CDLL(None).unshare(NEW_USERS | NEW_NETWORK)


def confine(memory_mb: int) -> None:
    """No more memory than this, and no new file or socket from here on."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    memory = memory_mb << 20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def limit_time(cpu_s: float) -> None:
    """From here on the kernel kills this process after so much computing."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(time.process_time() + cpu_s)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()
