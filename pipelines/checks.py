"""What the gates found, kept as facts: the cases of data health are folded from it.

Only a verdict that differs from the last one of its check is kept, so the table grows with what
goes wrong and not with what is built. A finding at the door is known before its records are folded
and is in the same build; one of the candidate is in the next. While a check that stops a build
fails nothing new is served: what fails now is told beside the last attempt.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import duckdb

from orderhouse.settings import Settings
from pipelines.publish import Gate, door_name

FAILED, WARNED, PASSED = "failed", "warned", "passed"
# The list of what failed is led by a summary, which is no check of its own.
_SUMMARY = "dbt"


def verdict_of(gate: Gate) -> str:
    if not gate.ok:
        return FAILED
    return WARNED if gate.warns else PASSED


def note(settings: Settings, part: str, gates: Iterable[Gate], *, whole: bool = False) -> int:
    """Keeps the verdicts that are news; how many were.

    Args:
        part: who looked: door, dbt, candidate.
        whole: every check of the part was made, so one that is not told of has passed.
    """
    with duckdb.connect(str(settings.warehouse_path)) as con:
        known = _last_verdicts(con, part)
        told = {gate.name: gate for gate in gates if gate.name != _SUMMARY}
        found = {name: (verdict_of(gate), gate.detail) for name, gate in told.items()}
        if whole:
            found |= {name: (PASSED, "") for name in known if name not in told}
        [(newest,)] = con.execute("select coalesce(max(load_seq), 0) from ops.loads").fetchall()
        [(so_far,)] = con.execute("select coalesce(max(check_seq), 0) from ops.checks").fetchall()
        came = _received(con) if part == "door" else {}
        rows = [
            [newest, name, part, came.get(name, settings.clock()), verdict, detail[:400]]
            for name, (verdict, detail) in sorted(found.items())
            if verdict != known.get(name, PASSED)
        ]
        if rows:
            numbered = [[so_far + place, *row] for place, row in enumerate(rows, start=1)]
            con.executemany("insert into ops.checks values (?, ?, ?, ?, ?, ?, ?)", numbered)
    return len(rows)


def _last_verdicts(con: duckdb.DuckDBPyConnection, part: str) -> dict[str, str]:
    rows = con.execute(
        "select check_id, arg_max(verdict, check_seq) from ops.checks "
        "where part = ? group by check_id",
        [part],
    ).fetchall()
    return {str(name): str(verdict) for name, verdict in rows}


def _received(con: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """Check at the door -> when the newest records of its stream came: since then it is so."""
    rows = con.execute(
        "select streams.stream, max(loads.received_at) from ops.load_streams as streams "
        "inner join ops.loads as loads on streams.load_seq = loads.load_seq "
        "where loads.received_at is not null group by streams.stream"
    ).fetchall()
    return {door_name(stream): received for stream, received in rows}


def failing(settings: Settings) -> list[dict[str, Any]]:
    """What stops builds now: the check, since when, how often it has not held, what was seen."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        rows = con.execute(
            "select check_id, part, max(checked_at) as since, "
            "count(*) filter (where verdict <> 'passed') as episode, "
            "arg_max(verdict, check_seq) as verdict, "
            "arg_max(detail, check_seq) as detail "
            "from ops.checks group by check_id, part order by check_id"
        ).fetchall()
    return [
        {"check_id": name, "part": part, "since": since.isoformat(), "episode": episode,
         "detail": detail}
        for name, part, since, episode, verdict, detail in rows
        if verdict == FAILED
    ]  # fmt: skip
