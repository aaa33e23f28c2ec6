"""A refund decided in the house and the source's refund that carries its number are one refund."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
from tests.dbt_project.request_facts import NOT_SEEN, PAID_BACK, TWICE, VOID, WRONG_ORDER
from tests.dbt_project.worlds import World

MINE = "order_id in ('tb-870', 'tb-871', 'tb-872', 'tb-873', 'tb-874')"


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def test_each_refund_is_there_once_with_the_number_it_was_decided_under(con: Any) -> None:
    rows = con.execute(
        "select refund_id, order_id, request_number, refund_status, cast(amount as integer) "
        f"from marts.fct_refunds where {MINE} order by 2, 1"
    ).fetchall()
    assert rows == [
        ("tb-870-R1", "tb-870", PAID_BACK, "succeeded", 30),
        ("tb-871-R1", "tb-871", TWICE, "succeeded", 10),
        ("tb-871-R2", "tb-871", None, "succeeded", 5),
        (NOT_SEEN, "tb-872", NOT_SEEN, "sent", 20),
        (WRONG_ORDER, "tb-873", WRONG_ORDER, "requested", 15),
        (VOID, "tb-874", VOID, "failed", 25),
        ("tb-874-R1", "tb-874", None, "succeeded", 15),
    ]


def test_money_goes_back_once(con: Any) -> None:
    rows = con.execute(
        "select order_id, cast(refunded_amount as integer) from marts.fct_orders "
        f"where {MINE} order by 1"
    ).fetchall()
    assert rows == [("tb-870", 30), ("tb-871", 15), ("tb-872", 0), ("tb-873", 0), ("tb-874", 15)]


def test_the_steps_of_both_sides_are_one_history(con: Any) -> None:
    rows = con.execute(
        "select event_type from marts.fct_order_events where order_id = 'tb-870' "
        "and entity_id = 'tb-870-R1' order by occurred_at"
    ).fetchall()
    assert [name for (name,) in rows] == [
        "REFUND_REQUESTED", "REFUND_APPROVED", "REFUND_SUCCEEDED", "REFUND_SENT",
    ]  # fmt: skip


def test_a_refund_nobody_has_told_of_belongs_to_the_shop_of_its_order(con: Any) -> None:
    rows = con.execute(
        "select r.channel = o.channel and r.shop_id = o.shop_id from marts.fct_refunds as r "
        "join marts.fct_orders as o using (order_id) where r.refund_id = ?", [NOT_SEEN],
    ).fetchall()  # fmt: skip
    assert rows == [(True,)]
