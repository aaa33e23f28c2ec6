"""From landed files to a served snapshot, with the real job, kills and rivals included."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orderhouse.settings import PROJECT_ROOT
from pipelines.detectors import measure
from tests.support.homes import (
    UNTIL,
    built_template,
    copy_of,
    landed_template,
    mart_hashes,
    run_cli,
    served,
    settings_of,
)

# Where the process dies, and the how-manieth time it gets there.
KILLS = (
    "landing.after_rename:3",
    "store.before_commit:1",
    "store.after_commit:1",
    "build.after_intake:1",
    "build.after_window:1",
    "build.node_finished:5",
    "build.node_finished:30",
    "build.node_finished:60",
    "build.after_fold:1",
    "publish.after_copy:1",
    "publish.after_manifest:1",
    "publish.after_pointer:1",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.getbasetemp().parent / "homes"


@pytest.fixture
def built(base: Path, tmp_path: Path) -> Path:
    return copy_of(built_template(base), tmp_path / "home")


def test_a_second_build_changes_nothing(built: Path) -> None:
    settings = settings_of(built)
    before = (served(settings).name, mart_hashes(served(settings)))
    run_cli(built, "build")
    assert (served(settings).name, mart_hashes(served(settings))) == before


def test_a_full_build_gives_the_marts_that_are_there_byte_for_byte(built: Path) -> None:
    settings = settings_of(built)
    before = mart_hashes(served(settings))
    run_cli(built, "build", "--full", ORDERHOUSE_NOW="2026-06-30T10:00:00")
    assert mart_hashes(served(settings)) == before


def test_every_queue_finds_what_is_wrong_and_nothing_else(built: Path) -> None:
    settings = settings_of(built)
    for quality in measure(served(settings), settings.demo_dir / "labels.csv", UNTIL):
        assert quality.labelled > 0, quality
        assert quality.precision >= 0.98, quality
        assert quality.recall >= 0.98, quality


def test_every_load_accounts_for_every_record_it_read(built: Path) -> None:
    with duckdb.connect(str(settings_of(built).warehouse_path), read_only=True) as con:
        leaks = con.execute(
            "select file_id from ops.loads "
            "where records_read <> records_recorded + records_quarantined + records_skipped"
        ).fetchall()
    assert leaks == []


@pytest.mark.parametrize("moment", KILLS)
def test_a_kill_at_any_moment_loses_nothing(base: Path, tmp_path: Path, moment: str) -> None:
    home = copy_of(landed_template(base), tmp_path / "home")
    if moment.startswith("landing"):
        extra = tmp_path / "extra"
        extra.mkdir()
        for number in range(5):
            (extra / f"{number}.csv").write_text(f"sku,name\nX{number},x\n")
        died = run_cli(
            home, "land", str(extra), "--source", "wms", "--shop", "tb",
            check=False, ORDERHOUSE_FAILPOINT=moment,
        )  # fmt: skip
    else:
        died = run_cli(home, "build", check=False, ORDERHOUSE_FAILPOINT=moment)
    assert died.returncode == -signal.SIGKILL, died.stdout + died.stderr
    run_cli(home, "build")
    expected = mart_hashes(served(settings_of(built_template(base))))
    if not moment.startswith("landing"):
        assert mart_hashes(served(settings_of(home))) == expected


def test_two_builds_at_once_end_in_one_whole_snapshot(base: Path, tmp_path: Path) -> None:
    home = copy_of(landed_template(base), tmp_path / "home")
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "build"]
    environment = os.environ | {
        "ORDERHOUSE_HOME": str(home), "ORDERHOUSE_NOW": "2026-06-30T09:30:00",
    }  # fmt: skip
    rivals = [
        subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]  # fmt: skip
    for rival in rivals:
        _, errors = rival.communicate(timeout=300)
        assert rival.returncode == 0, errors
    expected = mart_hashes(served(settings_of(built_template(base))))
    assert mart_hashes(served(settings_of(home))) == expected


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
