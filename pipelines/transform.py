"""Runs dbt inside this process, on a project that `parsing` has read before.

dbt is told where things are through the environment, because profiles can read nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from orderhouse.failpoints import reach
from orderhouse.settings import Settings
from pipelines.ephemeral import place_quickly
from pipelines.parsing import (
    TransformError,
    described,
    forget_compiled,
    kept_project,
    parse_hash,
    parse_project,
    read_from,
)

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """How one model, seed or test of a run ended."""

    unique_id: str
    resource_type: str
    name: str
    status: str  # success, pass, warn, error, fail, skipped
    message: str
    failures: int
    seconds: float

    @property
    def is_bad(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def _set_environment(settings: Settings) -> None:
    settings.dbt_dir.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        ORDERHOUSE_WAREHOUSE=str(settings.warehouse_path),
        ORDERHOUSE_CANDIDATE=str(settings.candidate_path),
        ORDERHOUSE_DUCKDB_MEMORY_LIMIT=settings.duckdb_memory_limit,
        ORDERHOUSE_DUCKDB_THREADS=str(settings.duckdb_threads),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DO_NOT_TRACK="1",
    )


def _flags(settings: Settings) -> list[str]:
    return [
        "--project-dir", str(settings.project_dir),
        "--profiles-dir", str(settings.project_dir),
        "--target-path", str(settings.dbt_dir / "target"),
        "--log-path", str(settings.dbt_dir / "logs"),
    ]  # fmt: skip


def _variables(*, is_full: bool, as_of: str | None, **bounds: int) -> list[str]:
    return ["--vars", json.dumps({"is_full": is_full, "as_of": as_of or "", **bounds})]


def _bounds(settings: Settings) -> dict[str, int]:
    """from_seq and to_seq of the open window: read once here instead of once a model by dbt."""
    with duckdb.connect(str(settings.warehouse_path)) as con:
        row = con.execute("select from_seq, to_seq from ops.build_window").fetchone()
    return {} if row is None else {"from_seq": row[0], "to_seq": row[1]}


def parsed(settings: Settings) -> Manifest:
    """The project as dbt sees it: from memory, from what this home keeps, or parsed now."""
    digest = parse_hash(settings.project_dir)
    found = kept_project(settings, digest)
    if found is None:
        _set_environment(settings)
        found = parse_project(settings, digest, _flags(settings))
    return read_from(found, settings.project_dir)


def _runner(settings: Settings) -> dbtRunner:
    from dbt.cli.main import dbtRunner

    manifest = parsed(settings)
    forget_compiled(manifest)
    place_quickly()
    return dbtRunner(manifest=manifest, callbacks=[_on_event])


def _on_event(event: Any) -> None:
    if event.info.name == "NodeFinished":
        reach("build.node_finished")


def close_connections() -> None:
    """Lets go of the DuckDB files: a kept connection would lock every other process out."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def run_dbt(settings: Settings, *, is_full: bool, as_of: str | None,
            select: Iterable[str] = (),
            exclude_tests: bool = False) -> list[NodeResult]:  # fmt: skip
    """Builds the selected nodes (default: all) in dependency order, with their data tests.

    Raises:
        TransformError: dbt itself broke. Failing models and tests are in the results.
    """
    _set_environment(settings)
    command = ["--quiet", "build", *_flags(settings)]
    # dbt's artefacts and its log of every statement cost a small change a tenth of its time.
    command += [] if is_full else ["--no-write-json", "--log-level-file", "error"]
    command += _variables(is_full=is_full, as_of=as_of, **_bounds(settings))
    if is_full:
        command.append("--full-refresh")
    left_out = ["unit_test"]
    left_out += [] if is_full else ["seed"]  # a change of policies makes a build full
    left_out += ["test"] if exclude_tests else []
    command += [word for kind in left_out for word in ("--exclude-resource-type", kind)]
    chosen = list(select)
    if chosen:
        command += ["--select", *chosen]
    try:
        outcome = _runner(settings).invoke(command)
    finally:
        close_connections()
    if outcome.result is None:
        raise TransformError(f"dbt stopped: {outcome.exception}")
    return [_node_result(item) for item in outcome.result.results]  # type: ignore[union-attr]


def _node_result(item: Any) -> NodeResult:
    return NodeResult(
        unique_id=item.node.unique_id,
        resource_type=str(item.node.resource_type),
        name=item.node.name,
        status=str(item.status),
        message=str(item.message or ""),
        failures=int(item.failures or 0),
        seconds=float(item.execution_time),
    )


def prepare_manifest(settings: Settings) -> Path:
    """Path of a manifest in JSON for Dagster to read; written only when the project has changed."""
    return described(settings, parse_hash(settings.project_dir), lambda: parsed(settings))
