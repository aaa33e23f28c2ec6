"""From landed files to a served snapshot, with the real job, kills and rivals included."""

from __future__ import annotations

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from pipelines.detectors import measure
from tests.support.homes import (
    UNTIL,
    built_template,
    copy_of,
    mart_hashes,
    quick_build,
    run_cli,
    served,
    settings_of,
    small_built_template,
    small_template,
)

# Where the process dies, and the how-manieth time it gets there. Each costs two builds, so the
# quick suite takes one of each kind and the slow one the rest.
KILLS = (
    "store.before_commit:1",
    "build.node_finished:30",
    "build.after_fold:1",
    "publish.after_copy:1",
)
MORE_KILLS = (
    "store.after_records:1",
    "store.after_commit:1",
    "landing.after_mark:3",
    "build.after_intake:1",
    "build.after_window:1",
    "build.node_finished:5",
    "build.node_finished:60",
    "publish.after_rename:1",
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


@pytest.mark.parametrize(
    "moment", [*KILLS, *(pytest.param(name, marks=pytest.mark.slow) for name in MORE_KILLS)]
)
def test_a_kill_at_any_moment_of_a_build_loses_nothing(
    base: Path, tmp_path: Path, moment: str
) -> None:
    home = copy_of(small_template(base), tmp_path / "home")
    died = quick_build(home, ORDERHOUSE_FAILPOINT=moment)
    assert died.returncode == -signal.SIGKILL, died.stdout + died.stderr
    again = quick_build(home)
    assert again.returncode == 0, again.stderr
    expected = mart_hashes(served(settings_of(small_built_template(base))))
    assert mart_hashes(served(settings_of(home))) == expected


def test_a_killed_run_leaves_no_place_taken_in_the_pool(built: Path) -> None:
    later = {"ORDERHOUSE_NOW": "2026-06-30T12:00:00"}
    died = run_cli(
        built, "build", "--full", check=False, ORDERHOUSE_FAILPOINT="build.after_window:1", **later
    )
    assert died.returncode == -signal.SIGKILL
    assert "Serving build" in run_cli(built, "build", **later).stdout


def test_two_builds_at_once_end_in_one_whole_snapshot(base: Path, tmp_path: Path) -> None:
    home = copy_of(small_template(base), tmp_path / "home")
    with ThreadPoolExecutor(2) as pool:
        rivals = list(pool.map(quick_build, [home, home]))
    assert [rival.returncode for rival in rivals] == [0, 0], rivals
    expected = mart_hashes(served(settings_of(small_built_template(base))))
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
