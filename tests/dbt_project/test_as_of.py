"""Stock and money as of a moment: at the end they are what the marts say; news counts when told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, MOMENT, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World

END = "timestamp '9999-01-01'"
MINUTE = timedelta(minutes=1)
FAR = START + DAY * 3650
KINDS = ("on_hand", "damaged", "frozen", "held")
ALL = (*KINDS, "expired", "sellable", "reserved_hard", "reserved_soft", "atp")
PARTS = ("payable", "captured", "refunded", "gross", "fee", "paid_out")


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _stock(con: Any, true_until: Any, known_until: Any) -> dict[tuple[str, str], tuple]:
    columns = ", ".join(f"{kind}_quantity" for kind in KINDS)
    rows = con.execute(
        f"select sku, warehouse_id, {columns} from marts.stock_at(?, ?)",
        [true_until, known_until],
    ).fetchall()
    return {row[:2]: row[2:] for row in rows}


def test_stock_at_the_end_is_the_stock_there_is(con: Any) -> None:
    columns = ", ".join(f"{kind}_quantity" for kind in KINDS)
    rows = con.execute(
        f"select sku, warehouse_id, {columns} from marts.fct_stock_positions "
        "where last_moved_at is not null or reserved_hard_quantity + reserved_soft_quantity <> 0"
    ).fetchall()
    far = FAR
    assert _stock(con, far, far) == {row[:2]: row[2:] for row in rows} != {}


def _promised(con: Any, true_until: Any, known_until: Any) -> dict[tuple[str, str], tuple]:
    columns = ", ".join(f"{kind}_quantity" for kind in ALL)
    rows = con.execute(
        f"select sku, warehouse_id, {columns} from marts.stock_at(?, ?)",
        [true_until, known_until],
    ).fetchall()
    return {row[:2]: row[2:] for row in rows}


@pytest.mark.parametrize("year", [9999, FAR.year])
def test_what_is_promised_at_the_end_is_what_is_promised_row_by_row(con: Any, year: int) -> None:
    """A place that was only ever counted has no movement and nothing reserved: a row of zeros."""
    columns = ", ".join(f"{kind}_quantity" for kind in ALL)
    rows = con.execute(
        f"select sku, warehouse_id, {columns} from marts.fct_stock_positions "
        "where last_moved_at is not null or reserved_hard_quantity + reserved_soft_quantity <> 0"
    ).fetchall()
    end = FAR.replace(year=year)
    assert _promised(con, end, end) == {row[:2]: row[2:] for row in rows}
    assert sum(row[2 + ALL.index("reserved_hard")] for row in rows) > 0
    assert sum(row[2 + ALL.index("reserved_soft")] for row in rows) > 0


def _reserved(con: Any, true_until: Any, known_until: Any) -> dict[tuple[str, str], tuple]:
    """(hard, soft) of each place where something is."""
    first = ALL.index("reserved_hard")
    found = _promised(con, true_until, known_until)
    return {place: row[first : first + 2] for place, row in found.items() if any(row[first:-1])}


def test_an_order_holds_stock_from_when_it_was_placed_and_known_once_told(con: Any) -> None:
    """The first of all orders: its pieces are held at its moment, and known a minute later."""
    placed_at, told_at = con.execute(
        "select min(occurred_at), min_by(ingested_at, occurred_at) "
        "from marts.fct_reservation_moves where move = 'ordered'"
    ).fetchone()
    assert told_at > placed_at
    assert _reserved(con, placed_at - MINUTE, FAR) == {}
    assert sum(soft for _, soft in _reserved(con, placed_at, FAR).values()) > 0
    assert _reserved(con, placed_at, placed_at) == {}
    assert _reserved(con, placed_at, told_at) == _reserved(con, placed_at, FAR)


@pytest.mark.parametrize("day", [1, 2, 3, 5, 8, 13, 21, 34])
def test_what_is_reserved_at_a_moment_is_that_of_orders_not_yet_sent_or_ended(
    con: Any, day: int
) -> None:
    """By orders: each that is placed, not cancelled, completed or emptied, and keeps its stock."""
    moment = START + DAY * day
    wrong = con.execute(
        "select sku, warehouse_id from marts.stock_at(?, ?) "
        "where reserved_hard_quantity < 0 or reserved_soft_quantity < 0 "
        "or atp_quantity <> sellable_quantity - reserved_hard_quantity - reserved_soft_quantity",
        [moment, FAR],
    ).fetchall()
    assert wrong == []
    states = dict(
        con.execute(
            "select order_id, order_status from marts.orders_at(?, ?)", [moment, FAR]
        ).fetchall()
    )
    confirmed = con.execute(
        "select order_id, sku, warehouse_id, quantity from marts.fct_stock_reservations"
    ).fetchall()
    most: dict[tuple[str, str], Any] = {}
    for order_id, sku, warehouse_id, quantity in confirmed:
        if states.get(order_id) == "CONFIRMED":
            place = (sku, warehouse_id)
            most[place] = most.get(place, 0) + quantity
    for place, (hard, _) in _reserved(con, moment, FAR).items():
        assert hard <= most.get(place, 0)


def test_a_build_as_of_a_moment_is_a_build_of_what_had_happened(con: Any, then: World) -> None:
    """No event after it, and every order in the state that was true then."""
    with marts(then) as past:
        late = past.execute(
            "select count(*) from marts.fct_order_events where occurred_at > ?", [MOMENT]
        ).fetchone()
        states = past.execute("select order_id, headline_status from marts.fct_orders").fetchall()
    assert late == (0,)
    assert ("tb-1", "AFTER_SALES") in states
    true_then = con.execute(
        "select order_id, headline_status from marts.orders_true_at(?)", [MOMENT]
    ).fetchall()
    assert dict(states) == dict(true_then)


def test_stock_as_of_a_moment_is_what_a_build_of_that_moment_promises(
    con: Any, then: World
) -> None:
    """The marts of a build that stops at a moment, and the question asked of the whole."""
    columns = ", ".join(f"{kind}_quantity" for kind in ALL)
    with marts(then) as past:
        rows = past.execute(
            f"select sku, warehouse_id, {columns} from marts.fct_stock_positions "
            "where last_moved_at is not null "
            "or reserved_hard_quantity + reserved_soft_quantity <> 0"
        ).fetchall()
    built = {row[:2]: row[2:] for row in rows}
    asked = _promised(con, MOMENT, FAR)
    assert {place: row for place, row in asked.items() if any(row)} == {
        place: row for place, row in built.items() if any(row)
    }


def test_a_movement_counts_from_its_moment_and_is_known_once_told(con: Any) -> None:
    """m2 took two cups out on day 1; its file came a minute later."""
    shipped_at, cup = START + DAY, ("SKU1", "WH1")
    just_before = _stock(con, shipped_at - MINUTE, FAR)
    true_then = _stock(con, shipped_at, FAR)
    known_then = _stock(con, shipped_at, shipped_at)
    assert just_before[cup][0] - true_then[cup][0] == 2
    assert known_then[cup] == just_before[cup]


@pytest.mark.parametrize("day", range(0, 40, 3))
def test_what_was_known_later_only_adds_movements(con: Any, day: int) -> None:
    """Knowing everything, stock at a moment is the sum of the movements up to it."""
    moment = START + DAY * day
    rows = con.execute(
        "select sku, warehouse_id, sum(quantity) from marts.fct_stock_movements "
        "where moved_at <= ? and is_counted "
        "and movement_type not in ('freeze', 'unfreeze', 'qc_hold', "
        "'qc_release') group by all",
        [moment],
    ).fetchall()
    summed = {row[:2]: row[2] for row in rows}
    found = _stock(con, moment, FAR)
    assert {place: row[0] for place, row in found.items() if row[0]} == {
        place: quantity for place, quantity in summed.items() if quantity
    }


def test_money_at_the_end_is_the_money_there_is(con: Any) -> None:
    sums = ", ".join(f"sum({part}_amount)" for part in PARTS)
    at_end = con.execute(f"select {sums} from marts.money_at({END}, {END})").fetchone()
    now = con.execute(
        "select (select sum(payable_amount) from marts.fct_orders "
        "  where order_status not in ('CANCELLED', 'EXPIRED')), "
        "(select sum(captured_amount) from marts.fct_orders), "
        "(select sum(refunded_amount) from marts.fct_orders), "
        "(select sum(gross_amount) from marts.fct_settlement_lines), "
        "(select sum(fee_amount) from marts.fct_settlement_lines), "
        "(select sum(amount) from marts.fct_payouts)"
    ).fetchone()
    assert at_end == now


def test_a_refund_is_true_when_it_happened_and_known_when_told(con: Any) -> None:
    """The refund of tb-1 happened on day 11 and was told a minute later."""
    refunded_at = START + DAY * 11
    [true_then] = con.execute(
        f"select sum(refunded_amount) from marts.money_at(?, {END})", [refunded_at]
    ).fetchone()
    [known_then] = con.execute(
        "select sum(refunded_amount) from marts.money_at(?, ?)", [refunded_at, refunded_at]
    ).fetchone()
    assert true_then > known_then


def test_before_the_first_fact_there_was_nothing(con: Any) -> None:
    first = START - DAY * 3650
    assert _stock(con, first, first) == {}
    for macro in ("money_at", "orders_at"):
        assert con.execute(f"select * from marts.{macro}(?, ?)", [first, first]).fetchall() == []
