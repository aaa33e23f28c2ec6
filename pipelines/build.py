"""What a build does, step by step. Dagster's assets, the worker and the tests call these steps."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingestion.buckets import due_objects, land_bucket
from ingestion.errors import LandingError
from ingestion.ingest import IngestReport, ingest
from ingestion.landing import land
from ingestion.records import STREAMS
from ingestion.warehouse import init_warehouse
from orderhouse.connections import BucketConnection, ConnectionsError, load_connections
from orderhouse.failpoints import reach
from orderhouse.settings import MissingCredential, Settings
from pipelines.checks import failing, note
from pipelines.decisions import pull_access_events, pull_decisions
from pipelines.gates import (
    CANDIDATE_GATE,
    candidate_gate,
    door_gate,
    gates_of_dbt,
    keep_gates,
    kept_gates,
)
from pipelines.publish import Gate, PublishError, current_build, publish, record_attempt
from pipelines.quarantine import release_asked
from pipelines.restated import remember
from pipelines.transform import NodeResult, TransformError, run_dbt
from pipelines.window import Window, close_window, last_folded, open_window

# A line for each step, for whoever waits; the command line prints it.
progress = logging.getLogger("orderhouse.progress")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What the door took in before a build."""

    decisions: int
    report: IngestReport


def take_in(settings: Settings) -> Intake:
    """Lands what lies in the inbox, pulls decisions, loads every landed file."""
    progress.info("Taking in files and decisions")
    init_warehouse(settings.warehouse_path)
    land_inbox(settings)
    land_buckets(settings)
    decisions = pull_decisions(settings)
    pull_access_events(settings)
    release_asked(settings)
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


def due_in_buckets(settings: Settings) -> list[str]:
    """What looking into the buckets would fetch now, and which of them cannot be looked into."""
    due = []
    for place in load_connections(settings).of(BucketConnection):
        try:
            due += [f"{place.name} {one}" for one in due_objects(settings, place, settings.clock())]
        except (LandingError, MissingCredential) as error:
            progress.warning("%s: %s", place.name, error)
    return due


def land_buckets(settings: Settings) -> int:
    """Lands what is new in the buckets of `connections.yml`; returns how many files.

    A bucket that cannot be read does not hold up what has come by other ways.
    """
    landed = 0
    try:
        places = load_connections(settings).of(BucketConnection)
    except ConnectionsError as error:
        progress.warning("No bucket is read: %s", error)
        return 0
    for place in places:
        try:
            report = land_bucket(settings, place, settings.clock())
        except (LandingError, MissingCredential) as error:
            progress.warning("%s: %s", place.name, error)
            continue
        for key, why in report.refused.items():
            progress.warning("%s: %s: %s", place.name, key, why)
        landed += len(report.landed)
    return landed


def inbox_files(settings: Settings) -> list[Path]:
    """Complete files waiting in the inbox. Names that start with a dot are still being written."""
    if not settings.inbox_dir.exists():
        return []
    found = (p for p in settings.inbox_dir.glob("*/*/*") if p.is_file())
    return sorted(
        p for p in found if not p.name.startswith(".") and p.suffix not in (".part", ".tmp")
    )


def waiting_files(settings: Settings) -> int:
    """Files in the inbox, or landed but not loaded."""
    return len(landed_files(settings)) + len(inbox_files(settings))


def landed_files(settings: Settings) -> list[Path]:
    """What is known of files that are landed but not loaded."""
    pending = settings.landing_dir / "pending"
    return sorted(pending.glob("*.json")) if pending.exists() else []


def fold(settings: Settings, window: Window, select: Iterable[str] = (),
         *, with_tests: bool = True) -> list[NodeResult]:  # fmt: skip
    """Runs dbt over the window and moves the window on if every model was built.

    Raises:
        TransformError: a model failed; the window stays, so the next build repeats it.
    """
    as_of = window.as_of.isoformat(sep=" ") if window.as_of else None
    reach("build.after_window")
    what = "everything" if window.is_full else f"loads {window.from_seq + 1} to {window.to_seq}"
    progress.info("Folding %s with dbt", what)
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
    progress.info("Checking the new records (Great Expectations)")
    found = [door_gate(settings, stream, window.from_seq) for stream in STREAMS]
    gates = [gate for gate in found if gate is not None]
    note(settings, "door", gates)
    return gates


def release(settings: Settings, window: Window, gates: list[Gate]) -> Path:
    """Publishes if every gate is green; says why in `last_attempt.json` either way.

    Raises:
        PublishError: a gate is red or the disk refused; the old snapshot is still served.
    """
    progress.info("Publishing snapshot %s", window.build_id)
    note(settings, "candidate", [gate for gate in gates if gate.name == CANDIDATE_GATE])
    try:
        path = publish(
            settings, window.build_id, gates, input_hash=window.input_hash,
            as_of=window.as_of.isoformat(sep=" ") if window.as_of else None,
            is_full=window.is_full,
        )  # fmt: skip
    except PublishError as error:
        record_attempt(
            settings, window.build_id, ok=False, reason=str(error), gates=gates,
            failing=failing(settings),
        )  # fmt: skip
        raise
    record_attempt(settings, window.build_id, ok=True, reason="published", gates=gates)
    remember(settings, window.build_id, path)
    return path


def build_once(settings: Settings, *, full: bool = False, as_of: datetime | None = None,
               with_checks: bool = True) -> tuple[Window, list[Gate], Path | None]:  # fmt: skip
    """Intake, fold, gates, publish without an orchestrator: for tests and benchmarks.

    The caller holds the writer lease. Returns no path when there was nothing to do.
    """
    take_in(settings)
    window = open_window(settings, full=full, as_of=as_of)
    if not window.is_empty:
        gates = door_gates(settings, window) if with_checks else []
        tested = gates_of_dbt(fold(settings, window, with_tests=with_checks))
        note(settings, "dbt", tested, whole=with_checks)
        gates += tested
        keep_gates(settings, window.build_id, gates)
    folded = last_folded(settings)
    if folded.build_id == current_build(settings):
        return folded, [], None
    gates = kept_gates(settings, folded.build_id)
    if with_checks:
        gates.append(candidate_gate(settings))
    return folded, gates, release(settings, folded, gates)
