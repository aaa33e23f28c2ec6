"""From landed files to a served snapshot, with the real job."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import duckdb
import pytest

from pipelines.detectors import measure
from pipelines.publish import current_build
from tests.support.homes import (
    UNTIL,
    built_template,
    copy_of,
    mart_hashes,
    run_cli,
    served,
    settings_of,
    templates_folder,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return templates_folder(tmp_path_factory)


@pytest.fixture(scope="module")
def template(base: Path) -> Path:
    """For tests that only read."""
    return built_template(base)


@pytest.fixture
def built(template: Path, tmp_path: Path) -> Path:
    return copy_of(template, tmp_path / "home")


def test_a_second_build_changes_nothing(built: Path) -> None:
    settings = settings_of(built)
    before = (served(settings).name, mart_hashes(served(settings)))
    run_cli(built, "build")
    assert (served(settings).name, mart_hashes(served(settings))) == before


def test_every_queue_finds_what_is_wrong_and_nothing_else(template: Path) -> None:
    settings = settings_of(template)
    for quality in measure(served(settings), settings.demo_dir / "labels.csv", UNTIL):
        assert quality.labelled > 0, quality
        assert quality.precision >= 0.98, quality
        assert quality.recall >= 0.98, quality


def test_differences_of_the_demo_are_in_every_state(template: Path) -> None:
    """Some were decided in the ledger, some mended by later files; the rest waits or is open."""
    with duckdb.connect(str(served(settings_of(template))), read_only=True) as con:
        last = con.execute(
            "select distinct state_code from marts.fct_recon_turns where until_at is null"
        ).fetchall()
        known = con.execute(
            "select distinct explanation_code from marts.fct_recon_breaks "
            "where state_code = 'EXPLAINED' and decision_id is null"
        ).fetchall()
        suggested = con.execute("select count(*) from marts.fct_recon_suggestions").fetchone()[0]
        lost = con.execute(
            "select recon_code, recon_date from marts.agg_recon_totals "
            "where left_amount - right_amount <> explained_amount + unexplained_amount"
        ).fetchall()
    decided = {"WRITTEN_OFF", "EXPLAINED", "ADJUSTED", "CLAIMED", "MATCHED_MANUAL"}
    assert {state for (state,) in last} >= decided | {"OPEN"}
    assert "FEE_ROUNDING" in {code for (code,) in known}
    assert suggested > 0
    assert lost == []


def test_every_load_accounts_for_every_record_it_read(template: Path) -> None:
    with duckdb.connect(str(settings_of(template).warehouse_path), read_only=True) as con:
        leaks = con.execute(
            "select file_id from ops.loads "
            "where records_read <> records_recorded + records_quarantined + records_skipped"
        ).fetchall()
    assert leaks == []


def test_after_a_killed_run_a_full_build_gives_the_marts_that_are_there_byte_for_byte(
    built: Path,
) -> None:
    """Also: the killed run leaves no place taken in the pool."""
    settings = settings_of(built)
    before = mart_hashes(served(settings))
    later = {"ORDERHOUSE_NOW": "2026-06-30T12:00:00"}
    died = run_cli(
        built, "build", "--full", check=False, ORDERHOUSE_FAILPOINT="build.after_window:1", **later
    )
    assert died.returncode == -signal.SIGKILL
    again = run_cli(built, "build", "--full", **later).stdout
    assert f"Serving build {current_build(settings)}" in again
    assert mart_hashes(served(settings)) == before


def test_a_red_gate_keeps_the_old_snapshot_and_says_why(built: Path) -> None:
    settings = settings_of(built)
    before = served(settings).name
    with duckdb.connect(str(settings.candidate_path)) as con:
        con.execute(
            "insert into marts.fct_orders select * from marts.fct_orders order by order_id limit 1"
        )
    with duckdb.connect(str(settings.warehouse_path)) as con:
        # The window moves, so that the next build has something to fold and to publish.
        con.execute("update ops.builds set to_seq = to_seq - 1 where state = 'folded'")
    failed = run_cli(built, "build", check=False, ORDERHOUSE_NOW="2026-06-30T11:00:00")
    assert failed.returncode == 1
    assert served(settings).name == before
    attempt = json.loads((settings.serving_dir / "last_attempt.json").read_text())
    assert attempt["ok"] is False
    assert attempt["failed_gates"]
