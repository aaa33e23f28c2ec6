"""The same facts give the same marts: in any split, any order, any number of deliveries."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt_project.business import FACTS
from tests.dbt_project.facts import Fact
from tests.dbt_project.fold import build, fingerprint, invoke
from tests.dbt_project.worlds import World

# An example is four builds.
_MANY = settings(
    max_examples=6, deadline=None, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


def _parts(facts: list[Fact], cuts: list[int]) -> list[list[Fact]]:
    bounds = [0, *sorted({c for c in cuts if 0 < c < len(facts)}), len(facts)]
    return [facts[a:b] for a, b in itertools.pairwise(bounds)]


def _differing(left: dict[str, str], right: dict[str, str]) -> list[str]:
    return sorted(name for name in left | right if left.get(name) != right.get(name))


def _fold_in_steps(home: Path, truth: World, seed: int, cuts: list[int], again: int) -> None:
    """Shuffled facts, delivered in parts, some of them twice: part by part, then at once."""
    facts = list(FACTS)
    random.Random(seed).shuffle(facts)
    parts = _parts(facts, cuts)
    parts[-1] = [*parts[-1], *facts[again : again + 15]]
    world = World(home=home)
    for number, part in enumerate(parts):
        world.deliver(*part)
        build(world, from_seq=number if number else None)
    in_steps, in_steps_bare = fingerprint(world), fingerprint(world, lineage=False)

    build(world)

    assert _differing(in_steps, fingerprint(world)) == []
    assert _differing(in_steps_bare, fingerprint(truth, lineage=False)) == []


def test_folding_in_steps_is_folding_at_once(truth: World, tmp_path: Path) -> None:
    third = len(FACTS) // 3
    _fold_in_steps(tmp_path, truth, seed=7, cuts=[third, 2 * third], again=20)


@pytest.mark.slow
@_MANY
@given(
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.integers(1, len(FACTS) - 1), min_size=1, max_size=2),
    again=st.integers(0, len(FACTS) - 20),
)
def test_folding_in_any_steps_is_folding_at_once(
    tmp_path_factory: pytest.TempPathFactory, truth: World, seed: int, cuts: list[int], again: int
) -> None:
    _fold_in_steps(tmp_path_factory.mktemp("steps"), truth, seed, cuts, again)


def test_a_build_that_broke_is_run_again_with_its_window(truth: World, tmp_path: Path) -> None:
    world = World(home=tmp_path)
    half = len(FACTS) // 2
    world.deliver(*FACTS[:half])
    build(world)
    world.deliver(*FACTS[half:])
    world.open_window(full=False, from_seq=1)
    invoke(world, "run", "--select", "staging", "int_touched_orders", "fct_order_events",
           "fct_order_states", "fct_orders", is_full=False)  # fmt: skip

    build(world, from_seq=1)

    mended = fingerprint(world, lineage=False)
    assert _differing(mended, fingerprint(truth, lineage=False)) == []


def test_folding_nothing_changes_nothing(truth: World) -> None:
    before = fingerprint(truth)

    build(truth, from_seq=truth.load_seq)

    assert _differing(before, fingerprint(truth)) == []
