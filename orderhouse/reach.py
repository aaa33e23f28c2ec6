"""How far connections have got, for whoever asks: what a pull has read, what a hook has taken.

`connections/<name>.json` is written by the pull engine, `connections/<name>.hook.json` by the
webhook inbox: how many requests of which day ended how. Numbers for people, not facts; a lost one
is no lost record.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orderhouse.settings import MissingCredential, Settings, named

# Requests to addresses nobody has; no connection is called so.
UNKNOWN = "_unknown"
TAKEN = ("landed", "ping")
DAYS_KEPT = 31


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


def progress_path(settings: Settings, name: str) -> Path:
    return settings.connections_dir / f"{name}.json"


def load_progress(settings: Settings, name: str) -> Progress:
    path = progress_path(settings, name)
    return Progress(**json.loads(path.read_text("utf-8"))) if path.exists() else Progress()


def is_there(reference: str) -> bool:
    """Whether this process has the credential; its value goes nowhere."""
    try:
        named(reference)
    except MissingCredential:
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class HookNews:
    """What became of the requests of some days: outcome -> how many; when it was last so."""

    counts: dict[str, int]
    last_taken_at: datetime | None = None
    last_refused_at: datetime | None = None
    last_refusal: str = ""

    @property
    def taken(self) -> int:
        return sum(self.counts.get(code, 0) for code in TAKEN)

    @property
    def refused(self) -> int:
        return sum(self.counts.values()) - self.taken


def count_hook(settings: Settings, name: str, code: str, now: datetime, more: int = 1) -> None:
    """So many more requests that ended so. One writer: the inbox."""
    path = _hook_path(settings, name)
    kept = _read(path)
    days: dict[str, dict[str, int]] = kept.setdefault("days", {})
    today = days.setdefault(f"{now:%Y-%m-%d}", {})
    today[code] = today.get(code, 0) + more
    for day in sorted(days)[:-DAYS_KEPT]:
        del days[day]
    if code in TAKEN:
        kept["last_taken_at"] = now.isoformat()
    else:
        kept |= {"last_refused_at": now.isoformat(), "last_refusal": code}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(kept), encoding="utf-8")
    draft.replace(path)


def hook_news(settings: Settings, name: str, now: datetime, days: int = 7) -> HookNews:
    """What became of the requests of the last days, today included."""
    kept, counts = _read(_hook_path(settings, name)), Counter[str]()
    first = f"{now - timedelta(days=days - 1):%Y-%m-%d}"
    for day, told in kept.get("days", {}).items():
        if day >= first:
            counts.update(told)
    return HookNews(
        counts=dict(counts), last_taken_at=_moment(kept, "last_taken_at"),
        last_refused_at=_moment(kept, "last_refused_at"),
        last_refusal=kept.get("last_refusal", ""),
    )  # fmt: skip


def _hook_path(settings: Settings, name: str) -> Path:
    return settings.connections_dir / f"{name}.hook.json"


def _read(path: Path) -> dict[str, Any]:
    """Nothing where there is no file, or one a crash has left half."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _moment(kept: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(kept[name]) if kept.get(name) else None
