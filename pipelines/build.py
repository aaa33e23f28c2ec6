"""What a build does, step by step. Dagster's assets, the worker and the tests call these steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.ingest import IngestReport, ingest
from ingestion.landing import land
from ingestion.records import STREAMS
from ingestion.warehouse import init_warehouse
from orderhouse.failpoints import reach
from orderhouse.settings import Settings
from pipelines.decisions import pull_decisions
from pipelines.gates import candidate_gate, door_gate, gates_of_dbt
from pipelines.publish import Gate, PublishError, current_build, publish, record_attempt
from pipelines.transform import NodeResult, TransformError, run_dbt
from pipelines.window import Window, close_window, open_window


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the door took in before a build."""

    decisions: int
    report: IngestReport


def take_in(settings: Settings) -> Intake:
    """Lands what lies in the inbox, pulls decisions, loads every landed file."""
    init_warehouse(settings.warehouse_path)
    land_inbox(settings)
    decisions = pull_decisions(settings)
    report = ingest(settings, now=settings.clock())
    reach("build.after_intake")
    return Intake(decisions=decisions, report=report)


def land_inbox(settings: Settings) -> int:
    """Lands `inbox/<source>/<shop>/<file>`, removes what has landed; returns how many."""
    landed = 0
    for path in inbox_files(settings):
        shop, source = path.parent.name, path.parent.parent.name
        land(settings, path, source=source, shop=shop, received_at=settings.clock())
        path.unlink()
        landed += 1
    return landed


def inbox_files(settings: Settings) -> list[Path]:
    """Complete files waiting in the inbox. Names that start with a dot are still being written."""
    if not settings.inbox_dir.exists():
        return []
    found = (p for p in settings.inbox_dir.glob("*/*/*") if p.is_file())
    return sorted(
        p for p in found if not p.name.startswith(".") and p.suffix not in (".part", ".tmp")
    )


def fold(settings: Settings, window: Window, select: Iterable[str] = (),
         *, with_tests: bool = True) -> list[NodeResult]:  # fmt: skip
    """Runs dbt over the window and moves the window on if every model was built.

    Raises:
        TransformError: a model failed; the window stays, so the next build repeats it.
    """
    as_of = window.as_of.isoformat(sep=" ") if window.as_of else None
    reach("build.after_window")
    try:
        results = run_dbt(
            settings, is_full=window.is_full, as_of=as_of, select=select,
            exclude_tests=not with_tests,
        )  # fmt: skip
    except TransformError:
        close_window(settings, window, "failed")
        raise
    reach("build.after_fold")
    broken = [r for r in results if r.is_bad and r.resource_type != "test"]
    close_window(settings, window, "failed" if broken else "folded")
    if broken:
        names = ", ".join(f"{r.name}: {r.message.strip()[:300]}" for r in broken[:3])
        raise TransformError(f"{len(broken)} models failed: {names}")
    return results


def door_gates(settings: Settings, window: Window) -> list[Gate]:
    gates = [door_gate(settings, stream, window.from_seq) for stream in STREAMS]
    return [gate for gate in gates if gate is not None]


def release(settings: Settings, window: Window, gates: list[Gate]) -> Path:
    """Publishes if every gate is green; says why in `last_attempt.json` either way.

    Raises:
        PublishError: a gate is red or the disk refused; the old snapshot is still served.
    """
    try:
        path = publish(
            settings, window.build_id, gates, input_hash=window.input_hash,
            as_of=window.as_of.isoformat(sep=" ") if window.as_of else None,
            is_full=window.is_full,
        )  # fmt: skip
    except PublishError as error:
        record_attempt(settings, window.build_id, ok=False, reason=str(error), gates=gates)
        raise
    record_attempt(settings, window.build_id, ok=True, reason="published", gates=gates)
    return path


def is_current(settings: Settings, window: Window) -> bool:
    """Nothing new to fold, and what is served is the last build."""
    return window.is_empty and current_build(settings) is not None and _served_is_good(settings)


def _served_is_good(settings: Settings) -> bool:
    attempt = settings.serving_dir / "last_attempt.json"
    return attempt.exists() and '"ok": true' in attempt.read_text(encoding="utf-8")


def build_once(settings: Settings, *, full: bool = False, as_of: datetime | None = None,
               with_suites: bool = True) -> tuple[Window, list[Gate], Path | None]:  # fmt: skip
    """Intake, fold, gates, publish without an orchestrator: for tests and benchmarks.

    The caller holds the writer lease. Returns no path when there was nothing to do.
    """
    take_in(settings)
    window = open_window(settings, full=full, as_of=as_of)
    if is_current(settings, window):
        close_window(settings, window, "empty")
        return window, [], None
    gates = door_gates(settings, window) if with_suites else []
    results = fold(settings, window)
    gates += gates_of_dbt(results)
    if with_suites:
        gates.append(candidate_gate(settings))
    return window, gates, release(settings, window, gates)
