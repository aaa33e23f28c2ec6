"""What the marts say about the orders of `business`: one world, read many times."""

from __future__ import annotations

import json
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


def _dicts(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[dict[str, Any]]:
    cursor = con.execute(sql, list(values))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _one(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> dict[str, Any]:
    rows = _dicts(con, sql, *values)
    assert len(rows) == 1, rows
    return rows[0]


def _order(con: duckdb.DuckDBPyConnection, order_id: str) -> dict[str, Any]:
    return _one(con, "select * from marts.fct_orders where order_id = ?", order_id)


def _items(con: duckdb.DuckDBPyConnection, queue: str) -> list[dict[str, Any]]:
    return _dicts(
        con,
        "select * from marts.queue_items where queue_code = ? order by order_id, episode_number",
        queue,
    )


def test_a_returned_order_is_completed_and_partly_refunded(con: Any) -> None:
    order = _order(con, "tb-1")
    assert order["headline_status"] == "COMPLETED"
    assert order["payment_status"] == "PARTIALLY_REFUNDED"
    assert order["after_sales_status"] == "CLOSED_OK"
    assert order["returned_quantity"] == 1
    assert order["settlement_status"] == "SETTLED"


def test_a_parcel_stated_twice_leaves_once_at_the_earlier_moment(con: Any) -> None:
    handed = con.execute(
        "select shipment_id, occurred_at, quantity, source, detail_code "
        "from marts.fct_order_events where event_type = 'HANDED_OVER' "
        "and order_id = 'shopify-2' order by occurred_at"
    ).fetchall()
    assert [row[0] for row in handed] == ["shopify-f1", "shopify-f2"]
    assert handed[0][1] == START + DAY + DAY * 0.99
    assert [int(row[2]) for row in handed] == [2, 1]
    assert [row[3] for row in handed] == ["wms", "shopify"]
    assert [row[4] for row in handed] == ["PART", "FULL"]


def test_a_first_scan_is_a_handover_nobody_reported(con: Any) -> None:
    row = _one(
        con, "select shipped_at, shipment_id from marts.fct_shipments where order_id = 'shopify-12'"
    )
    assert row["shipped_at"] == START + DAY * 6
    order = _order(con, "shopify-12")
    assert order["logistics_status"] == "DELIVERED"
    assert order["payment_status"] == "PAID"


def test_payable_is_lines_and_shipping_where_the_channel_does_not_say(con: Any) -> None:
    assert _order(con, "shopify-2")["payable_amount"] == 125


def test_a_test_order_is_nowhere(con: Any) -> None:
    for relation in ("fct_orders", "fct_order_events", "fct_order_lines", "queue_items"):
        found = con.execute(
            f"select count(*) from marts.{relation} where order_id = 'tb-13'"
        ).fetchone()
        assert found == (0,), relation


def test_an_archived_invoice_is_completed_and_asks_nothing(con: Any) -> None:
    order = _order(con, "online_retail-14")
    assert (order["headline_status"], order["payment_status"]) == ("COMPLETED", "NOT_REPORTED")
    found = con.execute(
        "select count(*) from marts.queue_items where order_id = 'online_retail-14'"
    ).fetchone()
    assert found == (0,)


def test_an_order_is_pending_until_decided_and_again_after_a_hold(con: Any) -> None:
    items = _items(con, "Q07")
    many = [item for item in items if item["order_id"] == "tb-3"]
    placed = START + DAY * 2
    assert [(i["opened_at"], i["closed_at"]) for i in many] == [
        (placed + DAY / 24, placed + DAY * 0.1),
        (placed + DAY * 0.15, None),  # the pass was taken back: it never counted
    ]
    why = json.loads(many[0]["why"])
    assert why["facts"] == [
        {"name": "RV10.largest_line_quantity", "value": "60.0000", "op": ">",
         "threshold": "20.0000"}
    ]  # fmt: skip
    assert why["clock"]["due_at"] == str(placed + DAY / 24 + DAY / 12)
    assert _order(con, "tb-3")["headline_status"] == "IN_REVIEW"


def test_who_cancels_often_is_reviewed(con: Any) -> None:
    hit = _one(con, "select * from marts.fct_review_hits where order_id = 'tb-7'")
    assert hit["rule_code"] == "RV07"
    assert {fact["name"] for fact in json.loads(hit["facts"])} == {
        "cancelled_of_last_10_count", "cancelled_in_30_days_count",
    }  # fmt: skip
    order = _order(con, "tb-7")
    assert (order["review_status"], order["order_status"]) == ("PASSED", "CONFIRMED")
    assert order["confirmed_at"] == START + DAY * 6.2


def test_a_hold_moves_the_ship_deadline_once(con: Any) -> None:
    clock = _one(
        con,
        "select * from marts.fct_sla_clocks where sla_code = 'S07' and order_id = 'shopify-2'",
    )
    paid_at = START + DAY + DAY / 24
    assert clock["paused_minutes"] == 12 * 60
    assert clock["due_at"] == paid_at + DAY * 2.5
    assert clock["stopped_at"] == START + DAY * 3


def test_an_exception_asks_for_two_contacts_and_ends_when_the_parcel_moves(con: Any) -> None:
    clock = _one(
        con, "select * from marts.fct_sla_clocks where sla_code = 'S16' and order_id = 'tb-1'"
    )
    assert clock["stopped_at"] == START + DAY * 2.2
    item = next(i for i in _items(con, "Q23") if i["order_id"] == "tb-1")
    assert (item["opened_at"], item["closed_at"]) == (START + DAY * 2, START + DAY * 2.5)


def test_silence_counts_by_stage_and_not_after_the_end(con: Any) -> None:
    silences = con.execute(
        "select order_id, started_at, due_at, stopped_at from marts.fct_sla_clocks "
        "where sla_code = 'S15' and order_id not like 'tb-6__' "
        "and order_id not like 'tb-91_' and order_id not like 'tb-95_' order by order_id"
    ).fetchall()
    # tb-1 was delivered without a long gap; shopify-2's second parcel was never scanned, tb-42's
    # turned round and did not come back yet; tb-214 (refunded) and shopify-216
    # (archived) are still on their way.
    assert [row[0] for row in silences] == [
        "shopify-2", "shopify-216", "tb-214", "tb-404", "tb-42"
    ]  # fmt: skip
    started = START + DAY + DAY * 1.3
    assert silences[0][1:] == (started, started + DAY * 2, None)


def test_not_received_is_open_until_resolved(con: Any) -> None:
    item = next(i for i in _items(con, "Q25") if i["order_id"] == "tb-1")
    assert (item["opened_at"], item["closed_at"]) == (START + DAY * 3, START + DAY * 4)


def test_an_order_nobody_sent_is_missed(con: Any) -> None:
    missing = [item["entity_id"] for item in _items(con, "Q01") if item["closed_at"] is None]
    # tb-957 is a test by the word of a person: settled, and not missed again.
    assert sorted(missing) == ["amz-404", "tb-404", "tb-957"]


def test_money_that_does_not_match_is_named(con: Any) -> None:
    breaks = con.execute(
        "select recon_code, match_key, break_type, difference_amount from marts.fct_recon_breaks "
        "where break_type <> 'TIMING' and shop_id = 'tb' and recon_code in ('RC1', 'RC2') "
        "and order_id not like 'tb-8__' and order_id not like 'tb-6__' "
        "and order_id not like 'tb-93_' and order_id not like 'tb-95_' "
        "and order_id not like 'tb-96_' "
        "order by recon_code, match_key"
    ).fetchall()
    assert [(code, key, kind, float(amount)) for code, key, kind, amount in breaks] == [
        ("RC1", "tb-40", "DUPLICATE", -20.0),
        ("RC1", "tb-9", "AMOUNT_DIFF", 10.0),
        ("RC2", "T200P404", "RIGHT_ONLY", -100.0),
        ("RC2", "T200P8", "DUPLICATE", -100.0),
        ("RC2", "T200P9", "LEFT_ONLY", 90.0),
    ]
    found = [item["order_id"] for item in _items(con, "Q06")]
    assert [one for one in found if not one.startswith(("tb-6", "tb-93", "tb-96"))] == ["tb-9"]


def test_a_payment_of_a_day_without_a_bill_waits_for_the_bill(con: Any) -> None:
    """It is a break only when T+2 has passed; until then its item lies in the future."""
    timing = _one(
        con,
        "select * from marts.fct_recon_breaks where break_type = 'TIMING' and order_id = 'tb-7'",
    )
    # Paid on the 8th in the reporting zone; the 10th ends at 16:00 UTC.
    assert str(timing["opened_at"]) == "2026-03-10 16:00:00"


def test_an_order_is_incomplete_while_a_field_is_missing(con: Any) -> None:
    item = next(i for i in _items(con, "Q02") if i["order_id"] == "tb-10")
    missing = {fact["name"] for fact in json.loads(item["why"])["facts"] if fact["value"] != "0"}
    assert missing == {"missing_sku"}
    assert item["closed_at"] is not None  # cancelled


def test_the_ledger_counts_and_the_snapshot_judges(con: Any) -> None:
    position = _one(con, "select * from marts.fct_stock_positions where sku = 'SKU1'")
    assert position["on_hand_quantity"] == 9
    assert position["damaged_quantity"] == 1
    assert position["frozen_quantity"] == 2
    assert position["sellable_quantity"] == 6
    # Counted 5 where the ledger holds 8; the drift of the day-4 count was another episode.
    assert position["drift_quantity"] == -3
    item = next(
        i for i in _items(con, "Q14") if i["closed_at"] is None and "SKU1@" in i["entity_id"]
    )
    assert (item["entity_id"], item["episode_number"]) == ("SKU1@WH1", 2)
    assert item["opened_at"] == START + DAY * 8


def test_an_unknown_code_is_somebodys_work(con: Any) -> None:
    facts = json.loads(_items(con, "Q36")[0]["why"])["facts"]
    assert {fact["name"]: fact["value"] for fact in facts} == {
        "file_name": None, "quarantined_rows": "0", "unknown_codes": "2", "unequal_totals": "0",
    }  # fmt: skip


def test_every_explanation_is_json(con: Any) -> None:
    for (text,) in con.execute("select why from marts.queue_items").fetchall():
        assert {"rule", "version", "facts", "evidence", "clock", "leaves_when"} == set(
            json.loads(text)
        )


def test_truth_and_knowledge_differ_under_late_data(truth: World, con: Any) -> None:
    """The refund of tb-1 happened on day 11 and was told a minute later: between, both answer."""
    refunded_at = START + DAY * 11
    con.execute("use built")
    true_then = con.execute(
        "select payment_status from marts.orders_true_at(?) where order_id = 'tb-1'", [refunded_at]
    ).fetchone()
    known_then = con.execute(
        "select payment_status from marts.orders_known_at(?) where order_id = 'tb-1'",
        [refunded_at],
    ).fetchone()
    assert (true_then, known_then) == (("PARTIALLY_REFUNDED",), ("PAID",))


def test_the_history_known_at_the_end_is_the_history(con: Any) -> None:
    last = con.execute(
        "select headline_status, payment_status from marts.order_states_known_at("
        "'tb-1', timestamp '2027-01-01', timestamp '2027-01-01') order by state_number desc limit 1"
    ).fetchone()
    order = _order(con, "tb-1")
    assert last == (order["headline_status"], order["payment_status"])


def test_two_orders_on_one_waybill_and_in_one_payment(con: Any) -> None:
    """Each order has its parcel; the bill line and the nameless contact go to the first."""
    parcels = con.execute(
        "select order_id, logistics_status from marts.fct_shipments "
        "where tracking_number = 'SF16' order by order_id"
    ).fetchall()
    assert parcels == [("tb-16", "DELIVERED"), ("tb-17", "DELIVERED")]
    matches = con.execute(
        "select match_pass, left_id, right_id from marts.fct_recon_matches "
        "where match_key = 'T200P1617' order by item_number"
    ).fetchall()
    assert matches == [(3, "tb-16-pay", "bill-tb-16"), (3, "tb-17-pay", None)]
    assert "tb-16" in {item["order_id"] for item in _items(con, "Q25")}


def test_an_order_that_came_after_its_money_was_missing_until_then(con: Any) -> None:
    item = next(item for item in _items(con, "Q01") if item["order_id"] == "tb-420")
    t = START + DAY * 4
    assert (item["opened_at"], item["closed_at"]) == (t + DAY / 96, t + DAY / 24)


def test_an_order_is_incomplete_until_a_later_version_names_the_goods(con: Any) -> None:
    item = next(item for item in _items(con, "Q02") if item["order_id"] == "tb-421")
    t = START + DAY * 4
    assert (item["opened_at"], item["closed_at"]) == (t, t + DAY + DAY / 1440)
    lacking = {fact["name"]: fact["value"] for fact in json.loads(item["why"])["facts"]}
    assert lacking["missing_sku"] == "1"
    assert set(lacking.values()) == {"0", "1"}


def test_customs_stop_the_promise_of_delivery_however_often_they_report(con: Any) -> None:
    clock = _one(
        con,
        "select * from marts.fct_sla_clocks where sla_code = 'S18' and order_id = 'shopify-422'",
    )
    t = START + DAY * 4
    assert clock["paused_minutes"] == 24 * 60
    assert clock["due_at"] == t + DAY * 5  # three days on the way and one with customs
    assert clock["stopped_at"] == t + DAY * 6
