"""The warm worker takes what lands, serves it within seconds, and finishes before it stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from orderhouse.settings import PROJECT_ROOT
from pipelines.publish import current_build
from tests.support.homes import copy_of, served, settings_of, small_built_template, templates_folder

_PATIENCE_S = 300  # a guard against waiting for ever; beside other work a build takes minutes


def test_a_file_in_the_inbox_reaches_the_snapshot_through_a_run_of_the_orchestrator(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    base = templates_folder(tmp_path_factory)
    home = copy_of(small_built_template(base), tmp_path / "home")
    settings = settings_of(home)
    before = current_build(settings)
    worker = subprocess.Popen(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "worker"],
        cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {"ORDERHOUSE_HOME": str(home), "ORDERHOUSE_NOW": "2026-06-30T11:00:00"},
    )  # fmt: skip
    try:
        folder = settings.inbox_dir / "wms" / "tb"
        folder.mkdir(parents=True)
        text = (
            "sku,name,category,brand,cost,price,currency,safety_stock,supplier,listed_at\n"
            "NEW1,新品,家居,东方,1.00,2.00,CNY,5,SUP1,2026-06-30 10:00:00\n"
        )
        (folder / ".products.csv").write_text(text)  # still being written: not taken
        (folder / ".products.csv").rename(folder / "products.csv")
        deadline = time.monotonic() + _PATIENCE_S
        while current_build(settings) == before:
            assert worker.poll() is None, "the worker died"
            assert time.monotonic() < deadline, "nothing was published"
            time.sleep(0.3)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(_PATIENCE_S) == 0
    with duckdb.connect(str(served(settings)), read_only=True) as con:
        loads = con.execute(
            "select count(*) from marts.fct_loads where source = 'wms' and layout = 'products'"
        ).fetchone()
    assert loads is not None
    assert loads[0] == 2
