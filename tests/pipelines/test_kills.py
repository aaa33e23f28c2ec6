"""A build may be killed anywhere, or meet a rival: the next one ends with the same marts."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.homes import (
    copy_of,
    mart_hashes,
    quick_build,
    served,
    settings_of,
    small_built_template,
    small_template,
    templates_folder,
)

# Where the process dies, and the how-manieth time it gets there, in the order a build comes by.
MOMENTS = (
    "landing.after_mark:3",
    "store.after_records:1",
    "store.before_commit:1",
    "store.after_commit:1",
    "build.after_intake:1",
    "build.after_window:1",
    "build.node_finished:5",
    "build.node_finished:30",
    "build.node_finished:60",
    "build.after_fold:1",
    "publish.after_copy:1",
    "publish.after_rename:1",
    "publish.after_manifest:1",
    "publish.after_pointer:1",
)
# One of each kind.
IN_A_ROW = (
    "store.before_commit:1", "build.node_finished:30", "build.after_fold:1", "publish.after_copy:1",
)  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return templates_folder(tmp_path_factory)


@pytest.fixture
def home(base: Path, tmp_path: Path) -> Path:
    return copy_of(small_template(base), tmp_path / "home")


def _die(home: Path, moment: str) -> None:
    died = quick_build(home, ORDERHOUSE_FAILPOINT=moment)
    assert died.returncode == -signal.SIGKILL, (moment, died.stdout + died.stderr)


def _ends_well(base: Path, home: Path) -> None:
    again = quick_build(home)
    assert again.returncode == 0, again.stderr
    expected = mart_hashes(served(settings_of(small_built_template(base))))
    assert mart_hashes(served(settings_of(home))) == expected


def test_builds_killed_one_after_the_other_lose_nothing(base: Path, home: Path) -> None:
    """Each takes up what the one before it left, and dies a little later."""
    for moment in IN_A_ROW:
        _die(home, moment)
    _ends_well(base, home)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_at_any_moment_of_a_build_loses_nothing(base: Path, home: Path, moment: str) -> None:
    _die(home, moment)
    _ends_well(base, home)


def test_two_builds_at_once_end_in_one_whole_snapshot(base: Path, home: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        rivals = list(pool.map(quick_build, [home, home]))
    assert [rival.returncode for rival in rivals] == [0, 0], rivals
    expected = mart_hashes(served(settings_of(small_built_template(base))))
    assert mart_hashes(served(settings_of(home))) == expected
