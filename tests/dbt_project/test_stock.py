"""What the marts say about stock: promises, batches, plans, alerts, and the queues over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World

T = START + DAY * 6


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def test_an_expired_batch_and_held_pieces_are_not_sellable(con: Any) -> None:
    """Nine pieces left of two batches; batch A (3) has expired, one of batch B waits for checks."""
    [row] = _rows(
        con,
        "select on_hand_quantity, held_quantity, expired_quantity, sellable_quantity, atp_quantity "
        "from marts.fct_stock_positions where sku = 'SKU9' and warehouse_id = 'WH1'",
    )
    assert [int(value) for value in row] == [6, 1, 3, 2, -11]


def test_batches_are_compared_with_a_count_that_names_them(con: Any) -> None:
    lots = _rows(
        con,
        "select lot, is_expired, drift_quantity from marts.fct_stock_lots "
        "where sku = 'SKU9' and warehouse_id = 'WH1' order by lot",
    )
    assert [(lot, old, int(drift)) for lot, old, drift in lots] == [
        ("A", True, 0), ("B", False, 2),
    ]  # fmt: skip


def test_a_set_reserves_its_parts_and_is_as_available_as_the_scarcest(con: Any) -> None:
    parts = _rows(
        con,
        "select sku, kit_sku, quantity from marts.fct_stock_reservations "
        "where order_id = 'tb-61' order by sku",
    )
    assert [(sku, kit, int(n)) for sku, kit, n in parts] == [("SKU8", "SET", 2), ("SKU9", "SET", 4)]
    [(available, is_kit)] = _rows(
        con,
        "select available_quantity, is_kit from marts.fct_channel_stock "
        "where sku = 'SET' and shop_id = 'tb'",
    )
    assert (int(available), is_kit) == (0, True)


def test_a_shop_may_sell_the_promise_less_threshold_and_buffer(con: Any) -> None:
    """Eighteen can be promised; five are the threshold, two the buffer of the shop."""
    [(available, told)] = _rows(
        con,
        "select available_quantity, published_quantity from marts.fct_channel_stock "
        "where sku = 'SKU8' and shop_id = 'tb'",
    )
    assert (int(available), int(told)) == (11, 50)


def test_goods_on_their_way_count_by_how_sure_they_are(con: Any) -> None:
    coming = _rows(
        con,
        "select inbound_type, warehouse_id, quantity, expected_quantity "
        "from marts.fct_stock_inbound where sku = 'SKU9' order by inbound_type",
    )
    assert [(kind, place, float(n), float(sure)) for kind, place, n, sure in coming] == [
        ("in_transit", "WH1", 6.0, 5.4), ("transfer", "WH2", 2.0, 2.0),
    ]  # fmt: skip


def test_paid_after_the_stock_was_let_go_and_nothing_left(con: Any) -> None:
    items = _rows(
        con,
        "select entity_id, opened_at, closed_at from marts.queue_items where queue_code = 'Q05'",
    )
    assert items == [("tb-62", T + DAY / 16, None)]


def test_a_reservation_of_a_cancelled_order_is_an_orphan(con: Any) -> None:
    [(opened, closed)] = _rows(
        con,
        "select opened_at, closed_at from marts.queue_items "
        "where queue_code = 'Q15' and order_id = 'tb-63'",
    )
    assert (opened, closed) == (T + DAY / 2 + DAY / 96, None)


def test_an_alert_waits_while_the_supplier_has_confirmed(con: Any) -> None:
    """SKU2 is nobody's work for a day and then overdue; SKU9 in WH1 waits for its delivery."""
    late = {row[0] for row in _rows(
        con, "select entity_id from marts.queue_items where queue_code = 'Q13'")}  # fmt: skip
    low = {row[0] for row in _rows(
        con, "select entity_id from marts.queue_items where queue_code = 'Q12'")}  # fmt: skip
    handled = {"SKU950@WH1", "SKU951@WH1"}  # given another level within the day
    assert low - late == {"SKU9@WH1", *handled}
    [(due,)] = _rows(
        con,
        "select due_at from marts.fct_sla_clocks where sla_code = 'S32' and entity_id = 'SKU9@WH1'",
    )
    assert due is None


def test_a_variance_beyond_the_tolerance_is_open_until_it_is_decided(con: Any) -> None:
    items = _rows(
        con,
        "select entity_id, opened_at, closed_at, due_at from marts.queue_items "
        "where queue_code = 'Q16' and entity_id not like 'C870%' order by entity_id",
    )
    assert items == [
        ("tb-C1-1", T + DAY * 2, T + DAY * 3, T + DAY * 3),
        ("tb-C1-3", T + DAY * 4, None, T + DAY * 5),
    ]


def test_a_drift_closes_with_the_first_count_that_agrees(con: Any) -> None:
    runs = _rows(
        con,
        "select episode_number, opened_at, closed_at from marts.queue_items "
        "where queue_code = 'Q14' and entity_id = 'SKU1@WH1' order by 1",
    )
    assert runs == [
        (1, START + DAY * 4, START + DAY * 6), (2, START + DAY * 8, None),
    ]  # fmt: skip
    [(agreed,)] = _rows(
        con,
        "select agreed_at from marts.fct_stock_drifts where sku = 'SKU1' and is_drift "
        "order by taken_at desc limit 1",
    )
    assert agreed == START + DAY * 6


def test_what_was_in_flight_when_it_was_counted_is_no_drift(con: Any) -> None:
    assert _rows(
        con,
        "select sku, in_flight_quantity, drift_quantity, is_drift from marts.fct_stock_drifts "
        "where sku like 'SKU96_' order by 1",
    ) == [
        ("SKU960", 2, -2, False), ("SKU961", 0, -2, True), ("SKU962", 5, -5, False),
        ("SKU963", 0, -3, True),
    ]  # fmt: skip
    assert _rows(
        con,
        "select entity_id from marts.queue_items where queue_code = 'Q14' "
        "and entity_id like 'SKU96_@WH1' order by 1",
    ) == [("SKU961@WH1",), ("SKU963@WH1",)]


def test_the_cut_line_says_when_a_delivery_covers_the_line(con: Any) -> None:
    """Of the oversold lines of SKU9 the first needs two more; 5.4 are expected on day two."""
    lines = _rows(
        con,
        "select order_id, is_served, covered_at from marts.fct_stock_demand "
        "where sku = 'SKU9' order by running_quantity",
    )
    assert lines == [("tb-61", False, T + DAY * 2), ("tb-62", False, None)]


def test_an_order_set_aside_leaves_the_line_and_comes_back(con: Any) -> None:
    items = _rows(
        con,
        "select episode_number, opened_at, closed_at from marts.queue_items "
        "where queue_code = 'Q11' and entity_id = 'tb-67' order by 1",
    )
    assert items == [(1, T + DAY / 24, T + DAY / 8), (2, T + DAY * 1.5, None)]
    alerts = _rows(
        con,
        "select raised_at, cleared_at from marts.fct_stock_alerts "
        "where sku = 'SKU7' and alert_type = 'oversold' order by 1",
    )
    assert alerts == [(T + DAY / 24, T + DAY / 8), (T + DAY * 1.5, None)]
