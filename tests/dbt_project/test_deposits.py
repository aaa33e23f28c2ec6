"""Pre-sales: a deposit, a rest with its own day, a promise to ship that begins with the rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from tests.dbt_project.deposit_facts import HOUR, LATER, SHIP_BY
from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World

PLACED = START + DAY
DEPOSIT = PLACED + HOUR
REST = PLACED + DAY * 2
DUE = START + DAY * 4


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _clock(con: Any, code: str, order_id: str) -> tuple[datetime | None, ...] | None:
    return con.execute(
        "select started_at, due_at, stopped_at, cancelled_at from marts.fct_sla_clocks "
        "where sla_code = ? and order_id = ?",
        [code, order_id],
    ).fetchone()


def test_shipping_is_promised_from_the_payment_that_leaves_nothing_to_pay(con: Any) -> None:
    assert _clock(con, "S07", "tb-936")[:2] == (REST, REST + DAY * 2)
    assert _clock(con, "S07", "tb-964")[:2] == (START + DAY * 3.5, START + DAY * 5.5)
    assert _clock(con, "S07", "tb-965")[:2] == (DEPOSIT, DEPOSIT + DAY * 2)


def test_the_day_the_channel_names_wins_over_the_days_after_the_rest(con: Any) -> None:
    assert _clock(con, "S07", "tb-960")[:2] == (REST, SHIP_BY)


@pytest.mark.parametrize("order_id", ["tb-934", "tb-935", "tb-937", "tb-939", "tb-962"])
def test_nothing_is_promised_or_confirmed_while_the_rest_is_open(con: Any, order_id: str) -> None:
    assert _clock(con, "S07", order_id) is None
    assert con.execute(
        "select count(*) from marts.fct_order_events where order_id = ? and event_type in "
        "('ORDER_CONFIRMED', 'REVIEW_ENTERED', 'REVIEW_PASSED')",
        [order_id],
    ).fetchone() == (0,)


def test_on_terms_the_goods_leave_on_the_deposit(con: Any) -> None:
    assert _clock(con, "S07", "tb-963")[0] == DEPOSIT
    assert _clock(con, "S01R", "tb-963") is None


def test_the_rest_has_a_clock_from_the_deposit_to_its_own_day(con: Any) -> None:
    told = {
        "tb-935": (DEPOSIT, DUE, None, None),
        "tb-936": (DEPOSIT, DUE, REST, None),
        "tb-939": (DEPOSIT, DUE, None, DUE + HOUR),
        "tb-961": (DEPOSIT, START + DAY * 2, REST, None),
        "tb-962": (DEPOSIT, DUE, None, DUE - HOUR),
        "tb-964": (DEPOSIT, DUE, START + DAY * 3.5, None),
        "tb-966": (DEPOSIT, DUE + DAY, None, None),
    }
    assert {order_id: _clock(con, "S01R", order_id) for order_id in told} == told
    # Too little of a deposit, or all at once, leaves no rest to wait for.
    assert _clock(con, "S01R", "tb-937") is None
    assert _clock(con, "S01R", "tb-965") is None


def test_a_rest_that_does_not_come_is_a_case_until_it_is_paid_or_the_order_closed(con: Any) -> None:
    found = con.execute(
        "select order_id, opened_at, closed_at from marts.queue_items where queue_code = 'Q04' "
        "and (order_id between 'tb-934' and 'tb-939' or order_id between 'tb-960' and 'tb-966') "
        "order by 1"
    ).fetchall()
    assert found == [
        # One that lies ahead is published with its moment.
        ("tb-934", LATER, None), ("tb-935", DUE, None), ("tb-939", DUE, DUE + HOUR),
        ("tb-961", START + DAY * 2, REST), ("tb-966", DUE + DAY, None),
    ]  # fmt: skip


def test_an_order_is_partly_paid_until_its_rest_is_there(con: Any) -> None:
    axes = dict(
        (row[0], row[1:])
        for row in con.execute(
            "select order_id, payment_status, order_status, headline_status from marts.fct_orders "
            "where order_id in ('tb-934', 'tb-936', 'tb-939', 'tb-962')"
        ).fetchall()
    )
    assert axes["tb-934"] == ("PARTIAL", "PLACED", "UNPAID")
    assert axes["tb-936"][:2] == ("PAID", "CONFIRMED")
    assert axes["tb-939"][1:] == ("EXPIRED", "CANCELLED")
    assert axes["tb-962"][1:] == ("CANCELLED", "CANCELLED")


def test_a_rest_that_expired_is_as_agreed_and_a_deposit_kept_before_its_day_is_not(
    con: Any,
) -> None:
    assert con.execute(
        "select order_id, deviation_code from marts.fct_order_states where is_deviation "
        "and (order_id between 'tb-934' and 'tb-939' or order_id between 'tb-960' and 'tb-966')"
    ).fetchall() == [("tb-962", "CANCELLED_WHILE_PAID")]
