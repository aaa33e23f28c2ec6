"""What people do about a case moves it: it waits for its refund, its money, its new deadline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.case_facts import T, item_of
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
