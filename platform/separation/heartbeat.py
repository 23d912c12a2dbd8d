"""A thread that prolongs a lease while another works under it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import DatabaseError, InterfaceError, connections

logger = logging.getLogger(__name__)


@contextmanager
def beating(beat: Callable[[], bool], *, every: float) -> Iterator[Event]:
    """Call `beat` every so many seconds; the event is set once it returns false.

    A database out of reach is no reason to stop: the lease says how long that may last.
    """
    ended, lost = Event(), Event()

    def keep_on() -> None:
        while not ended.wait(every):
            try:
                if not beat():
                    lost.set()
                    return
            except (DatabaseError, InterfaceError) as trouble:
                logger.warning("No heartbeat this time: %s", trouble)
                connections.close_all()

    def keep_on_and_hang_up() -> None:
        try:
            keep_on()
        finally:
            connections.close_all()  # this thread's own

    thread = Thread(target=keep_on_and_hang_up, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        ended.set()
        thread.join()
