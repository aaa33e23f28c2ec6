"""Publishing moves a pointer between immutable snapshots, whatever happens in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.publish import (
    Gate,
    PublishError,
    current_build,
    publish,
    read_manifest,
    record_attempt,
    rollback,
    snapshots,
)
from tests.support.disk import filled

GREEN = [Gate(name="all", ok=True, detail="")]
RED = [Gate(name="grain", ok=False, detail="two orders with one id")]
FAILPOINTS = ("after_checkpoint", "after_copy", "after_rename", "after_manifest", "after_pointer")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", snapshots_kept=3)


def put_candidate(settings: Settings, value: int) -> None:
    settings.candidate_path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(settings.candidate_path)) as con:
        con.execute("create schema if not exists marts")
        con.execute(f"create or replace table marts.numbers as select {value} as value")


def publish_value(settings: Settings, value: int, gates: list[Gate] = GREEN) -> Path:
    put_candidate(settings, value)
    return publish(settings, f"b{value:03d}", gates, input_hash="x", as_of=None, is_full=False)


def served_value(settings: Settings) -> int:
    name = (settings.serving_dir / "current").read_text().strip()
    with duckdb.connect(str(settings.serving_dir / name), read_only=True) as con:
        return con.execute("select value from marts.numbers").fetchone()[0]


def test_what_is_published_is_what_the_candidate_held(settings: Settings) -> None:
    publish_value(settings, 7)
    assert served_value(settings) == 7
    assert read_manifest(settings, "b007")["row_counts"] == {"marts.numbers": 1}


def test_a_red_gate_leaves_the_old_snapshot_serving_and_says_which(settings: Settings) -> None:
    publish_value(settings, 1)
    with pytest.raises(PublishError, match="grain"):
        publish_value(settings, 2, RED)
    record_attempt(settings, "b002", ok=False, reason="grain", gates=RED)
    assert served_value(settings) == 1
    attempt = json.loads((settings.serving_dir / "last_attempt.json").read_text())
    assert attempt["failed_gates"][0]["detail"] == "two orders with one id"


def test_only_the_newest_snapshots_are_kept(settings: Settings) -> None:
    for value in range(1, 7):
        publish_value(settings, value)
    assert snapshots(settings) == ["b004", "b005", "b006"]


def test_rollback_serves_the_one_before_and_refuses_damaged_bytes(settings: Settings) -> None:
    for value in (1, 2, 3):
        publish_value(settings, value)
    assert rollback(settings) == "b002"
    assert served_value(settings) == 2
    damaged = settings.serving_dir / "serving-b001.duckdb"
    data = bytearray(damaged.read_bytes())
    data[-1] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(PublishError, match="damaged"):
        rollback(settings, "b001")
    assert served_value(settings) == 2


def test_rollback_without_an_older_snapshot_says_so(settings: Settings) -> None:
    publish_value(settings, 1)
    with pytest.raises(PublishError, match="no older"):
        rollback(settings)


def test_a_reader_keeps_its_snapshot_while_newer_ones_are_published(settings: Settings) -> None:
    path = publish_value(settings, 1)
    with duckdb.connect(str(path), read_only=True) as reader:
        for value in range(2, 8):  # more than are kept: the file is removed under the reader
            publish_value(settings, value)
        assert reader.execute("select value from marts.numbers").fetchone()[0] == 1


@pytest.mark.parametrize("moment", FAILPOINTS)
def test_a_kill_while_publishing_leaves_one_whole_snapshot_and_the_next_publish_works(
    settings: Settings, moment: str
) -> None:
    publish_value(settings, 1)
    put_candidate(settings, 2)
    script = (
        "from orderhouse.settings import get_settings as s; from pipelines.publish import *; "
        "publish(s(), 'b002', [Gate(name='all', ok=True, detail='')], input_hash='x', as_of=None,"
        " is_full=False)"
    )
    environment = os.environ | {
        "ORDERHOUSE_HOME": str(settings.root),
        "ORDERHOUSE_FAILPOINT": f"publish.{moment}:1",
    }
    died = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=PROJECT_ROOT, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert served_value(settings) in ((1, 2) if moment == "after_pointer" else (1,))
    publish_value(settings, 3)
    assert served_value(settings) == 3
    left = {p.name for p in settings.serving_dir.iterdir() if p.name.endswith(".tmp")}
    assert left == set()


def test_a_full_disk_is_a_clear_error_and_the_old_snapshot_still_serves(
    settings: Settings, small_disk: Path
) -> None:
    on_small = Settings(home=small_disk / "home")
    publish_value(on_small, 1)
    with filled(small_disk):
        with pytest.raises((PublishError, duckdb.Error)):
            publish(on_small, "b002", GREEN, input_hash="x", as_of=None, is_full=False)
        assert current_build(on_small) == "b001"
        assert served_value(on_small) == 1
    publish_value(on_small, 2)
    assert served_value(on_small) == 2


def test_an_empty_candidate_is_not_published(settings: Settings) -> None:
    publish_value(settings, 1)
    settings.candidate_path.unlink()
    with pytest.raises(PublishError, match="no marts"):
        publish(settings, "b002", GREEN, input_hash="x", as_of=None, is_full=False)
    assert served_value(settings) == 1
