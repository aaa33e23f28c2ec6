"""What channels show of their orders, as told in `business`: clocks, and who is told when not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World

T = START + DAY * 4
MINUTE = DAY / 1440


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _items(con: duckdb.DuckDBPyConnection, order_id: str) -> list[tuple[Any, ...]]:
    return con.execute(
        "select opened_at, closed_at, entity_type, why from marts.queue_items "
        "where queue_code = 'Q21' and order_id = ? order by opened_at",
        [order_id],
    ).fetchall()


def _facts(why: str) -> dict[str, str]:
    return {fact["name"]: fact["value"] for fact in json.loads(why)["facts"]}


def test_a_payment_shown_late_is_work_until_the_channel_shows_it(con: Any) -> None:
    opened, closed, entity, why = _items(con, "tb-80")[0]
    assert (opened, closed) == (T + DAY / 24 + MINUTE * 15, T + DAY / 24 + MINUTE * 40)
    assert (entity, _facts(why)["late_promise"]) == ("order", "S03P")


def test_a_wrong_waybill_on_the_channel_is_a_parcel_not_shown(con: Any) -> None:
    opened, closed, entity, why = _items(con, "tb-80")[1]
    assert (opened, closed, entity) == (T + DAY + MINUTE * 15, None, "shipment")
    facts = _facts(why)
    assert (facts["late_promise"], facts["tracking_number"]) == ("S12", "SF80")
    assert facts["channel_state"] == "SHIPPED"


def test_what_was_told_in_time_is_no_work_and_a_late_delivery_is(con: Any) -> None:
    ((opened, closed, _, why),) = _items(con, "shopify-81")
    delivered = T + DAY * 2
    assert (opened, closed) == (delivered + MINUTE * 15, delivered + MINUTE * 20)
    assert _facts(why)["late_promise"] == "S03D"
    clock = con.execute(
        "select started_at, stopped_at from marts.fct_sla_clocks "
        "where sla_code = 'S12' and order_id = 'shopify-81'"
    ).fetchall()
    assert clock == [(T + DAY, T + DAY + MINUTE * 10)]


def test_silence_of_a_whole_shop_accuses_no_order(con: Any) -> None:
    assert _items(con, "quiet-82") == []
    waiting = con.execute(
        "select stopped_at from marts.fct_sla_clocks where sla_code = 'S12' "
        "and order_id = 'quiet-82'"
    ).fetchall()
    assert waiting == [(None,)]


def test_a_channel_that_never_showed_an_order_is_not_waited_for(con: Any) -> None:
    waited = con.execute(
        "select distinct order_id from marts.fct_sla_clocks "
        "where sla_code in ('S12', 'S03P', 'S03D', 'S03R')"
    ).fetchall()
    disagreeing = {f"tb-{number}" for number in range(210, 215)}
    own = {"tb-80", "shopify-81", "quiet-82", "shopify-12"}
    assert {order for (order,) in waited} == own | disagreeing


def test_a_word_nobody_knows_is_a_case_of_data_health(con: Any) -> None:
    seen = con.execute(
        "select count(*) from marts.fct_order_events where order_id = 'shopify-81' "
        "and event_type = 'CHANNEL_STATUS_SEEN' and detail_code = 'UNKNOWN'"
    ).fetchone()
    assert seen == (1,)


def test_a_decision_that_no_system_took_is_work_until_it_is_told(con: Any) -> None:
    rows = con.execute(
        "select entity_id, episode_number, shop_id, opened_at, closed_at, why "
        "from marts.queue_items where queue_code = 'Q21' and entity_type = 'message' "
        "order by opened_at"
    ).fetchall()
    assert [row[:5] for row in rows] == [
        ("a-212.wms", 1, "tb", T + DAY, T + DAY * 2),
        ("a-212.wms", 2, "tb", T + DAY * 2, T + DAY * 3),
    ]
    assert [_facts(row[5]) for row in rows] == [
        {"told_system": "wms", "sent_verb": "re_push", "delivery_code": code}
        for code in ("503", "422")
    ]


def test_how_a_message_ended_counts_as_nobodys_decision(con: Any) -> None:
    verbs = con.execute("select verb from marts.fct_decisions where order_id = 'tb-212'").fetchall()
    assert verbs == [("re_push",)]
