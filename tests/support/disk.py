"""A disk that fills up: a small tmpfs where the machine allows one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A 16 MB file system of its own. Needs the right to mount; says so where there is none."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@contextmanager
def filled(disk: Path, spare: int = 0) -> Iterator[None]:
    """Nothing more fits on the disk inside the block, but for `spare` bytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as handle:
        try:
            while True:
                handle.write(b"x" * 65_536)
        except OSError:
            handle.truncate(max(0, handle.tell() - spare))
    try:
        yield
    finally:
        filler.unlink()
