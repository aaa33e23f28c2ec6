"""Opening the published snapshot: read-only, locked down, one connection a file.

The pointer `serving/current` names an immutable file. One connection per file is kept for the
process and each query runs on its own cursor; when the pointer moves, the next page opens the new
file and the old connection goes when its last reader is done. The warehouse itself is never opened.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orderhouse.settings import Settings

# In this order: external access can only be taken away, and the lock comes last.
LOCKDOWN = (
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set enable_external_access = false",
    "set lock_configuration = true",
)


class NoSnapshot(Exception):
    """Nothing has been published yet, or the pointer names a file that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a build says about itself."""

    build_id: str
    published_at: datetime
    as_of: datetime | None
    row_counts: Mapping[str, int]
    gates: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How the newest build ended, published or not."""

    build_id: str
    at: datetime
    ok: bool
    reason: str
    failed_gates: tuple[str, ...]
    failing: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published build, open for reading."""

    manifest: Manifest
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def build_id(self) -> str:
        return self.manifest.build_id

    def rows(
        self, sql: str, params: Sequence[Any] = (), beside: Mapping[str, pa.Table] | None = None
    ) -> list[dict[str, Any]]:
        """Rows of a query as dictionaries. Tables `beside` the marts are visible by their names."""
        cursor = self.connection.cursor()
        try:
            for name, table in (beside or {}).items():
                cursor.register(name, table)
            cursor.execute(sql, list(params))
            names = [column[0] for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def table(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """Rows of a query as one table, to stand beside the marts in later queries."""
        cursor = self.connection.cursor()
        try:
            return cursor.sql(sql, params=list(params)).to_arrow_table()
        finally:
            cursor.close()

    def columns(self, relation: str) -> frozenset[str]:
        """Columns a mart has in this build; a build never changes, so it is asked once."""
        key = f"columns of {relation}"
        if key not in self.memo:
            rows = self.rows(
                "select column_name from information_schema.columns "
                "where table_schema = 'marts' and table_name = ?",
                [relation],
            )
            self.memo[key] = frozenset(row["column_name"] for row in rows)
        return self.memo[key]

    def row(self, sql: str, params: Sequence[Any] = ()) -> dict[str, Any] | None:
        found = self.rows(sql, params)
        return found[0] if found else None


_lock = threading.Lock()
_open: dict[Path, Snapshot] = {}


def current_snapshot(settings: Settings) -> Snapshot:
    """The snapshot the pointer names now."""
    path = settings.serving_dir / _pointed(settings)
    with _lock:
        known = _open.get(path)
        if known is None:
            known = _connect(path, settings)
            # Readers of the old file keep their reference; nobody else gets one.
            for old in [p for p in _open if p.parent == path.parent]:
                del _open[old]
            _open[path] = known
        return known


def _pointed(settings: Settings) -> str:
    try:
        name = (settings.serving_dir / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise NoSnapshot("nothing is published") from error
    if Path(name).name != name or not name.startswith("serving-"):
        raise NoSnapshot(f"the pointer names {name!r}, which is not a snapshot")
    return name


def _connect(path: Path, settings: Settings) -> Snapshot:
    if not path.is_file():
        raise NoSnapshot(f"{path.name} is gone")
    connection = duckdb.connect(
        str(path),
        read_only=True,
        config={
            "python_enable_replacements": "false",
            "memory_limit": settings.duckdb_memory_limit,
            "threads": str(settings.duckdb_threads),
        },
    )
    for statement in LOCKDOWN:
        connection.execute(statement)
    return Snapshot(_manifest(path), connection)


def _manifest(path: Path) -> Manifest:
    raw = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    as_of = raw.get("as_of")
    return Manifest(
        build_id=raw["build_id"],
        published_at=_naive(raw["published_at"]),
        as_of=_naive(as_of) if as_of else None,
        row_counts=raw.get("row_counts", {}),
        gates=tuple(raw.get("gates", ())),
    )


def _naive(value: str) -> datetime:
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        return parsed
    return (parsed - (parsed.utcoffset() or timedelta())).replace(tzinfo=None)


def last_attempt(settings: Settings) -> Attempt | None:
    """How the newest build ended; None before the first."""
    path = settings.serving_dir / "last_attempt.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    failed = raw.get("failed_gates") or ()
    return Attempt(
        build_id=raw["build_id"],
        at=_naive(raw["at"]),
        ok=bool(raw["ok"]),
        reason=raw.get("reason") or "",
        failed_gates=tuple(g["name"] if isinstance(g, Mapping) else str(g) for g in failed),
        failing=tuple(one | {"since": _naive(one["since"])} for one in raw.get("failing") or ()),
    )
