"""The way of an order: hops that add up, variants that tell what was skipped and repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _variant(con: Any, order_id: str) -> str:
    return con.execute(
        "select distinct variant_code from marts.fct_order_milestones where order_id = ?",
        [order_id],
    ).fetchall()[0][0]


def test_an_order_that_went_all_the_way_shows_every_step_of_it(con: Any) -> None:
    way = con.execute(
        "select milestone_code, reached_at, waits_for from marts.fct_order_milestones "
        "where order_id = 'tb-1' order by milestone_number"
    ).fetchall()
    assert [code for code, _, _ in way] == [
        "PLACED", "PAID", "REVIEWED", "CONFIRMED", "RELEASED", "PACKED", "HANDED_OVER",
        "FIRST_SCAN", "DELIVERED", "COMPLETED", "CASE_OPENED", "RETURNED", "INSPECTED", "REFUNDED",
    ]  # fmt: skip
    at = {code: moment for code, moment, _ in way}
    assert at["FIRST_SCAN"] == START + DAY * 1.1
    assert at["DELIVERED"] == START + DAY * 2.8
    assert {who for _, _, who in way} == {
        "buyer", "review", "system", "warehouse", "carrier", "finance",
    }  # fmt: skip


def test_the_hops_of_an_order_are_its_whole_time(con: Any) -> None:
    lost = con.execute(
        "select order_id, sum(waited_minutes), date_diff('minute', min(reached_at), "
        "max(reached_at)) as whole, min(coalesce(waited_minutes, 0)) as least "
        "from marts.fct_order_milestones group by order_id "
        "having coalesce(sum(waited_minutes), 0) <> whole or least < 0"
    ).fetchall()
    assert lost == []


def test_an_order_has_one_variant_one_first_and_one_last_milestone(con: Any) -> None:
    odd = con.execute(
        "select order_id from marts.fct_order_milestones group by order_id "
        "having count(distinct variant_code) <> 1 or count(*) filter (where is_last) <> 1 "
        "or count(*) <> max(milestone_number) "
        "or count(*) filter (where from_milestone_code is null) <> 1"
    ).fetchall()
    assert odd == []
    orders = con.execute(
        "select (select count(distinct order_id) from marts.fct_order_milestones), "
        "(select count(*) from marts.fct_orders)"
    ).fetchone()
    assert orders[0] == orders[1]


def test_two_parcels_are_one_hand_over_that_was_repeated(con: Any) -> None:
    assert "HANDED_OVER+" in _variant(con, "shopify-2").split(">")
    # Many scans are what carriers do: only the first is a milestone.
    assert "FIRST_SCAN" in _variant(con, "shopify-2").split(">")


def test_what_was_skipped_is_not_in_the_way(con: Any) -> None:
    assert _variant(con, "tb-11") == "PLACED"
    assert _variant(con, "online_retail-14") == "PLACED>CONFIRMED>COMPLETED"
    assert _variant(con, "tb-16").split(">")[-2:] == ["DELIVERED", "COMPLETED"]
    assert "PACKED" not in _variant(con, "tb-16")


def test_cash_on_delivery_is_paid_when_it_is_collected(con: Any) -> None:
    way = _variant(con, "shopify-12").split(">")
    assert way.index("PAID") > way.index("DELIVERED") > way.index("CONFIRMED")


def test_a_deviation_stays_until_it_is_justified_and_comes_again_when_it_is_repeated(
    con: Any,
) -> None:
    placed = START + DAY * 6
    items = con.execute(
        "select entity_id, episode_number, opened_at, closed_at from marts.queue_items "
        "where queue_code = 'Q32' and order_id = 'tb-18' order by opened_at"
    ).fetchall()
    assert items == [
        ("SHIPPED_BEFORE_PAID@tb-18", 1, placed + DAY, None),
        ("SHIPPED_TWICE@tb-18", 1, placed + DAY * 2, placed + DAY * 2.5),
        ("SHIPPED_TWICE@tb-18", 2, placed + DAY * 3, None),  # the second answer was taken back
    ]


def test_every_deviation_of_a_known_order_is_in_the_queue_once(con: Any) -> None:
    kinds = con.execute(
        "select distinct order_id, deviation_code from marts.fct_order_states where is_deviation "
        "order by order_id, deviation_code"
    ).fetchall()
    items = con.execute(
        "select distinct order_id, split_part(entity_id, '@', 1) as kind from marts.queue_items "
        # What a parcel left without is no change of a state.
        "where queue_code = 'Q32' and kind <> 'SHIPPED_UNINSURED' order by order_id, kind"
    ).fetchall()
    assert kinds
    assert items == kinds


def test_what_has_left_is_not_promised_to_leave(con: Any) -> None:
    """The money of tb-18 came after its parcel had left: there is nothing to ship by then."""
    clocks = con.execute(
        "select count(*) from marts.fct_sla_clocks where sla_code = 'S07' and order_id = 'tb-18'"
    ).fetchone()
    assert clocks == (0,)
