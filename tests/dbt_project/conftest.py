"""Worlds that are built once for all tests that only read: every worker takes its own copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.business import FACTS
from tests.dbt_project.facts import MOMENT
from tests.dbt_project.fold import build, keep_in, marts
from tests.dbt_project.worlds import World
from tests.support.homes import once, templates_folder


@pytest.fixture(scope="session", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    keep_in(templates_folder(tmp_path_factory), tmp_path_factory.mktemp("dbt"))


def _world(factory: pytest.TempPathFactory, name: str, as_of: str = "") -> World:
    """All facts in one delivery, folded at once and tested with every data test of the project."""

    def make(home: Path) -> None:
        world = World(home=home)
        world.deliver(*FACTS)
        build(world, as_of=as_of, tests=True)

    template = once(templates_folder(factory) / name, make)
    return World.at(shutil.copytree(template, factory.mktemp(name) / "world"), load_seq=1)


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _world(tmp_path_factory, "truth")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same, which no other test has built on: what lies between staging and marts is whole."""
    return _world(tmp_path_factory, "truth")


@pytest.fixture(scope="module")
def whole(untouched: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its marts, and what lies before them as `folded`."""
    with marts(untouched) as con:
        con.execute(f"attach '{untouched.warehouse}' as folded (read_only)")
        yield con


@pytest.fixture(scope="session")
def then(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same as of `MOMENT`."""
    return _world(tmp_path_factory, "then", MOMENT.isoformat(sep=" "))
