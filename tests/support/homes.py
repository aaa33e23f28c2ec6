"""Homes with a built demo business, for tests that need the whole house.

The business is generated, landed and built once for a test run; each test gets its own copy.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.demo import DemoPlan
from orderhouse.settings import PROJECT_ROOT, Settings, get_settings
from pipelines.build import build_once
from pipelines.demo import land_demo
from pipelines.home import prepare_home
from pipelines.lease import writer_lease
from pipelines.transform import prepare_manifest

ORDERS = 2_000
SMALL_ORDERS = 300
UNTIL = datetime(2026, 6, 30, 9, 0)
_LATER = datetime(2026, 6, 30, 9, 30)


def templates_folder(factory: pytest.TempPathFactory) -> Path:
    """Where this test run keeps its templates: shared by its workers, never by another run."""
    base = factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "homes"


def settings_of(home: Path, **changes: object) -> Settings:
    """Settings of a home whose clock stands half an hour after the business's present."""
    return Settings(**({"home": home, "now": _LATER} | changes))  # type: ignore[arg-type]


def run_cli(home: Path, *arguments: str, check: bool = True, **environment: str):
    """Runs `orderhouse` as a person would, in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {
            "ORDERHOUSE_HOME": str(home), "ORDERHOUSE_NOW": _LATER.isoformat(),
        } | environment,
    )  # fmt: skip
    if check and result.returncode:
        raise AssertionError(f"{arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result


def parsed_template(base: Path) -> Path:
    """A home that keeps the parsed dbt project and nothing else: parsing costs seconds."""
    return once(base / "parsed", lambda home: prepare_manifest(settings_of(home)))


def _with_parsed_project(base: Path, home: Path) -> None:
    shutil.copytree(
        settings_of(parsed_template(base)).dbt_dir, settings_of(home).dbt_dir, dirs_exist_ok=True
    )


def landed_template(base: Path) -> Path:
    """A home in which the business has landed and nothing is loaded."""

    def land(home: Path) -> None:
        _with_parsed_project(base, home)
        run_cli(home, "demo", "--orders", str(ORDERS), "--until", UNTIL.isoformat())

    return once(base / "landed", land)


def built_template(base: Path) -> Path:
    """A home in which the business is built and published."""

    def build(home: Path) -> None:
        shutil.copytree(landed_template(base), home, dirs_exist_ok=True)
        run_cli(home, "build")

    return once(base / "built", build)


def small_template(base: Path) -> Path:
    """A home with a business of a fortnight, landed; quick to build many times."""

    def land(home: Path) -> None:
        settings = settings_of(home)
        _with_parsed_project(base, home)
        prepare_home(settings)
        plan = DemoPlan(orders=SMALL_ORDERS, days=14, until=UNTIL)
        land_demo(settings, plan, lambda _: None)

    return once(base / "small", land)


def small_built_template(base: Path) -> Path:
    """The small business, built without the checks."""

    def build(home: Path) -> None:
        shutil.copytree(small_template(base), home, dirs_exist_ok=True)
        assert quick_build(home).returncode == 0

    return once(base / "small-built", build)


# The libraries of a build take four CPU seconds to load. This server loads them once for a worker
# and is what each build is forked from: a process of its own, that may be killed.
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["pipelines.build", "dbt.cli.main", "dbt.task.build", __name__])


def quick_build(home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A build in a process of its own, without orchestrator, tests and suites."""
    told = os.environ | {
        "ORDERHOUSE_HOME": str(home), "ORDERHOUSE_NOW": _LATER.isoformat(),
    } | environment  # fmt: skip
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
        process = _SERVER.Process(target=_build_here, args=(told, said.name))
        process.start()
        process.join()
        return subprocess.CompletedProcess([str(home)], process.exitcode or 0, "", said.read())


def _build_here(environment: dict[str, str], said: str) -> None:
    with Path(said).open("w", encoding="utf-8") as out:
        for stream in (1, 2):
            os.dup2(out.fileno(), stream)
    os.environ.clear()
    os.environ.update(environment)
    get_settings.cache_clear()
    settings = get_settings()
    with writer_lease(settings):
        build_once(settings, with_checks=False)


def once(home: Path, make) -> Path:
    """Runs `make` for the first of several processes that ask; the others wait for it."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{home}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = Path(f"{home}.done")
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            make(home)
            done.touch()
    return home


def copy_of(template: Path, target: Path) -> Path:
    shutil.copytree(template, target)
    return target


def mart_hashes(path: Path, *, with_lineage: bool = True) -> dict[str, tuple[int, int]]:
    """table -> (rows, order-free hash of all rows); without lineage: columns with `_` left out."""
    hashes: dict[str, tuple[int, int]] = {}
    with duckdb.connect(str(path), read_only=True) as con:
        tables = con.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' "
            "and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        for (table,) in tables:
            columns = [
                name
                for (name,) in con.execute(
                    "select column_name from information_schema.columns "
                    "where table_schema = 'marts' and table_name = ? order by 1",
                    [table],
                ).fetchall()
                if not name.endswith("_cipher") and (with_lineage or not name.startswith("_"))
            ]
            text = ", ".join(f'"{name}"::varchar' for name in columns)
            row = con.execute(
                f"select count(*), coalesce(sum(hash({text})::hugeint), 0) from marts.{table}"
            ).fetchone()
            assert row is not None
            hashes[table] = (int(row[0]), int(row[1]))
    return hashes


def served(settings: Settings) -> Path:
    """The file the pointer names."""
    name = (settings.serving_dir / "current").read_text().strip()
    return settings.serving_dir / name
