"""One writer at a time: whoever ingests, builds or publishes holds the lease of the home.

The lease is a file lock, so the kernel gives it back when its holder is killed.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from orderhouse.settings import Settings

_POLL_S = 0.2


class LeaseTaken(RuntimeError):
    """Another process is writing, and the wait was over."""


@contextmanager
def writer_lease(settings: Settings, wait_s: float = 600.0) -> Iterator[None]:
    """Holds the home's writer lease for the duration of the block.

    Raises:
        LeaseTaken: another process still holds it after `wait_s` seconds.
    """
    path = settings.warehouse_path.parent / "writer.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    handle.seek(0)
                    raise LeaseTaken(
                        f"Another process ({handle.read().strip() or 'unknown'}) is writing to "
                        f"{settings.root}. Wait until it has finished, or stop it."
                    ) from None
                time.sleep(_POLL_S)
        handle.seek(0)
        handle.truncate()
        handle.write(f"pid {os.getpid()}")
        handle.flush()
        yield
