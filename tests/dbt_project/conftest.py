"""One world for all tests that only read: everything in one delivery, folded at once."""

from __future__ import annotations

import pytest

from tests.dbt_project.business import FACTS
from tests.dbt_project.fold import build
from tests.dbt_project.worlds import World


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Built with every data test of the project."""
    world = World(home=tmp_path_factory.mktemp("truth"))
    world.deliver(*FACTS)
    build(world, tests=True)
    return world
