"""Which loads a build folds in, and which builds there were.

`ops.build_window` has one row, read by dbt: loads with from_seq < load_seq <= to_seq are new. The
window moves on only when every model has been built, so a build that broke is simply run again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import duckdb

from orderhouse.settings import PROJECT_ROOT, Settings

_PROJECT_PARTS = ("models", "macros", "seeds", "dbt_project.yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of the facts a build folds in. `is_full`: everything, from nothing."""

    build_id: str
    from_seq: int
    to_seq: int
    is_full: bool
    as_of: datetime | None
    input_hash: str
    project_hash: str
    last_build_id: str | None

    @property
    def is_empty(self) -> bool:
        """Nothing arrived since the last build, and nothing asks for a full one."""
        return not self.is_full and self.from_seq == self.to_seq


def project_hash() -> str:
    """Hash of models, macros and policies: when it changes, the next build is full."""
    digest = hashlib.sha256()
    root = PROJECT_ROOT / "dbt_project"
    for part in _PROJECT_PARTS:
        base = root / part
        paths = [base] if base.is_file() else sorted(p for p in base.rglob("*") if p.is_file())
        for path in paths:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _ensure_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create schema if not exists ops")
    con.execute(
        "create table if not exists ops.builds (build_id varchar, started_at timestamp, "
        "finished_at timestamp, state varchar, from_seq bigint, to_seq bigint, is_full boolean, "
        "as_of timestamp, input_hash varchar, project_hash varchar)"
    )
    con.execute(
        "create table if not exists ops.build_window (build_id varchar, from_seq bigint, "
        "to_seq bigint, is_full boolean, as_of timestamp)"
    )


def _input_hash(con: duckdb.DuckDBPyConnection, project: str, as_of: datetime | None) -> str:
    files = con.execute("select distinct file_id from ops.loads order by file_id").fetchall()
    digest = hashlib.sha256(project.encode())
    digest.update(str(as_of).encode())
    for (file_id,) in files:
        digest.update(str(file_id).encode())
    return digest.hexdigest()


def _explains_codes(con: duckdb.DuckDBPyConnection, after_seq: int) -> bool:
    """Somebody said what a code means, or took it back: like a policy, it is about all facts."""
    news = con.execute(
        "with said as (select decision_id from records.decisions "
        "where verb in ('map_code', 'map_sku')) "
        "select 1 from records.decisions where load_seq > ? "
        "and (verb in ('map_code', 'map_sku') "
        "or undoes_decision_id in (select decision_id from said)) limit 1",
        [after_seq],
    ).fetchone()
    return news is not None


def open_window(settings: Settings, *, full: bool, as_of: datetime | None) -> Window:
    """Decides what the next build folds in and writes it where dbt reads it.

    Nothing is written for an empty window: there will be no build.
    """
    now = settings.clock()
    project = project_hash()
    with duckdb.connect(str(settings.warehouse_path)) as con:
        _ensure_tables(con)
        last = con.execute(
            "select build_id, to_seq, as_of, project_hash from ops.builds "
            "where state = 'folded' order by started_at desc, build_id desc limit 1"
        ).fetchone()
        newest = con.execute("select coalesce(max(load_seq), 0) from ops.loads").fetchone()
        to_seq = int(newest[0]) if newest else 0
        is_full = (
            full
            or last is None
            or last[2] != as_of
            or last[3] != project
            or _explains_codes(con, int(last[1]))
            or not settings.candidate_path.exists()
        )
        window = Window(
            build_id=_new_id(con, now, to_seq),
            from_seq=0 if is_full or last is None else int(last[1]),
            to_seq=to_seq,
            is_full=is_full,
            as_of=as_of,
            input_hash=_input_hash(con, project, as_of),
            project_hash=project,
            last_build_id=None if last is None else str(last[0]),
        )
        if window.is_empty:
            return window
        con.execute("begin")
        con.execute("delete from ops.build_window")
        con.execute(
            "insert into ops.build_window values (?, ?, ?, ?, ?)",
            [window.build_id, window.from_seq, window.to_seq, window.is_full, window.as_of],
        )
        con.execute(
            "insert into ops.builds values (?, ?, null, 'started', ?, ?, ?, ?, ?, ?)",
            [window.build_id, now, window.from_seq, window.to_seq, window.is_full, window.as_of,
             window.input_hash, window.project_hash],
        )  # fmt: skip
        con.execute("commit")
    return window


def _new_id(con: duckdb.DuckDBPyConnection, now: datetime, to_seq: int) -> str:
    """Sorts by time, says how far it goes, and is new even within a second."""
    stem = now.strftime("%Y%m%dT%H%M%S") + f"-{to_seq:06d}"
    row = con.execute(
        "select count(*) from ops.builds where starts_with(build_id, ?)", [stem]
    ).fetchone()
    again = int(row[0]) if row else 0
    return f"{stem}-{again}" if again else stem


def close_window(settings: Settings, window: Window, state: str) -> None:
    """Marks the build `folded` (the window moves on) or `failed` (it stays)."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute(
            "update ops.builds set state = ?, finished_at = ? where build_id = ?",
            [state, settings.clock(), window.build_id],
        )


def last_folded(settings: Settings) -> Window:
    """The newest build whose models are all built.

    Raises:
        LookupError: no build has finished yet.
    """
    with duckdb.connect(str(settings.warehouse_path)) as con:
        row = con.execute(
            "select build_id, from_seq, to_seq, is_full, as_of, input_hash, project_hash "
            "from ops.builds where state = 'folded' order by started_at desc, build_id desc limit 1"
        ).fetchone()
    if row is None:
        raise LookupError("No build has finished yet.")
    return Window(
        build_id=row[0], from_seq=row[1], to_seq=row[2], is_full=row[3], as_of=row[4],
        input_hash=row[5], project_hash=row[6], last_build_id=None,
    )  # fmt: skip


def is_settled(settings: Settings) -> bool:
    """Everything loaded is folded, by the models as they are now, and what is folded is served."""
    from pipelines.publish import current_build

    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        known = con.execute(
            "select count(*) from information_schema.tables "
            "where table_schema = 'ops' and table_name = 'builds'"
        ).fetchone()
        if not known or not known[0]:
            return False
        newest = con.execute("select coalesce(max(load_seq), 0) from ops.loads").fetchone()
    try:
        last = last_folded(settings)
    except LookupError:
        return False
    return (
        newest is not None
        and last.to_seq == newest[0]
        and last.as_of is None
        and last.project_hash == project_hash()
        and last.build_id == current_build(settings)
    )
