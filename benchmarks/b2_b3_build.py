"""B2a, B3a, B3b: the full build against plain scripts; a small change against the full build.

Two scripts stand against the full build with its tests, suites and snapshot. B2a: `baseline.sql`,
written by hand for the answers alone. B2a': the same SQL without dbt, that is the statements dbt
ran, in one DuckDB session. The answers of both are compared with ours before anything is timed.
"""

from __future__ import annotations

import shutil
import statistics
from itertools import count
from pathlib import Path

import duckdb

from benchmarks.baseline import disagreements, run_baseline
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
        config={"threads": 2, "memory_limit": "50%", "preserve_insertion_order": False},
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


def b2a(orders: int, pairs: int) -> list[Comparison]:
    """Full build with tests, suites and snapshot, against both scripts."""
    settings, _ = _full_build(orders, with_checks=False)
    script = script_of(settings)
    loaded = loaded_home(orders)

    def by_hand() -> Path:
        target = ROOT / f"hand-{next(_number)}"
        run_baseline(
            loaded / "warehouse" / "warehouse.duckdb", settings.candidate_path,
            target / "answers.duckdb",
        )  # fmt: skip
        return target

    def same_sql() -> Path:
        target = ROOT / f"plain-{next(_number)}"
        run_script(loaded, script, settings.candidate_path, target)
        return target

    _check(settings.candidate_path, by_hand(), same_sql())

    def build() -> None:
        home = ROOT / f"full-{next(_number)}"
        shutil.copytree(loaded, home)
        with writer_lease(settings_for(home)):
            build_once(settings_for(home), full=True)
        shutil.rmtree(home)

    build()  # imports and parsing are paid once by a warm process
    hand = compare(
        f"B2a full build, {orders:,} orders", build, lambda: shutil.rmtree(by_hand()), pairs
    )
    same = compare(
        f"B2a' same SQL without dbt, {orders:,} orders", build,
        lambda: shutil.rmtree(same_sql()), pairs,
    )  # fmt: skip
    return [hand, same]


def _check(marts: Path, by_hand: Path, same_sql: Path) -> None:
    """Ends the run where a script answers otherwise than the marts."""
    if found := disagreements(marts, by_hand / "answers.duckdb"):
        told = {mart: (len(rows), rows[0]) for mart, rows in found.items()}
        raise SystemExit(f"The hand-written script gives other answers: {told}")
    ours, theirs = mart_hashes(marts), mart_hashes(same_sql / "candidate.duckdb")
    if ours != theirs:
        differing = [name for name in ours if ours[name] != theirs.get(name)]
        raise SystemExit(f"The same SQL gives other answers: {differing}")
    shutil.rmtree(by_hand)
    shutil.rmtree(same_sql)


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
