"""Builds a home with dbt in this process: one parsed manifest for all tests of a run.

`build(world)` is a full rebuild, `build(world, from_seq=n)` folds in the loads after n.
"""

from __future__ import annotations

import json
import os
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb

from orderhouse.settings import Settings
from pipelines.ephemeral import place_quickly
from pipelines.parsing import forget_compiled
from pipelines.transform import parsed
from tests.dbt_project.worlds import World
from tests.support.homes import once, parsed_template

PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
_run: dict[str, Path] = {}


def keep_in(templates: Path, own: Path) -> None:
    """Where this test run keeps what its workers share, and this worker what it writes."""
    _run.update(templates=templates, own=own)


def _flags() -> list[str]:
    return [
        "--quiet",
        "--log-level-file", "none",
        "--project-dir", str(PROJECT),
        "--profiles-dir", str(PROJECT),
        "--no-write-json",
        "--target-path", str(_run["own"] / "target"),
        "--log-path", str(_run["own"] / "logs"),
    ]  # fmt: skip


def _point_at(world: World) -> None:
    os.environ.update(
        ORDERHOUSE_WAREHOUSE=str(world.warehouse),
        ORDERHOUSE_CANDIDATE=str(world.candidate),
        ORDERHOUSE_DUCKDB_THREADS="2",
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
    )


@lru_cache(maxsize=1)
def manifest() -> Any:
    """The parsed project: by the first of the workers that asks."""
    return parsed(Settings(home=parsed_template(_run["templates"])))


def invoke(world: World, command: str, *arguments: str, is_full: bool, as_of: str = "") -> Any:
    """Runs one dbt command on a world; raises with the messages of what failed."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    project = manifest()
    forget_compiled(project)
    place_quickly()
    _point_at(world)
    variables = json.dumps({"is_full": is_full, "as_of": as_of, **world.window()})
    line = [command, *_flags(), "--vars", variables, *arguments]
    if is_full and command in ("run", "build", "seed"):
        line.append("--full-refresh")
    try:
        outcome = dbtRunner(manifest=project).invoke(line)
    finally:
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise AssertionError(_failures(outcome))
    return outcome.result


@lru_cache(maxsize=1)
def _policies() -> Path:
    """A candidate that holds the seeds and nothing else, to start worlds from."""

    def seed(home: Path) -> None:
        seeded = World(home=home)
        seeded.open_window(full=True)
        invoke(seeded, "seed", is_full=True)

    return World.at(once(_run["templates"] / "policies", seed)).candidate


def _failures(outcome: Any) -> str:
    if outcome.result is None:
        return f"dbt stopped: {outcome.exception}"
    bad = [r for r in outcome.result.results if str(r.status) in ("error", "fail", "runtime error")]
    return "\n".join(f"{r.node.name}: {r.status} {r.message}" for r in bad)


def build(
    world: World, *, from_seq: int | None = None, to_seq: int | None = None,
    as_of: str = "", tests: bool = False,
) -> None:  # fmt: skip
    """Folds the world: all of it, or only the loads after `from_seq`."""
    full = from_seq is None
    world.open_window(full=full, from_seq=from_seq or 0, to_seq=to_seq)
    if not world.candidate.exists():
        shutil.copy(_policies(), world.candidate)
    invoke(world, "run", is_full=full, as_of=as_of)
    if tests:
        invoke(world, "test", "--exclude-resource-type", "unit_test", is_full=full, as_of=as_of)


def marts(world: World) -> duckdb.DuckDBPyConnection:
    """The candidate, read-only, under a name that is not that of a schema in it."""
    con = duckdb.connect()
    con.execute(f"attach '{world.candidate}' as built (read_only)")
    con.execute("use built")
    return con


OF_FILES = {
    "marts.fct_loads", "marts.fct_load_streams", "marts.agg_feed_watermarks",
    "marts.fct_unknown_codes",
}  # fmt: skip


def fingerprint(world: World, *, lineage: bool = True) -> dict[str, str]:
    """Relation -> hash over its sorted rows.

    Without lineage: columns that begin with `_` and relations about files are left out, for
    worlds whose facts came in other files.
    """
    found: dict[str, str] = {}
    with marts(world) as con:
        relations = con.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'private') order by all"
        ).fetchall()
        for schema, name in relations:
            if not lineage and f"{schema}.{name}" in OF_FILES:
                continue
            described = [row[0] for row in con.execute(f"describe {schema}.{name}").fetchall()]
            columns = [column for column in described if lineage or not column.startswith("_")]
            kept = "true"  # but what is about files: health items and the log of feeds
            if not lineage and name == "queue_items":
                kept = "queue_code <> 'Q36'"
            elif not lineage and "entity_type" in columns:
                kept = "entity_type <> 'feed'"
            elif not lineage and "recon_code" in columns:
                kept = "recon_code <> 'RC20'"  # rows of files against rows of records
            text = " || '|' || ".join(f"coalesce({c}::varchar, '~')" for c in columns)
            row = con.execute(
                f"select count(*), md5(coalesce(string_agg(h, '' order by h), '')) "
                f"from (select md5({text}) as h from {schema}.{name} where {kept})"
            ).fetchone()
            found[f"{schema}.{name}"] = f"{row[0]}:{row[1]}" if row else ""
    return found
