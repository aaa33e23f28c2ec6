"""B4: seconds from a landed file of 10,000 rows until the served snapshot holds it, warm worker."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

from benchmarks.homes import ROOT, built_home, land_change, settings_for
from orderhouse.settings import PROJECT_ROOT
from pipelines.publish import current_build

_TIMEOUT_S = 300


def run(orders: int, files: int, rows: int = 10_000) -> str:
    """One line: median and worst of `files` landings after one that warms the worker up."""
    home = ROOT / "worker"
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(built_home(orders), home)
    settings = settings_for(home)
    # The worker's clock runs: every build has a name of its own.
    worker = subprocess.Popen(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "worker"],
        cwd=PROJECT_ROOT, env=os.environ | {"ORDERHOUSE_HOME": str(home)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        waits = [_wait(settings, rows, f"b4-{number}") for number in range(files + 1)][1:]
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
    shutil.rmtree(home)
    return (
        f"| B4 file of {rows:,} rows visible, {orders:,} orders | median "
        f"{statistics.median(waits):.1f} s, worst {max(waits):.1f} s | | | | | {files} |"
    )


def _wait(settings, rows: int, mark: str) -> float:
    before = current_build(settings)
    # The list of orders is read while the worker rests: one process has the warehouse at a time.
    land_change(settings, rows, mark)
    started = time.perf_counter()
    while current_build(settings) == before:
        if time.perf_counter() - started > _TIMEOUT_S:
            raise SystemExit("the worker did not publish within five minutes")
        time.sleep(0.05)
    return time.perf_counter() - started
