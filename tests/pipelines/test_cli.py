"""The command line says what it did, or what is wrong and what to do; never a traceback."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from pipelines.publish import current_build
from tests.support.homes import (
    copy_of,
    run_cli,
    settings_of,
    small_built_template,
    templates_folder,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = templates_folder(tmp_path_factory)
    return copy_of(small_built_template(base), tmp_path_factory.mktemp("cli") / "home")


def refused(home: Path, *arguments: str) -> str:
    result = run_cli(home, *arguments, check=False)
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stderr


def test_an_unknown_source_is_refused_with_the_known_ones(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    error = refused(home, "land", str(path), "--source", "nope", "--shop", "s")
    assert "nope" in error
    assert "shopify" in error


def test_a_missing_path_is_named(home: Path) -> None:
    error = refused(home, "land", "not-there.csv", "--source", "wms", "--shop", "s")
    assert "not-there.csv" in error


def test_sql_prints_tables_csv_and_json(home: Path) -> None:
    query = "select channel, count(*) as orders from marts.fct_orders group by 1 order by 1"
    as_csv = run_cli(home, "sql", query, "--format", "csv").stdout
    as_json = run_cli(home, "sql", query, "--format", "json").stdout
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert [row["channel"] for row in rows] == ["amazon", "manual", "shopify", "taobao"]
    assert [str(row["orders"]) for row in json.loads(as_json)] == [row["orders"] for row in rows]
    assert "taobao" in run_cli(home, "sql", query).stdout


@pytest.mark.parametrize(
    "query",
    [
        "select nonsense from marts.fct_orders",
        "delete from marts.fct_orders",
        "copy marts.fct_orders to 'stolen.csv'",
        "select * from read_text('pyproject.toml')",
        "attach 'other.duckdb'",
        "set enable_external_access = true",
    ],
)
def test_sql_only_reads_the_snapshot(home: Path, query: str) -> None:
    assert "does not run" in refused(home, "sql", query)


def test_a_rollback_without_an_older_snapshot_says_so(home: Path) -> None:
    assert "no older snapshot" in refused(home, "rollback")


def test_a_user_is_created_once_and_the_chain_shows_it(home: Path) -> None:
    made = run_cli(home, "user", "create", "zoe", "--role", "cs").stdout
    assert "Password:" in made
    assert "zoe" in run_cli(home, "user", "list").stdout
    refused(home, "user", "create", "zoe", "--role", "cs")
    refused(home, "user", "create", "max", "--role", "emperor")
    assert "unbroken" in run_cli(home, "audit", "verify").stdout


def test_status_and_doctor_describe_the_home(home: Path) -> None:
    status = run_cli(home, "status").stdout
    assert str(current_build(settings_of(home))) in status
    assert "Quarantine:" in status
    assert "chain unbroken" in run_cli(home, "doctor", check=False).stdout


def test_nothing_published_is_said_plainly(tmp_path: Path) -> None:
    run_cli(tmp_path / "new", "init")
    assert "orderhouse build" in refused(tmp_path / "new", "sql", "select 1")
