"""The logistics axis of orders of several parcels (`parcel_facts`), against a fold by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
from tests.dbt_project.parcel_facts import FATES, STATES, moment, waybill
from tests.dbt_project.worlds import World

FAR = datetime(9999, 1, 1)
GONE = {"RETURNING", "RETURNED", "LOST"}


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _stands(codes: list[str]) -> tuple[str, int]:
    """State of one parcel after its scans, in the order in which they happened."""
    last = STATES[codes[-1]]
    if "80" in codes and last[0] not in GONE:
        return STATES["80"]
    return last


def _axis(order_id: str, hours: float) -> str:
    """The least advanced of what is open, else the greatest."""
    so_far = sorted((h, p, code) for p, code, h in FATES[order_id] if h <= hours)
    parcels: dict[str, list[str]] = {}
    for _, parcel, code in so_far:
        parcels.setdefault(parcel, []).append(code)
    if not parcels:
        return "NONE"
    states = [_stands(codes) for codes in parcels.values()]
    under_way = [state for state in states if state[1] < 100]
    chosen = min(under_way, key=lambda s: s[1]) if under_way else max(states, key=lambda s: s[1])
    return chosen[0]


@pytest.mark.parametrize("order_id", FATES)
def test_the_axis_is_the_least_advanced_open_parcel_else_the_greatest(
    con: Any, order_id: str
) -> None:
    last = max(hours for _, _, hours in FATES[order_id])
    (status,) = con.execute(
        "select logistics_status from marts.fct_orders where order_id = ?", [order_id]
    ).fetchone()
    assert status == _axis(order_id, last)


@pytest.mark.parametrize("order_id", FATES)
def test_the_axis_was_that_at_every_moment(con: Any, order_id: str) -> None:
    """The history, and the fold of what had happened by then, both say it."""
    for _, _, hours in FATES[order_id]:
        if order_id == "tb-911" and hours < 5:
            continue
        (told,) = con.execute(
            "select logistics_status from marts.fct_order_states "
            "where order_id = ? and occurred_at <= ? order by state_number desc limit 1",
            [order_id, moment(hours)],
        ).fetchone()
        (folded,) = con.execute(
            "select logistics_status from marts.orders_true_at(?) where order_id = ?",
            [moment(hours), order_id],
        ).fetchone()
        known = con.execute(
            "select logistics_status from marts.order_states_known_at(?, ?, ?) "
            "order by state_number desc limit 1",
            [order_id, moment(hours), FAR],
        ).fetchone()
        assert (told, folded, known) == ((_axis(order_id, hours),) * 2 + (known,))
        assert known == (_axis(order_id, hours),)


def test_the_stories_tell_every_kind_of_meeting() -> None:
    """Open beside open, open beside ended, ended beside ended: else the fold is tested in vain."""
    said = {_axis(o, h) for o, fates in FATES.items() for _, _, h in fates}
    assert said >= {state for state, _ in STATES.values()} - {"OUT_FOR_DELIVERY"}


def test_each_parcel_says_what_it_says_of_itself(con: Any) -> None:
    for order_id, fates in FATES.items():
        for parcel in sorted({p for p, _, _ in fates}):
            codes = [code for _, code in sorted((h, c) for p, c, h in fates if p == parcel)]
            found = con.execute(
                "select logistics_status from marts.fct_shipments "
                "where order_id = ? and tracking_number = ?",
                [order_id, waybill(order_id, parcel)],
            ).fetchone()
            assert found == (_stands(codes)[0],), (order_id, parcel)


def test_an_order_is_delivered_when_its_last_parcel_is(con: Any) -> None:
    """Time may have completed it since."""
    rows = con.execute(
        "select order_id, headline_status = 'IN_TRANSIT', delivered_at from marts.fct_orders "
        "where order_id in ('tb-910', 'tb-911', 'tb-913', 'tb-915') order by order_id"
    ).fetchall()
    assert rows == [
        ("tb-910", True, None),
        ("tb-911", False, moment(50)),
        ("tb-913", False, moment(60)),
        ("tb-915", True, None),
    ]


def test_the_carrier_has_delivered_when_no_parcel_is_on_its_way(con: Any) -> None:
    """Beside the words of the other sources: one parcel that arrived speaks for no other."""
    rows = dict(
        con.execute(
            "select order_id, carrier_state_code from marts.fct_order_source_states "
            "where order_id in ('tb-910', 'tb-911', 'tb-914')"
        ).fetchall()
    )
    assert rows == {"tb-910": "MOVING", "tb-911": "DELIVERED", "tb-914": "MOVING"}


def test_a_dear_parcel_that_left_uninsured_is_a_deviation(con: Any) -> None:
    """Said so by all who speak of it: silence accuses nobody, and cheap goods need none."""
    rows = con.execute(
        "select order_id, entity_id, opened_at, closed_at, why from marts.queue_items "
        "where queue_code = 'Q32' and order_id in ('tb-916', 'tb-917', 'tb-918', 'tb-919')"
    ).fetchall()
    assert [row[:4] for row in rows] == [("tb-916", "SHIPPED_UNINSURED@tb-916", moment(5), None)]
    facts = {fact["name"]: fact["value"] for fact in json.loads(rows[0][4])["facts"]}
    assert facts["deviation_code"] == "SHIPPED_UNINSURED"


def test_what_a_parcel_is_insured_for_is_the_most_that_anybody_says(con: Any) -> None:
    rows = con.execute(
        "select order_id, insured_amount::double, currency_code from marts.fct_shipments "
        "where order_id in ('tb-916', 'tb-917', 'tb-918') order by order_id"
    ).fetchall()
    assert rows == [("tb-916", 0, "CNY"), ("tb-917", 6000, "CNY"), ("tb-918", None, None)]
