"""Two accounts of one thing, held against each other: each difference has its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
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


def _breaks(con: Any, code: str, orders: range) -> dict[str, tuple[str, float]]:
    """By order (or key, where there is none): what it is called and how much."""
    ours = {f"tb-{number}" for number in orders}
    rows = con.execute(
        "select coalesce(order_id, match_key), break_type, difference_amount "
        "from marts.fct_recon_breaks where recon_code = ?",
        [code],
    ).fetchall()
    return {k: (kind, float(gap)) for k, kind, gap in rows if k in ours or k.startswith("wx-")}


def test_a_refund_is_on_the_bill_once_and_with_its_amount(con: Any) -> None:
    assert _breaks(con, "RC3", range(700, 707)) == {
        "tb-701": ("AMOUNT_DIFF", -5.0),
        "tb-702": ("LEFT_ONLY", 20.0),
        "tb-703": ("TIMING", 20.0),
        "tb-705": ("STATUS_DIFF", -20.0),
        "wx-404-04": ("ORPHAN_REFUND", -9.0),
    }


def test_what_is_paid_beforehand_is_no_difference_until_the_rest_is_owed(con: Any) -> None:
    """At the door the rest is owed when it is collected; of a deposit, on its day."""
    assert _breaks(con, "RC1", range(930, 940)) == {
        "tb-931": ("AMOUNT_DIFF", -20.0),
        "tb-933": ("AMOUNT_DIFF", 10.0),
        "tb-935": ("AMOUNT_DIFF", 70.0),
        "tb-937": ("AMOUNT_DIFF", 10.0),
        "tb-938": ("AMOUNT_DIFF", -10.0),
    }


def test_a_payment_that_differs_is_a_case_and_a_rest_that_is_awaited_is_none(con: Any) -> None:
    """A deposit whose rest did not come is the case of those who wait for it (test_deposits)."""
    opened = con.execute(
        "select order_id, opened_at from marts.queue_items where queue_code = 'Q06' "
        "and order_id between 'tb-930' and 'tb-939' order by 1"
    ).fetchall()
    first = START + DAY + DAY / 24
    assert opened == [
        ("tb-931", first), ("tb-933", START + DAY * 4), ("tb-937", first),
        ("tb-938", START + DAY * 3),
    ]  # fmt: skip


def test_every_order_is_in_the_totals_with_what_is_owed_by_now(con: Any) -> None:
    """Sides differ by their differences, to the cent, whatever was paid beforehand."""
    gap, breaks = con.execute(
        "select (select sum(left_amount) - sum(right_amount) from marts.agg_recon_totals "
        "where recon_code = 'RC1'), (select sum(difference_amount) from marts.fct_recon_breaks "
        "where recon_code = 'RC1')"
    ).fetchone()
    assert gap == breaks


def test_a_deposit_is_not_asked_about_by_a_reviewer(con: Any) -> None:
    hits = con.execute(
        "select order_id from marts.fct_review_hits where rule_code = 'RV04' "
        "and order_id between 'tb-930' and 'tb-939' order by 1"
    ).fetchall()
    assert hits == [("tb-938",)]


def test_refunds_without_a_number_are_compared_by_their_order(con: Any) -> None:
    passes = con.execute(
        "select distinct match_pass from marts.fct_recon_matches "
        "where recon_code = 'RC3' and match_key = 'tb-704'"
    ).fetchall()
    assert passes == [(3,)]


def test_money_goes_back_for_the_goods_that_passed(con: Any) -> None:
    assert _breaks(con, "RC8", range(710, 717)) == {
        "tb-711": ("AMOUNT_DIFF", -5.0),
        "tb-712": ("LEFT_ONLY", 25.0),
        "tb-713": ("RIGHT_ONLY", -50.0),
    }


def test_goods_without_money_are_a_break_after_a_week(con: Any) -> None:
    (opened,) = con.execute(
        "select opened_at from marts.fct_recon_breaks "
        "where recon_code = 'RC8' and order_id = 'tb-712'"
    ).fetchone()
    assert opened.date() == (START + DAY * (2 + 6 + 7)).date()


def test_amends_are_paid_as_they_were_agreed(con: Any) -> None:
    assert _breaks(con, "RC9", range(710, 717)) == {
        "tb-713": ("RIGHT_ONLY", -3.0),
        "tb-715": ("AMOUNT_DIFF", 6.0),
        "tb-716": ("LEFT_ONLY", 10.0),
    }


def test_what_another_queue_has_a_case_for_opens_no_second_one(con: Any) -> None:
    """Goods without money wait in Q28, money without goods is an anomaly in Q29."""
    cases = con.execute(
        "select order_id from marts.queue_items where queue_code = 'Q33' "
        "and order_id between 'tb-710' and 'tb-716' and why like '%RC8%' order by 1"
    ).fetchall()
    assert cases == [("tb-711",)]


def test_a_marketplace_settles_what_the_order_says(con: Any) -> None:
    """By article and component: never settled, too little, twice in parts, of an unknown order."""
    rows = con.execute(
        "select match_key, break_type, difference_amount from marts.fct_recon_breaks "
        "where recon_code = 'RC7' order by 1"
    ).fetchall()
    assert [(key, kind, float(gap)) for key, kind, gap in rows] == [
        ("amz-404|SKU70|goods", "KEY_UNMAPPED", -30.0),
        ("amz-721|SKU70|goods", "LEFT_ONLY", 100.0),
        ("amz-721|SKU70|shipping", "LEFT_ONLY", 5.0),
        ("amz-722|SKU70|goods", "AMOUNT_DIFF", 3.0),
        ("amz-840|SKU70|shipping", "LEFT_ONLY", 5.0),
        ("amz-840|SKU71|shipping", "LEFT_ONLY", 5.0),
    ]
    passes = con.execute(
        "select count(*), max(match_pass) from marts.fct_recon_matches "
        "where recon_code = 'RC7' and order_id = 'amz-728'"
    ).fetchone()
    assert passes == (2, 3)


def test_what_was_never_settled_is_a_case_after_three_weeks(con: Any) -> None:
    opened = con.execute(
        "select distinct opened_at from marts.queue_items "
        "where queue_code = 'Q33' and order_id = 'amz-721'"
    ).fetchall()
    assert [moment.date() for (moment,) in opened] == [(START + DAY * 22).date()]


def _case(con: Any, order_id: str) -> tuple[Any, dict[str, Any]]:
    """The only case of an order in Q33: its row and what it is there for."""
    [row] = con.execute(
        "select item_id, entity_id, opened_at, closed_at, at_risk_amount, why "
        "from marts.queue_items where queue_code = 'Q33' and order_id = ?",
        [order_id],
    ).fetchall()
    return row, json.loads(row[-1])


def test_an_order_that_is_not_settled_is_one_case_with_its_components(con: Any) -> None:
    row, why = _case(con, "amz-721")
    told = [(f["name"], f["value"], f["threshold"]) for f in why["facts"]]
    assert ("goods_amount", "0.0000", "100.0000") in told
    assert ("shipping_amount", "0.0000", "5.0000") in told
    assert [value for name, value, _ in told if name == "sku"] == ["SKU70"]
    assert (float(row[4]), row[3]) == (105.0, None)
    clocks = con.execute(
        "select count(*) from marts.fct_sla_clocks where sla_code = 'S34' and entity_id = ?",
        [row[1]],
    ).fetchone()
    assert clocks == (1,)


def test_a_case_stays_while_a_component_is_open_and_counts_only_those(con: Any) -> None:
    """The goods came nine days after the case began; two shipping fees are left."""
    row, why = _case(con, "amz-840")
    assert (float(row[4]), row[2].date()) == (10.0, (START + DAY * 22).date())
    told = [f["value"] if f["name"] == "sku" else f["name"] for f in why["facts"]]
    parts = [name for name in told if str(name).startswith(("SKU7", "goods_", "shipping_"))]
    assert parts == ["SKU70", "shipping_amount", "SKU71", "shipping_amount"]


def test_a_case_says_by_which_reconciliation_it_was_found(con: Any) -> None:
    rows = con.execute(
        "select items.why, items.entity_id from marts.queue_items as items "
        "where queue_code = 'Q33' and closed_at is null"
    ).fetchall()
    found = {entity: json.loads(why) for why, entity in rows}
    rules = {entity: why["rule"] for entity, why in found.items()}
    codes = con.execute(
        "select case_id, min(recon_code) from marts.fct_recon_breaks "
        "where state_code = 'OPEN' group by case_id"
    ).fetchall()
    assert {entity: code for entity, code in codes if entity in rules} == rules
    assert {"RC2", "RC3", "RC7", "RC7D", "RC7R", "RC7U", "RC9"} <= set(rules.values())


def test_what_a_marketplace_gave_back_is_what_we_refunded(con: Any) -> None:
    rows = con.execute(
        "select order_id, break_type, difference_amount from marts.fct_recon_breaks "
        "where recon_code = 'RC7R' order by 1"
    ).fetchall()
    assert [(key, kind, float(gap)) for key, kind, gap in rows] == [
        ("amz-842", "AMOUNT_DIFF", 10.0),
        ("amz-843", "LEFT_ONLY", 30.0),
        ("amz-844", "ORPHAN_REFUND", -12.0),
    ]
    row, why = _case(con, "amz-842")
    assert (why["rule"], float(row[4])) == ("RC7R", 10.0)
    assert ("refund_amount", "20.0000", "30.0000") in [
        (f["name"], f["value"], f["threshold"]) for f in why["facts"]
    ]


def test_a_discount_is_charged_to_who_bears_it(con: Any) -> None:
    """Ours is settled as ours (724), the platform's as ours (725), ours not at all (726)."""
    rows = con.execute(
        "select order_id, break_type, difference_amount from marts.fct_recon_breaks "
        "where recon_code = 'RC7D' order by 1"
    ).fetchall()
    assert [(key, kind, float(gap)) for key, kind, gap in rows] == [
        ("amz-725", "BEARER_DIFF", 10.0),
        ("amz-726", "BEARER_DIFF", -10.0),
    ]


def test_an_amount_nobody_has_named_is_a_break_and_a_named_fee_is_none(con: Any) -> None:
    rows = con.execute(
        "select order_id, break_type, difference_amount, match_key from marts.fct_recon_breaks "
        "where recon_code = 'RC7U' order by match_key"
    ).fetchall()
    # What two orders were charged under one name is one thing to name.
    assert [(*row[:2], float(row[2])) for row in rows] == [
        ("amz-723", "KEY_UNMAPPED", 2.0),
        (None, "KEY_UNMAPPED", 4.0),
    ]
    assert [row[3].split("@")[1] for row in rows] == [
        "ItemFees/HolidaySurcharge",
        "ItemFees/ReturnSurcharge",
    ]


def test_a_settled_order_that_nobody_sent_is_only_a_missing_order(con: Any) -> None:
    queues = con.execute(
        "select queue_code from marts.queue_items where order_id = 'amz-404'"
    ).fetchall()
    assert queues == [("Q01",)]


def test_an_invoice_is_what_is_left_of_its_order(con: Any) -> None:
    """One issued anew (735) and one credited with its refund (736) are right, as is none at all."""
    assert _breaks(con, "RC19", range(730, 740)) == {
        "tb-731": ("UNDER_INVOICED", 10.0),
        "tb-732": ("OVER_INVOICED", -30.0),
        "tb-733": ("DUPLICATE", -100.0),
        "tb-734": ("NOT_INVOICED", 100.0),
        "tb-738": ("OVER_INVOICED", -30.0),
    }
    assert _breaks(con, "RC19C", range(730, 740)) == {"tb-739": ("NOT_CREDITED", 100.0)}


def test_an_invoice_has_days_to_come_and_days_to_be_taken_back(con: Any) -> None:
    opened = dict(
        con.execute(
            "select order_id, opened_at from marts.queue_items "
            "where queue_code = 'Q33' and order_id in ('tb-732', 'tb-734', 'tb-738', 'tb-739')"
        ).fetchall()
    )
    t = START + DAY * 2
    assert opened["tb-732"] == t + DAY
    assert opened["tb-734"].date() == (t + DAY * 3).date()
    # The refund of a part has three days, whenever in the day it was; the end of an order has days.
    assert opened["tb-738"] == t + DAY * 5 + timedelta(minutes=1)
    assert opened["tb-739"].date() == (t + DAY * 5).date()


def test_what_a_buyer_was_given_is_part_of_the_history(con: Any) -> None:
    events = con.execute(
        "select event_type from marts.fct_order_events where order_id = 'tb-736' "
        "and event_type like 'INVOICE%' order by occurred_at"
    ).fetchall()
    assert [kind for (kind,) in events] == [
        "INVOICE_REQUESTED", "INVOICE_ISSUED", "INVOICE_CREDITED",
    ]  # fmt: skip


def _gaps(con: Any, code: str) -> dict[str, tuple[str, float]]:
    rows = con.execute(
        "select match_key, break_type, difference_amount from marts.fct_recon_breaks "
        "where recon_code = ? and unit_code <> '' and currency_code is null",
        [code],
    ).fetchall()
    return {key: (kind, float(gap)) for key, kind, gap in rows}


def test_the_last_count_is_held_against_the_ledger_by_batch_where_batches_were_counted(
    con: Any,
) -> None:
    """The drift of the stock pages, as a reconciliation: in pieces, without a currency."""
    gaps = _gaps(con, "RC12")
    assert gaps["SKU1@WH1"] == ("QUANTITY_DIFF", 3.0)
    assert gaps["SKU9@WH1#B"] == ("QUANTITY_DIFF", -2.0)
    # What was on its way between shelf and books comes first; what it does not explain is a gap.
    assert {key: gap for key, gap in gaps.items() if key.startswith("SKU96")} == {
        "SKU960@WH1:moving": ("TIMING", 2.0), "SKU961@WH1": ("QUANTITY_DIFF", 2.0),
        "SKU962@WH1:moving": ("TIMING", 5.0), "SKU963@WH1": ("QUANTITY_DIFF", 3.0),
    }  # fmt: skip
    drifts = con.execute(
        "select sum(drift_quantity) from marts.fct_stock_drifts as d where taken_at = "
        "(select max(taken_at) from marts.fct_stock_drifts as o "
        "where o.sku = d.sku and o.warehouse_id = d.warehouse_id)"
    ).fetchone()
    assert float(drifts[0]) == -sum(gap for _, gap in gaps.values())


def test_stock_held_for_an_ended_order_and_an_order_without_its_stock_are_breaks(con: Any) -> None:
    assert _gaps(con, "RC13") == {
        "tb-62-l1/SKU9": ("RIGHT_ONLY", -9.0),
        "tb-63-l1/SKU8": ("LEFT_ONLY", 2.0),
    }


def test_a_shop_that_was_told_too_many_is_a_case_of_stock(con: Any) -> None:
    assert _gaps(con, "RC14") == {"SKU8@tb": ("QUANTITY_DIFF", -39.0)}
    [(listing, why)] = con.execute(
        "select entity_id, why from marts.queue_items "
        "where queue_code = 'Q14' and entity_type = 'listing'"
    ).fetchall()
    facts = {fact["name"]: fact["value"] for fact in json.loads(why)["facts"]}
    # How old what it was told is tells whether to send it again or to look at the books.
    assert (listing, facts["published_at"][:10]) == ("SKU8@tb", f"{START + DAY * 7:%Y-%m-%d}")


def test_an_order_a_channel_lists_is_here(con: Any) -> None:
    assert _gaps(con, "RC15") == {}
    listed = con.execute(
        "select sum(left_count), sum(matched_count) from marts.agg_recon_totals "
        "where recon_code = 'RC15'"
    ).fetchone()
    assert listed[0] == listed[1] > 0


def test_what_came_in_is_what_the_marts_hold(con: Any) -> None:
    """Rows of files, orders of a day, money on bills: each total counted on both ends."""
    counted = con.execute(
        "select recon_code, sum(break_count), sum(left_amount) > 0 from marts.agg_recon_totals "
        "where recon_code like 'RC20%' group by 1 order by 1"
    ).fetchall()
    assert counted == [("RC20", 0, True), ("RC20A", 0, True), ("RC20N", 0, True)]


def test_every_definition_says_what_it_counts_in(con: Any) -> None:
    wrong = con.execute(
        "select distinct totals.recon_code, unit_code from marts.agg_recon_totals as totals "
        "inner join policies.recon_definitions using (recon_code) "
        "where (unit <> 'money' and (unit_code <> unit or currency_code is not null)) "
        "or (unit = 'money' and coalesce(currency_code, '') <> unit_code)"
    ).fetchall()
    assert wrong == []
