"""There is one writer at a time, and a dead writer holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.lease import LeaseTaken, writer_lease

_HOLD = (
    "import sys, time; from orderhouse.settings import get_settings; "
    "from pipelines.lease import writer_lease\n"
    "with writer_lease(get_settings()):\n    print('held', flush=True); time.sleep(60)"
)


def holder(settings: Settings) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD], stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT,
        env=os.environ | {"ORDERHOUSE_HOME": str(settings.root)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    return process


def test_the_second_writer_is_told_who_is_writing(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    process = holder(settings)
    try:
        with pytest.raises(LeaseTaken, match=f"pid {process.pid}"), writer_lease(settings, 0):
            pass
    finally:
        process.kill()


def test_a_killed_writer_leaves_the_lease_free(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    process = holder(settings)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with writer_lease(settings, 1):
        pass
