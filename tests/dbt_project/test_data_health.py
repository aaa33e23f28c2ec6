"""Cases of the data itself are folded from what the door and the gates wrote down."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START, Fact, order
from tests.dbt_project.fold import build, fingerprint, marts
from tests.dbt_project.worlds import World

ZONE, GONE = "wms/tb/moves", "erp/tb/items"


def _shape(feed: str, added: str | None, missing: str | None) -> str:
    told = f"{added or ''}/{missing or ''}".encode()
    return f"{feed}#{hashlib.md5(told, usedforsecurity=False).hexdigest()[:6]}"


def _accepted(shape: str, day: int) -> Fact:
    return "decisions", {
        "decision_id": f"accept-{day}", "verb": "accept_columns", "decided_at": START + DAY * day,
        "queue_code": "Q36", "entity_type": "shape", "entity_id": shape, "actor_id": "li",
        "source": "ledger",
    }  # fmt: skip


def _write(world: World, table: str, rows: list[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" for _ in rows[0])
    with duckdb.connect(str(world.warehouse)) as con:
        con.executemany(f"insert into ops.{table} values ({marks})", rows)


def _shapes(feed: str, *rows: tuple[int, str, str | None, str | None]) -> list[tuple[Any, ...]]:
    source, shop, layout = feed.split("/")
    return [
        (1, source, shop, layout, f"f{day}", START + DAY * day, state, "[]", "[]", added, missing)
        for day, state, added, missing in rows
    ]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(home=tmp_path_factory.mktemp("health"))
    world.deliver(order("tb-905", START))
    # Numbered by load as the door numbers them, so that "next" means the next load.
    zone = _shapes(
        ZONE, (0, "learnt", None, None), (1, "changed", "zone", None), (2, "as_before", None, None),
        (5, "changed", "zone", None),
    )  # fmt: skip
    gone = _shapes(GONE, (0, "learnt", None, None), (3, "changed", None, "lot"))
    _write(world, "feed_shapes", [(n, *row[1:]) for n, row in enumerate([*zone, *gone], start=-5)])
    at = [START + DAY * day for day in range(6)]
    _write(world, "checks", [
        (1, 1, "gx door products", "door", at[1], "warned", "1 too old"),
        (2, 1, "grain", "dbt", at[2], "failed", "two orders with one id"),
        (3, 1, "grain", "dbt", at[3], "passed", ""),
        (4, 1, "grain", "dbt", at[4], "failed", "again"),
    ])  # fmt: skip
    build(world, tests=True)
    return world


def _items(world: World) -> dict[tuple[str, int], dict[str, Any]]:
    with marts(world) as con:
        cursor = con.execute(
            "select entity_id, episode_number, entity_type, opened_at, closed_at, severity, why, "
            "item_id from marts.queue_items where entity_type in ('shape', 'check')"
        )
        names = [column[0] for column in cursor.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(row["entity_id"], row["episode_number"]): row for row in rows}


def _times(item: dict[str, Any]) -> tuple[float, float | None]:
    closed = item["closed_at"]
    return (item["opened_at"] - START) / DAY, closed and (closed - START) / DAY


def test_a_change_of_columns_is_a_case_until_files_are_as_before(world: World) -> None:
    items = _items(world)
    first, again = (items[_shape(ZONE, "zone", None), n] for n in (1, 2))
    assert (_times(first), _times(again)) == ((1, 2), (5, None))
    facts = {fact["name"]: fact["value"] for fact in json.loads(first["why"])["facts"]}
    assert facts["added_columns"] == "zone" and facts["missing_columns"] is None


def test_a_warning_stays_open_and_what_stops_builds_has_passed_in_what_is_served(
    world: World,
) -> None:
    items = _items(world)
    assert _times(items["gx door products", 1]) == (1, None)
    assert _times(items["grain", 1]) == (2, 3)
    assert (items["gx door products", 1]["severity"], items["grain", 1]["severity"]) == (3, 1)


def test_a_case_has_the_id_the_app_gave_it_while_nothing_was_served(world: World) -> None:
    from dashboards.standing import standing_table
    from dashboards.warehouse import Attempt

    failing = {"check_id": "grain", "episode": 2, "since": START, "detail": "again"}
    attempt = Attempt(
        build_id="b", at=START, ok=False, reason="", failed_gates=(), failing=(failing,)
    )
    table = standing_table(attempt)
    assert table is not None
    [standing] = table.to_pylist()
    assert standing["item_id"] == _items(world)["grain", 2]["item_id"]


def test_accepted_columns_are_no_news_and_undone_they_are_again(
    world: World, tmp_path: Path
) -> None:
    copy = World.at(tmp_path, load_seq=world.load_seq)
    for path in (world.warehouse, world.candidate):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    lost = _shape(GONE, None, "lot")
    copy.deliver(_accepted(lost, 4))
    build(copy, from_seq=1)
    accepted = fingerprint(copy)
    assert _times(_items(copy)[lost, 1]) == (3, 4)
    build(copy)
    assert fingerprint(copy) == accepted

    undo = {**_accepted(lost, 4)[1], "decision_id": "undo", "verb": "undo",
            "undoes_decision_id": "accept-4"}  # fmt: skip
    copy.deliver(("decisions", undo))
    build(copy, from_seq=2)
    assert _times(_items(copy)[lost, 1]) == (3, None)
