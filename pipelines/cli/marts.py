"""Commands about marts: build, publish, rollback, sql."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from orderhouse.settings import get_settings
from pipelines.cli.errors import UsageError


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    for command in (build, publish, rollback, sql, what_if, detectors, actions, lanes):
        app.command()(command)


def build(
    full: Annotated[
        bool, typer.Option("--full", help="From nothing, not only what is new.")
    ] = False,
    as_of: Annotated[
        datetime | None, typer.Option(help="Fold only what had happened by then, UTC.")
    ] = None,
) -> None:
    """Run the Dagster job in this process: take in, fold, gate, publish."""
    from pipelines.execute import run_build

    report = run_build(get_settings(), full=full, as_of=as_of)
    print(report)


def publish() -> None:
    """Publish the last build again if its gates are green (after a full disk, say)."""
    from pipelines.build import release
    from pipelines.gates import candidate_gate, kept_gates
    from pipelines.lease import writer_lease
    from pipelines.window import last_folded

    settings = get_settings()
    with writer_lease(settings):
        window = last_folded(settings)
        gates = [*kept_gates(settings, window.build_id), candidate_gate(settings)]
        path = release(settings, window, gates)
    print(f"Published {path.name}")


def what_if(
    changes: Annotated[
        list[str], typer.Argument(help="Such as sla_policies.S04.budget_minutes=60; one or more.")
    ],
    days: Annotated[int, typer.Option(min=1, max=720, help="How many days back to look.")] = 30,
) -> None:
    """Replay the facts under changed policies and show what would have been different."""
    from orderhouse.what_if import parse_change
    from pipelines.what_if import replay

    asked = [parse_change(text) for text in changes]
    for section, rows in replay(get_settings(), asked, days).items():
        moved = [row for row in rows if _has_moved(row)]
        print(f"{section}: {len(moved)} of {len(rows)} would differ")
        for row in moved:
            said = ", ".join(
                f"{name} {row[f'{name}_before']} -> {row[f'{name}_after']}"
                for name in (key.removesuffix("_before") for key in row if key.endswith("_before"))
            )
            print(f"  {row['code']}: {said}")


def _has_moved(row: dict[str, object]) -> bool:
    before = [value for key, value in row.items() if key.endswith("_before")]
    after = [value for key, value in row.items() if key.endswith("_after")]
    return before != after


def rollback(
    to: Annotated[str | None, typer.Option(help="Build id; default the one before.")] = None,
) -> None:
    """Serve an older snapshot again. The next build moves forward from the facts as usual."""
    from pipelines.publish import rollback as go_back

    print(f"Serving build {go_back(get_settings(), to)}")


def sql(
    query: Annotated[str, typer.Argument(help="One SELECT over marts.* and policies.*")],
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.TABLE,
) -> None:
    """Query the served snapshot, read-only and locked down."""
    import duckdb

    from pipelines.publish import current_build

    settings = get_settings()
    build_id = current_build(settings)
    if build_id is None:
        raise UsageError("Nothing is published yet. Run: orderhouse build")
    path = settings.serving_dir / f"serving-{build_id}.duckdb"
    with duckdb.connect(str(path), read_only=True) as con:
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
        try:
            relation = con.sql(query)
        except duckdb.Error as error:
            raise UsageError(f"The query does not run: {error}") from error
        if relation is None:
            return
        if format is Format.TABLE:
            print(relation)
            return
        frame = relation.pl()
    if format is Format.CSV:
        sys.stdout.write(frame.write_csv())
    else:
        print(json.dumps(frame.to_dicts(), default=str, ensure_ascii=False, indent=1))


def lanes(
    write: Annotated[
        Path | None, typer.Option(help="Folder of seeds to write the measured rows to.")
    ] = None,
) -> None:
    """Measure how long parcels take to the door and how long each stage is silent."""
    from pipelines import lanes as measured_lanes
    from pipelines.publish import current_build

    settings = get_settings()
    build_id = current_build(settings)
    if build_id is None:
        raise UsageError("Nothing is published yet. Run: orderhouse build")
    measured = measured_lanes.measure(settings.serving_dir / f"serving-{build_id}.duckdb")
    for name, rows in measured.items():
        print(f"{name}\n{rows.write_csv()}")
    if write is not None:
        for path in measured_lanes.write(measured, write):
            print(f"Written: {path.name}. The next build is full, because a policy changed.")


def actions(
    write: Annotated[Path | None, typer.Option(help="Write the page to this file.")] = None,
) -> None:
    """Say what every action of every queue does: to the case, the clocks, the fold and others."""
    from orderhouse.access import get_policy
    from pipelines.actions_page import as_markdown

    text = as_markdown(get_policy())
    if write is None:
        print(text)
    else:
        write.write_text(text, encoding="utf-8")


def detectors(
    write: Annotated[Path | None, typer.Option(help="Also write the table to this file.")] = None,
) -> None:
    """Measure each queue against the labels of the demo business in this home."""
    from pipelines.detectors import as_markdown, measure, present_of
    from pipelines.publish import current_build

    settings = get_settings()
    build_id = current_build(settings)
    if build_id is None or not (settings.demo_dir / "labels.csv").exists():
        raise UsageError("There is no built demo business here. Run: make build")
    orders, present = present_of(settings)
    snapshot = settings.serving_dir / f"serving-{build_id}.duckdb"
    qualities = measure(snapshot, settings.demo_dir / "labels.csv", present)
    text = as_markdown(qualities, orders)
    print(text)
    for quality in qualities:
        if quality.missed or quality.false_alarms:
            print(
                f"{quality.queue_code} missed {quality.missed[:5]} false {quality.false_alarms[:5]}"
            )
    if write is not None:
        write.write_text(text, encoding="utf-8")
