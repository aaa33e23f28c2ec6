"""The warehouse as told in `business`: clocks of its steps, shortages, and who waits for whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World

T = START + DAY * 3


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _items(con: duckdb.DuckDBPyConnection, queue: str, order_id: str) -> list[tuple[Any, ...]]:
    return con.execute(
        "select opened_at, closed_at, episode_number, why from marts.queue_items "
        "where queue_code = ? and order_id = ? order by opened_at",
        [queue, order_id],
    ).fetchall()


def _clock(con: duckdb.DuckDBPyConnection, sla: str, order_id: str) -> tuple[Any, ...]:
    rows = con.execute(
        "select due_at, stopped_at, paused_minutes from marts.fct_sla_clocks "
        "where sla_code = ? and order_id = ?",
        [sla, order_id],
    ).fetchall()
    assert len(rows) == 1, rows
    return rows[0]


def test_a_late_release_is_work_until_the_warehouse_has_the_order(con: Any) -> None:
    opened, closed, _, why = _items(con, "Q18", "tb-30")[0]
    assert (opened, closed) == (T + DAY / 12, T + DAY / 8)
    assert json.loads(why)["facts"][0]["value"] == "S08"


def test_the_time_to_pack_stands_still_while_a_shortage_waits(con: Any) -> None:
    due_at, stopped_at, paused_minutes = _clock(con, "S10", "tb-30")
    assert paused_minutes == 28 * 60
    assert (due_at, stopped_at) == (T + DAY / 6 + DAY + DAY * 7 / 6, None)
    assert _clock(con, "S10", "tb-31")[0] is None
    assert _items(con, "Q18", "tb-31") == []


def test_a_shortage_is_open_until_it_is_decided(con: Any) -> None:
    ((opened, closed, _, why),) = _items(con, "Q19", "tb-30")
    assert (opened, closed) == (T + DAY / 3, T + DAY * 1.5)
    assert [fact["value"] for fact in json.loads(why)["facts"]] == ["SKU30", "1.0000"]
    ((_, still_open, _, _),) = _items(con, "Q19", "tb-31")
    assert still_open is None


def test_a_decided_shortage_is_reserved_again(con: Any) -> None:
    states = con.execute(
        "select order_id, fulfilment_status from marts.fct_orders "
        "where order_id in ('tb-30', 'tb-31') order by order_id"
    ).fetchall()
    assert states == [("tb-30", "RESERVED"), ("tb-31", "SHORT")]


def test_the_stages_of_one_order_never_share_an_episode(con: Any) -> None:
    found = con.execute(
        "select count(*), count(distinct (entity_id, episode_number)) from marts.queue_items "
        "where queue_code = 'Q18'"
    ).fetchone()
    assert found is not None
    assert found[0] == found[1] > 0


def test_the_first_scan_ends_the_wait_and_a_parcel_without_one_is_work(con: Any) -> None:
    clocks = con.execute(
        "select entity_id, started_at, stopped_at, due_at from marts.fct_sla_clocks "
        "where sla_code = 'S13' and order_id = 'tb-1'"
    ).fetchall()
    assert clocks == [("tb-1-SF1", START + DAY, START + DAY * 1.1, START + DAY * 2)]
    assert _items(con, "Q22", "tb-1") == []
    second_left = START + DAY * 3
    ((opened, closed, _, _),) = _items(con, "Q22", "shopify-2")
    assert (opened, closed) == (second_left + DAY, None)


def test_a_shop_whose_warehouse_does_not_report_is_not_waited_for(con: Any) -> None:
    waited = con.execute(
        "select distinct shop_id from marts.fct_sla_clocks where sla_code = 'S08'"
    ).fetchall()
    assert waited and {shop for (shop,) in waited} <= {"tb", "shopify"}
