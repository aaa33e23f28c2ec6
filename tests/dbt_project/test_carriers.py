"""Which carrier takes an order: who goes there, carries it, insures it, is in time, is cheap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.carrier_facts import SHIPPED
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _choices(con: Any, order_id: str) -> dict[str, tuple[Any, ...]]:
    rows = con.execute(
        "select carrier, choice_rank, cast(shipping_cost_amount as double), obstacle "
        "from marts.fct_carrier_choices where order_id = ?", [order_id],
    ).fetchall()  # fmt: skip
    return {carrier: rest for carrier, *rest in rows}


def test_the_cheapest_that_can_is_taken(con: Any) -> None:
    """0.8 kilograms are within every base weight."""
    assert _choices(con, "tb-840") == {
        "zto": [1, 8.0, None], "sf": [2, 12.0, None], "ems": [3, 15.0, None]
    }  # fmt: skip


def test_what_breaks_goes_with_who_takes_it(con: Any) -> None:
    """1.2 kilograms are one step beyond the base weight."""
    assert _choices(con, "tb-841") == {
        "sf": [1, 14.5, None], "ems": [2, 19.0, None], "zto": [None, 10.0, "breaks"]
    }  # fmt: skip


def test_a_set_weighs_and_breaks_like_its_parts(con: Any) -> None:
    assert _choices(con, "tb-849") == {
        "sf": [1, 17.0, None], "ems": [2, 23.0, None], "zto": [None, 12.0, "breaks"]
    }  # fmt: skip


def test_what_is_too_heavy_for_some_goes_with_who_carries_it(con: Any) -> None:
    found = _choices(con, "tb-842")
    assert found["sf"] == [1, 12 + 59 * 2.5, None]
    assert {found[name][2] for name in ("ems", "zto")} == {"too_heavy"}


def test_dear_goods_go_insured_with_who_insures_so_much(con: Any) -> None:
    found = _choices(con, "tb-843")
    assert found["sf"] == [1, 12 + 125.0, None]
    assert {found[name][2] for name in ("ems", "zto")} == {"worth_too_much"}
    flags = con.execute(
        "select order_id from marts.fct_orders where requires_insurance "
        "and order_id between 'tb-840' and 'tb-849'"
    ).fetchall()
    assert flags == [("tb-843",)]


def test_where_nobody_goes_nobody_is_taken(con: Any) -> None:
    found = _choices(con, "tb-844")
    assert {(rank, why) for rank, _, why in found.values()} == {(None, "not_served")}


def test_goods_to_be_fetched_and_goods_that_left_need_no_carrier(con: Any) -> None:
    assert _choices(con, "tb-845") == _choices(con, SHIPPED) == {}


def test_goods_nobody_weighed_have_no_price_and_go_the_fast_way(con: Any) -> None:
    found = _choices(con, "tb-846")
    assert {cost for _, cost, _ in found.values()} == {None}
    assert found["sf"][0] == 1


def test_who_is_in_time_goes_before_who_is_cheap(con: Any) -> None:
    """Three days are enough for one of them only, counted from the last moment to hand over."""
    assert _choices(con, "tb-847") == {
        "sf": [1, 12.0, None], "zto": [2, 8.0, None], "ems": [3, 15.0, None]
    }  # fmt: skip


def test_every_order_to_be_sent_has_one_first_choice_or_an_obstacle_everywhere(con: Any) -> None:
    """The ranks of an order are 1, 2, ... over the carriers that can, and nothing else."""
    broken = con.execute(
        "select order_id from marts.fct_carrier_choices group by order_id "
        "having count(choice_rank) <> count(*) filter (where obstacle is null) "
        "or coalesce(max(choice_rank), 0) <> count(choice_rank) "
        "or coalesce(min(choice_rank), 1) <> 1"
    ).fetchall()
    assert broken == []
