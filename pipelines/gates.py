"""The gates: what the dbt tests and the suites found, as one list that decides."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from expectations.frames import candidate_totals, door_sample, door_totals
from expectations.runner import SuiteResult, run_suite
from expectations.suites import CANDIDATE, DOOR_SAMPLE, DOOR_TOTALS
from ingestion.records import STREAMS
from orderhouse.settings import Settings
from pipelines.publish import Gate
from pipelines.transform import NodeResult

CANDIDATE_GATE = "gx candidate"


def gates_of_dbt(results: Iterable[NodeResult]) -> list[Gate]:
    """One gate for the models and one for each data test that did not pass."""
    results = list(results)
    broken = [r for r in results if r.is_bad]
    tests = [r for r in results if r.resource_type == "test"]
    models = [r for r in results if r.resource_type in ("model", "seed")]
    summary = Gate(
        name="dbt",
        ok=not broken,
        detail=f"{len(models)} models and {len(tests)} tests, {len(broken)} failed",
        held=len(models) + len(tests) - len(broken),
    )
    failed = [Gate(name=r.name, ok=False, detail=r.message[:400]) for r in broken]
    warned = [
        Gate(name=r.name, ok=True, detail=r.message[:400], warns=True)
        for r in tests
        if r.status == "warn"
    ]
    return [summary, *failed, *warned]


def _gate(result: SuiteResult) -> Gate:
    warns = result.ok and bool(result.findings)
    held = result.checked - len(result.findings)
    name = f"gx {result.suite}"
    return Gate(name=name, ok=result.ok, detail=result.detail, warns=warns, held=held)


def door_gate(settings: Settings, stream: str, after_seq: int) -> Gate | None:
    """The suites on the records of one stream that came after `after_seq`; None if none came."""
    totals = door_totals(settings.warehouse_path, stream, STREAMS[stream].event_time, after_seq)
    if int(totals["records"].iloc[0]) == 0:
        return None
    counted = run_suite(f"door {stream}", totals, DOOR_TOTALS)
    sampled = run_suite(
        f"door {stream} sample",
        door_sample(settings.warehouse_path, stream, after_seq),
        DOOR_SAMPLE,
    )
    both = SuiteResult(
        suite=f"door {stream}",
        checked=counted.checked + sampled.checked,
        findings=counted.findings + sampled.findings,
    )
    return _gate(both)


def candidate_gate(settings: Settings) -> Gate:
    """The suite on the candidate marts."""
    frame = candidate_totals(settings.candidate_path, settings.warehouse_path)
    return _gate(run_suite("candidate", frame, CANDIDATE))


def keep_gates(settings: Settings, build_id: str, gates: Iterable[Gate]) -> None:
    """Keeps what was found for the step that publishes, which may run in another process."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        con.execute(
            "create table if not exists ops.gates "
            "(build_id varchar, name varchar, ok boolean, detail varchar)"
        )
        for column, kind in (("warns", "boolean"), ("held", "bigint")):
            con.execute(f"alter table ops.gates add column if not exists {column} {kind}")
        rows = [[build_id, g.name, g.ok, g.detail, g.warns, g.held] for g in gates]
        if rows:
            con.executemany("insert into ops.gates values (?, ?, ?, ?, ?, ?)", rows)


def kept_gates(settings: Settings, build_id: str) -> list[Gate]:
    """What earlier steps of the build found, in the order they found it."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        rows = con.execute(
            "select name, ok, detail, warns, held from ops.gates where build_id = ? order by rowid",
            [build_id],
        ).fetchall()
    return [
        Gate(name=name, ok=ok, detail=detail, warns=bool(warns), held=held or 0)
        for name, ok, detail, warns, held in rows
    ]
