"""What people do about a case moves it: it waits for its refund, its money, its new deadline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.case_facts import HOUR, T, item_of
from tests.dbt_project.facts import DAY
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _left(con: Any, queue: str, kind: str, entity: str, episode: int = 1) -> tuple[Any, ...]:
    found = con.execute(
        "select closed_at, settled_at, left_at from marts.queue_items where item_id = ?",
        [item_of(queue, kind, entity, episode)],
    ).fetchall()
    assert len(found) == 1, found
    return found[0]


def test_a_case_that_asked_for_a_refund_is_settled_when_it_is_paid_and_not_before(
    con: Any,
) -> None:
    # The parcel itself was never heard of again.
    assert _left(con, "Q24", "shipment", "tb-950-SF950") == (None, T + DAY * 4, T + DAY * 4)


def test_a_case_whose_refund_was_refused_stays(con: Any) -> None:
    assert _left(con, "Q24", "shipment", "tb-951-SF951") == (None, None, None)


def test_money_asked_back_is_followed_until_all_of_it_has_come(con: Any) -> None:
    assert _left(con, "Q29", "refund", "tb-952-R1", 2) == (None, T + DAY * 3, T + DAY * 3)


def _clock(con: Any, sla: str, order_id: str) -> tuple[Any, ...]:
    found = con.execute(
        "select warn_at, due_at, stopped_at, extended_minutes from marts.fct_sla_clocks "
        "where sla_code = ? and order_id = ?",
        [sla, order_id],
    ).fetchall()
    assert len(found) == 1, found
    return found[0]


def _opened(con: Any, queue: str, order_id: str) -> list[tuple[Any, ...]]:
    return con.execute(
        "select opened_at, due_at from marts.queue_items where queue_code = ? and order_id = ?",
        [queue, order_id],
    ).fetchall()


def test_an_order_given_longer_in_time_is_paid_in_time_and_was_never_a_case(con: Any) -> None:
    warned = T + DAY + HOUR * 19.2
    assert _clock(con, "S01", "tb-953") == (warned, T + DAY * 2, T + DAY * 1.5, 1440)
    assert _opened(con, "Q04", "tb-953") == []


def test_given_longer_when_it_was_late_it_has_all_of_it_from_then_and_twice_adds_up(
    con: Any,
) -> None:
    due = T + DAY * 5
    assert _clock(con, "S01", "tb-954")[1:] == (due, None, 4 * 1440)
    # The case is the same one, and back when the new deadline is over.
    assert _opened(con, "Q04", "tb-954") == [(due, due)]


def test_given_longer_and_taken_back_the_old_deadline_stands(con: Any) -> None:
    assert _clock(con, "S01", "tb-955")[1:] == (T + DAY, None, 0)
    assert _opened(con, "Q04", "tb-955") == [(T + DAY, T + DAY)]


def test_a_hold_given_longer_is_a_case_when_that_is_over_too(con: Any) -> None:
    due = T + DAY * 3
    assert _clock(con, "S06", "tb-956")[1] == due
    assert _opened(con, "Q09", "tb-956") == [(due, due)]


def _low(con: Any, sku: str) -> list[tuple[Any, ...]]:
    return con.execute(
        "select raised_at, cleared_at, cast(level_quantity as integer) from marts.fct_stock_alerts "
        "where alert_type = 'low' and sku = ? order by raised_at",
        [sku],
    ).fetchall()


def test_a_level_somebody_set_is_the_level_from_then_on(con: Any) -> None:
    # Twenty pieces were enough, are too few for thirty, and enough for ten.
    assert _low(con, "SKU950") == [(T + DAY, T + DAY * 2, 30)]
    assert _low(con, "SKU951") == [(T, T + DAY, 5)]
    plan = con.execute(
        "select cast(alert_level_quantity as integer) from marts.fct_stock_plans "
        "where sku in ('SKU950', 'SKU951') order by sku"
    ).fetchall()
    assert plan == [(10,), (2,)]


def test_a_level_that_was_taken_back_never_was(con: Any) -> None:
    assert _low(con, "SKU952") == [(T, None, 5)]


def test_a_test_order_is_missed_no_more_and_accounted_for_at_the_channel(con: Any) -> None:
    assert _left(con, "Q01", "order", "tb-957") == (None, T + HOUR, T + HOUR)
    assert con.execute(
        "select count(*) from marts.fct_recon_breaks where match_key = 'tb-957'"
    ).fetchone() == (0,)
    assert con.execute(
        "select cast(sum(left_amount) as integer), cast(sum(right_amount) as integer) "
        "from marts.fct_recon_matches where match_key = 'tb-957' and recon_code = 'RC15'"
    ).fetchone() == (1, 1)
