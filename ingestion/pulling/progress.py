"""How far each connection has got: `connections/<name>.json`, one writer at a time.

A feed's mark moves only after everything before it is landed, so a crash makes us read again,
never skip. Reading it is in `orderhouse.reach`, since the app reads it too.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from ingestion.landing import sync_folder, write_durably
from ingestion.pulling.calls import PullError
from orderhouse.reach import Progress, load_progress, progress_path
from orderhouse.settings import Settings

__all__ = ["Progress", "alone", "load_progress", "save_progress"]


def save_progress(settings: Settings, name: str, progress: Progress) -> None:
    """On disk for good when this returns."""
    path = progress_path(settings, name)
    write_durably(path, [json.dumps(asdict(progress), ensure_ascii=False, indent=2).encode()])
    sync_folder(path.parent)


@contextmanager
def alone(settings: Settings, name: str) -> Iterator[None]:
    """The kernel gives the lock back when its holder dies."""
    settings.connections_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with progress_path(settings, name).with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PullError(f"{name}: another process is asking this system now.") from error
        yield
