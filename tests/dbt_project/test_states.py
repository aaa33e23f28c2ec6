"""Sources side by side as told in `state_facts`: what cannot both be true is a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.state_facts import HOUR
from tests.dbt_project.worlds import World

T = START + DAY * 3


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _items(con: Any, order_id: str) -> list[tuple]:
    return con.execute(
        "select entity_id, opened_at, closed_at, why from marts.queue_items "
        "where queue_code = 'Q31' and order_id = ? order by entity_id",
        [order_id],
    ).fetchall()


def test_an_order_closed_on_the_channel_but_in_the_warehouse_is_a_case(con: Any) -> None:
    found = {row[0].split("@")[0]: row for row in _items(con, "tb-210")}
    _, opened_at, closed_at, why = found["CLOSED_IN_WAREHOUSE"]
    assert (opened_at, closed_at) == (T + HOUR * 3.25, None)
    facts = {fact["name"]: fact["value"] for fact in json.loads(why)["facts"]}
    assert (facts["channel_state"], facts["wms_state"]) == ("CLOSED", "ACCEPTED")


def test_what_agrees_within_a_quarter_of_an_hour_is_none(con: Any) -> None:
    assert _items(con, "tb-212") == []


def test_a_conflict_ends_when_the_sources_agree(con: Any) -> None:
    item = next(i for i in _items(con, "tb-211") if i[0].startswith("FINISHED_ON_THE_WAY"))
    assert (item[1], item[2]) == (T + HOUR * 8.25, T + DAY)


def test_the_last_words_of_all_sources_stand_in_one_row(con: Any) -> None:
    row = con.execute(
        "select channel_state_code, oms_state_code, wms_state_code, carrier_state_code, "
        "finance_state_code, conflict_count from marts.fct_order_source_states "
        "where order_id = 'tb-211'"
    ).fetchone()
    assert row == ("COMPLETED", "COMPLETED", "SHIPPED", "DELIVERED", "PAID", 0)


def test_what_was_sent_and_paid_back_is_finished_not_cancelled(con: Any) -> None:
    row = con.execute(
        "select order_status, payment_status, cancelled_at, completed_at, is_valid "
        "from marts.fct_orders where order_id = 'tb-213'"
    ).fetchone()
    assert row == ("ARCHIVED", "REFUNDED", None, T + DAY, True)
    accused = con.execute(
        "select queue_code from marts.queue_items where order_id = 'tb-213' "
        "and queue_code in ('Q29', 'Q31', 'Q32')"
    ).fetchall()
    assert accused == []


def test_a_parcel_still_on_its_way_after_the_channel_closed_is_a_case(con: Any) -> None:
    found = {row[0].split("@")[0]: row for row in _items(con, "tb-214")}
    assert found["CLOSED_ON_THE_WAY"][1:3] == (T + DAY + HOUR / 4, None)


def _completions(con: Any, order_id: str) -> list[tuple]:
    return con.execute(
        "select occurred_at, detail_code from marts.fct_order_events "
        "where order_id = ? and event_type = 'ORDER_COMPLETED'",
        [order_id],
    ).fetchall()


def test_an_order_its_shop_archived_is_complete_when_its_parcels_arrive(con: Any) -> None:
    assert _completions(con, "shopify-215") == [(T + DAY * 2, None)]
    assert _completions(con, "shopify-216") == []  # on its way for ever


def test_what_was_delivered_completes_by_itself_unless_a_case_is_open(con: Any) -> None:
    assert _completions(con, "tb-217") == [(T + DAY * 17, "auto")]
    assert _completions(con, "tb-218") == []
