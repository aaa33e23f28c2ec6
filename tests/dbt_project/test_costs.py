"""What an order leaves: every part of its cost from its own facts, unknown while one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World

PARTS = ("goods_cost", "pick_pack", "freight", "payment_fee", "commission", "contribution")


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _costs(con: Any, order_id: str) -> tuple[list[float | None], int]:
    names = ", ".join(f"{part}_amount" for part in PARTS)
    *parts, unknown = con.execute(
        f"select {names}, unknown_count from marts.fct_order_costs where order_id = ?", [order_id]
    ).fetchone()
    return [None if part is None else round(float(part), 4) for part in parts], unknown


def test_an_order_leaves_what_its_parts_did_not_take(con: Any) -> None:
    """100 sold; two pieces of 20, 1.50 and 0.50 a piece to pack, 0.6 % twice."""
    assert _costs(con, "tb-380") == ([40, 2.5, 12, 0.6, 0.6, 44.3], 0)


def test_costs_in_another_currency_count_at_the_rate_of_the_day(con: Any) -> None:
    parts, unknown = _costs(con, "shopify-381")
    assert parts == [round(40 / 7.1, 4), round(2.5 / 7.1, 4), 2, 3.2, 0, 88.8141]
    assert unknown == 0


def test_what_is_not_known_is_not_nothing(con: Any) -> None:
    """Its parcel is on no bill; a piece that came back fit to be sold costs nothing."""
    assert _costs(con, "tb-382") == ([20, 2.0, None, 0.6, 0.6, None], 1)


def test_a_set_costs_its_parts_and_a_shared_parcel_is_charged_once(con: Any) -> None:
    assert _costs(con, "tb-383") == ([80, 2.5, 0, 0.6, 0.6, 16.3], 0)
