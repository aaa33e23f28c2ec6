"""How far each connection has got: `connections/<name>.json`, one writer at a time.

A feed's mark moves only after everything before it is landed, so a crash makes us read again,
never skip.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from ingestion.landing import sync_folder, write_durably
from ingestion.pulling.calls import PullError
from orderhouse.settings import Settings


@dataclass(slots=True, kw_only=True)
class Progress:
    """Times are naive UTC, in ISO text.

    Attributes:
        read_until: feed -> everything that changed before this is landed.
    """

    read_until: dict[str, str] = field(default_factory=dict)
    tried_at: str = ""
    succeeded_at: str = ""
    error: str = ""

    def mark(self, feed: str) -> datetime | None:
        text = self.read_until.get(feed)
        return datetime.fromisoformat(text) if text else None


def load_progress(settings: Settings, name: str) -> Progress:
    path = _path(settings, name)
    return Progress(**json.loads(path.read_text("utf-8"))) if path.exists() else Progress()


def save_progress(settings: Settings, name: str, progress: Progress) -> None:
    """On disk for good when this returns."""
    path = _path(settings, name)
    write_durably(path, [json.dumps(asdict(progress), ensure_ascii=False, indent=2).encode()])
    sync_folder(path.parent)


@contextmanager
def alone(settings: Settings, name: str) -> Iterator[None]:
    """The kernel gives the lock back when its holder dies."""
    settings.connections_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _path(settings, name).with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PullError(f"{name}: another process is asking this system now.") from error
        yield


def _path(settings: Settings, name: str) -> Path:
    return settings.connections_dir / f"{name}.json"
