"""A disk that fills up while files land or load: a clear error, nothing half, nothing lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

from orderhouse.settings import Settings
from pipelines.cli.errors import explain
from tests.ingestion.conftest import Home, movement, movements
from tests.support.disk import filled

FIRST = movements(movement(n) for n in range(50))
LARGE = movements(movement(n) for n in range(100, 15_000))
WRITE_ERRORS = (duckdb.Error, sqlite3.Error, OSError)


@pytest.fixture
def pair(small_disk: Path, tmp_path: Path) -> tuple[Home, Home]:
    """A home on the small disk and its like on a large one; both know a first file."""
    key = tmp_path / "key"
    homes = tuple(
        Home(Settings(home=place / "home", key_file=key)) for place in (small_disk, tmp_path)
    )
    for home in homes:
        home.land(FIRST)
        home.ingest()
    return homes  # type: ignore[return-value]


def test_a_file_that_does_not_fit_is_refused_whole_and_lands_later(
    pair: tuple[Home, Home], small_disk: Path
) -> None:
    cramped, roomy = pair
    with filled(small_disk, spare=256 << 10), pytest.raises(OSError) as refusal:
        cramped.land(LARGE)
    assert "disk is full" in str(explain(refusal.value))
    assert cramped.ingest().files == 0, "half a file was pending"
    for home in pair:
        home.land(LARGE)
        home.ingest()
    assert cramped.content() == roomy.content()
    cramped.check_accounts()


@pytest.mark.parametrize("spare", [0, 256 << 10, 1 << 20])
def test_a_load_that_does_not_fit_changes_nothing_and_is_repeated_later(
    pair: tuple[Home, Home], small_disk: Path, spare: int
) -> None:
    cramped, roomy = pair
    before = cramped.content()
    for home in pair:
        home.land(LARGE)
    with filled(small_disk, spare=spare), pytest.raises(WRITE_ERRORS) as refusal:
        cramped.ingest()
    assert "disk is full" in str(explain(refusal.value))
    assert cramped.content() == before
    assert cramped.ingest().files == 1
    roomy.ingest()
    assert cramped.content() == roomy.content()
    cramped.check_accounts()
