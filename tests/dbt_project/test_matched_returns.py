"""Goods people matched to a case belong to it everywhere, as if their case had been on them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project.fold import OF_FILES, build, marts
from tests.dbt_project.return_facts import (
    DAY,
    FOUND,
    SENT_TWO,
    TAKEN_BACK,
    WRONG,
    T,
    arrived,
    matched,
    people_matched,
    sent_back,
    taken_back,
)
from tests.dbt_project.worlds import World

# What remembers that somebody had to look: the decision, the case of the queue, since when the
# order knew. A column of a relation, or all of it.
REMEMBERS = {
    "fct_decisions": None, "queue_items": None, "fct_entity_events": None,
    "fct_order_events": {"ingested_at"}, "fct_orders": {"event_count", "last_event_at"},
    "fct_order_states": {"state_number"}, "fct_recon_turns": {"from_at"},
}  # fmt: skip
WAITING = (
    "select item_id, opened_at, closed_at, why from marts.queue_items where queue_code = 'Q27'"
)
SAID = T + DAY * 2.5


def _rows(world: World, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with marts(world) as con:
        return con.execute(sql, list(values)).fetchall()


def _told_otherwise(left: World, right: World) -> list[str]:
    """Relations that differ in more than what remembers."""
    found = []
    with marts(left) as con:
        con.execute(f"attach '{right.candidate}' as other (read_only)")
        for (name,) in con.execute(
            "select table_name from information_schema.tables where table_catalog = 'built' "
            "and table_schema = 'marts' order by 1"
        ).fetchall():
            but = REMEMBERS.get(name, set())
            described = [row[0] for row in con.execute(f"describe built.marts.{name}").fetchall()]
            kept = [one for one in described if not one.startswith("_") and one not in (but or ())]
            if but is None or f"marts.{name}" in OF_FILES:
                continue
            acts = "where event_type <> 'ACTION_TAKEN'" if "event_type" in kept else ""
            if "recon_code" in kept:
                acts = "where recon_code <> 'RC20'"  # rows of files: there were more of them
            here, there = (
                f"select {', '.join(kept)} from {side}.marts.{name} {acts}"
                for side in ("built", "other")
            )
            more = (
                f"select count(*) from (({here} except all {there}) "
                f"union all ({there} except all {here}))"
            )
            if con.execute(more).fetchall() != [(0,)]:
                found.append(name)
    return found


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(home=tmp_path_factory.mktemp("matched"))
    world.deliver(*people_matched())
    build(world, tests=True)
    return world


def test_goods_that_found_their_case_are_received_by_it(people: World) -> None:
    assert _rows(
        people, "select received_at, received_quantity, passed_quantity, inspected_at "
        "from marts.fct_after_sales_cases where case_id = ?", f"{FOUND}-C",
    ) == [(T + DAY * 2, 2, 2, T + DAY * 3)]  # fmt: skip
    clocks = "select stopped_at from marts.fct_sla_clocks where sla_code = ? and entity_id = ?"
    assert _rows(people, clocks, "S21", f"{FOUND}-C") == [(T + DAY * 2,)]
    assert _rows(people, clocks, "S22", f"{FOUND}-C") == [(T + DAY * 3,)]
    assert _rows(
        people, "select started_at from marts.fct_sla_clocks where sla_code = 'S24' "
        "and entity_id = ?", f"{FOUND}-C",
    ) == [(T + DAY * 2,)]  # fmt: skip
    assert _rows(
        people, "select returned_quantity from marts.fct_orders where order_id = ?", FOUND
    ) == [(2,)]


def test_the_case_of_the_queue_ends_when_it_was_said(people: World) -> None:
    found = dict(_rows(
        people, "select entity_id, closed_at from marts.queue_items where queue_code = 'Q27' "
        "and entity_type = 'return'",
    ))  # fmt: skip
    assert found == {f"rr-{FOUND}": SAID, f"rr-{TAKEN_BACK}": None, f"rr-{SENT_TWO}": SAID}


def test_what_was_taken_back_was_never_matched(people: World) -> None:
    assert _rows(
        people, "select received_at from marts.fct_after_sales_cases where case_id = ?",
        f"{TAKEN_BACK}-C",
    ) == [(None,)]  # fmt: skip
    logged = _rows(people, "select entity_id from marts.fct_entity_events "
                   "where entity_type = 'return'")  # fmt: skip
    assert logged == [(f"rr-{TAKEN_BACK}",)]


def test_goods_taken_for_those_of_another_are_moved_to_whose_they_are(people: World) -> None:
    received = dict(_rows(
        people, "select case_id, received_at from marts.fct_after_sales_cases "
        "where case_id in (?, ?)", f"{SENT_TWO}-C", f"{WRONG}-C",
    ))  # fmt: skip
    assert received == {f"{SENT_TWO}-C": None, f"{WRONG}-C": T + DAY * 2}
    [(why,)] = _rows(people, "select why from marts.queue_items where entity_id = ?",
                     f"rr-{SENT_TWO}")  # fmt: skip
    facts = {fact["name"]: fact["value"] for fact in json.loads(why)["facts"]}
    assert (facts["return_problem"], facts["case_id"]) == ("wrong_item", f"{SENT_TWO}-C")


def test_the_order_knows_of_the_goods_from_when_it_was_said(people: World) -> None:
    [(known,)] = _rows(
        people, "select ingested_at >= ? from marts.fct_order_events where order_id = ? "
        "and event_type = 'RETURN_RECEIVED'", SAID, FOUND,
    )  # fmt: skip
    assert known


def test_matching_is_having_had_the_case_from_the_beginning_until_it_is_undone(
    tmp_path: Path,
) -> None:
    world, named = World(home=tmp_path / "said"), World(home=tmp_path / "named")
    world.deliver(*sent_back(FOUND), arrived(FOUND))
    build(world)
    before = World.at(tmp_path / "before")
    shutil.copy(world.candidate, before.candidate)

    world.deliver(matched(f"rr-{FOUND}", FOUND, SAID))
    build(world, from_seq=1)

    named.deliver(*sent_back(FOUND), arrived(FOUND, case_id=f"{FOUND}-C"))
    build(named)
    assert _told_otherwise(world, named) == []

    world.deliver(taken_back(f"rr-{FOUND}", FOUND, SAID, SAID + DAY / 200))
    build(world, from_seq=2)
    assert _told_otherwise(world, before) == []
    assert _rows(world, WAITING) == _rows(before, WAITING) != []
    assert _rows(world, "select returned_quantity, after_sales_status from marts.fct_orders") == [
        (0, "APPROVED")
    ]
