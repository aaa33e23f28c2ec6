"""B2a, B3a, B3b: the full build against one plain script; a small change against the full build.

The plain script is the same SQL without dbt: the statements dbt ran, in one DuckDB session, no
tests, no suites, no snapshot. Its marts are compared with ours before anything is timed.
"""

from __future__ import annotations

import shutil
import statistics
from itertools import count
from pathlib import Path

import duckdb

from benchmarks.homes import ROOT, built_home, land_change, loaded_home, settings_for
from benchmarks.measure import Comparison, Cost, compare, interval, once
from orderhouse.settings import Settings
from pipelines.build import build_once
from pipelines.lease import writer_lease
from tests.support.homes import mart_hashes

_number = count()


def _full_build(orders: int, *, with_checks: bool) -> tuple[Settings, Cost]:
    home = ROOT / f"full-{next(_number)}"
    shutil.copytree(loaded_home(orders), home)
    settings = settings_for(home)

    def work() -> None:
        with writer_lease(settings):
            build_once(settings, full=True, with_checks=with_checks)

    return settings, once(work)


def script_of(settings: Settings) -> list[str]:
    """The statements of the last full build, in the order dbt ran them."""
    import json

    ran = json.loads((settings.dbt_dir / "target" / "run_results.json").read_text())
    folder = settings.dbt_dir / "target" / "run" / "orderhouse"
    by_name = {path.stem: path for path in folder.rglob("*.sql")}
    names = [result["unique_id"].split(".")[2] for result in ran["results"]]
    return [by_name[name].read_text() for name in names if name in by_name]


def run_script(loaded: Path, script: list[str], policies: Path, target: Path) -> None:
    """Runs the statements on a copy of the loaded warehouse; the policies are copied in first."""
    target.mkdir(parents=True)
    shutil.copyfile(loaded / "warehouse" / "warehouse.duckdb", target / "warehouse.duckdb")
    con = duckdb.connect(
        str(target / "warehouse.duckdb"),
        config={"threads": 2, "memory_limit": "6GB", "preserve_insertion_order": False},
    )
    with con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach '{target / 'candidate.duckdb'}' as candidate")
        con.execute(f"attach '{policies}' as source (read_only)")
        con.execute("create schema candidate.policies")
        tables = con.execute(
            "select table_name from duckdb_tables() "
            "where database_name = 'source' and schema_name = 'policies'"
        ).fetchall()
        for (table,) in tables:
            con.execute(f"create table candidate.policies.{table} as from source.policies.{table}")
        con.execute("create or replace table ops.build_window as select 'x' as build_id, "
                    "0::bigint as from_seq, 1::bigint << 40 as to_seq, true as is_full, "
                    "null::timestamp as as_of")  # fmt: skip
        for schema in ("staging", "intermediate"):
            con.execute(f"create schema if not exists {schema}")
        for schema in ("marts", "private"):
            con.execute(f"create schema if not exists candidate.{schema}")
        for statement in script:
            con.execute(statement)


def b2a(orders: int, pairs: int) -> Comparison:
    """Full build with tests, suites and snapshot, against the plain script."""
    settings, _ = _full_build(orders, with_checks=False)
    script = script_of(settings)
    policies = settings.candidate_path

    def baseline() -> Path:
        target = ROOT / f"plain-{next(_number)}"
        run_script(loaded_home(orders), script, policies, target)
        return target

    checked = baseline()
    ours = mart_hashes(settings.candidate_path)
    theirs = mart_hashes(checked / "candidate.duckdb")
    if ours != theirs:
        differing = [name for name in ours if ours[name] != theirs.get(name)]
        raise SystemExit(f"The plain script gives other answers: {differing}")

    def build() -> None:
        home = ROOT / f"full-{next(_number)}"
        shutil.copytree(loaded_home(orders), home)
        with writer_lease(settings_for(home)):
            build_once(settings_for(home), full=True)
        shutil.rmtree(home)

    def plain() -> None:
        shutil.rmtree(baseline())

    build()  # imports and parsing are paid once by a warm process
    return compare(f"B2a full build, {orders:,} orders", build, plain, pairs)


def change_cost(orders: int, rows: int, runs: int) -> list[Cost]:
    """CPU of folding in `rows` new events and publishing, in a warm process."""
    home = ROOT / f"change-{next(_number)}"
    shutil.copytree(built_home(orders), home)
    costs = []
    for run in range(runs + 1):
        settings = settings_for(home, 31 + run)
        land_change(settings, rows, f"{run}")

        def work(settings: Settings = settings) -> None:
            with writer_lease(settings):
                build_once(settings, with_checks=False)

        costs.append(once(work))
    shutil.rmtree(home)
    return costs[1:]  # the first pays for parsing


def b3(orders: int, runs: int) -> list[str]:
    """Lines about a change of 0.1 % of the orders, and of 1,000 events at two sizes."""
    _, full = _full_build(orders, with_checks=False)
    small = change_cost(orders, orders // 1000, runs)
    fixed = change_cost(orders, 1_000, runs)
    fixed_before = change_cost(orders // 4, 1_000, runs)
    shares = [cost.cpu / full.cpu for cost in small]
    growth = [a.cpu / b.cpu for a, b in zip(fixed, fixed_before, strict=True)]
    return [
        f"| B3a change of 0.1 % at {orders:,} | {_median(small)} | {full.cpu:.2f} "
        f"| {_ratio(shares)} | | | {runs} |",
        f"| B3b 1,000 events at {orders:,} / at {orders // 4:,} | {_median(fixed)} "
        f"| {_median(fixed_before)} | {_ratio(growth)} | | | {runs} |",
    ]


def _median(costs: list[Cost]) -> str:
    return f"{statistics.median(cost.cpu for cost in costs):.2f}"


def _ratio(values: list[float]) -> str:
    low, high = interval(values)
    return f"{statistics.median(values):.3f} ({low:.3f} to {high:.3f})"
