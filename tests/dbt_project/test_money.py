"""Money from the provider's bill to the bank: each account of it is held against the next."""

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


def _breaks(con: Any, code: str) -> list[tuple]:
    rows = con.execute(
        "select match_key, currency_code, break_type, difference_amount, party "
        "from marts.fct_recon_breaks where recon_code = ? order by match_key, currency_code",
        [code],
    ).fetchall()
    return [(key, currency, kind, float(gap), party) for key, currency, kind, gap, party in rows]


def test_a_fee_beyond_the_contract_is_named(con: Any) -> None:
    """100 at 2.9 % and 0.30 costs 3.20; a difference of a cent or a thousandth is none."""
    assert _breaks(con, "RC4") == [("P2-52", "USD", "FEE_DIFF", -1.80, "shopify_payments")]


def test_a_payout_is_the_sum_of_its_lines(con: Any) -> None:
    assert _breaks(con, "RC5") == [
        ("P2", "USD", "AMOUNT_DIFF", -5.0, "shopify_payments"),
        ("P5", "USD", "AMOUNT_DIFF", 20.0, "shopify_payments"),
    ]


_CORRECTED = {"po-861"}


def test_what_was_paid_out_arrives_at_the_bank(con: Any) -> None:
    # Payouts of stories about corrected amounts have no statement of a bank.
    by_key = {row[:2]: row[2:4] for row in _breaks(con, "RC6") if row[0] not in _CORRECTED}
    assert by_key == {
        ("P1", "EUR"): ("CURRENCY_DIFF", -7.0),
        ("P3", "USD"): ("LEFT_ONLY", 96.80),
        ("P5", "USD"): ("TIMING", 96.80),
        ("bank-P9-11", "USD"): ("RIGHT_ONLY", -12.0),
    }


def test_a_parcel_costs_what_its_weight_costs_by_the_contract(con: Any) -> None:
    by_key = {row[0]: row[2:4] for row in _breaks(con, "RC16")}
    assert by_key == {
        "SF181": ("FEE_DIFF", -5.0),
        "SF184": ("LEFT_ONLY", 12.0),
        "SF185": ("RIGHT_ONLY", -12.0),
        "SF187": ("LEFT_ONLY", 12.0),
        "SF188": ("RIGHT_ONLY", -12.0),
        "sf-86": ("RIGHT_ONLY", -3.0),
    } | {key: value for key, value in by_key.items() if key not in _OURS}


def test_the_case_of_a_waybill_says_what_was_charged_for_by_kind(con: Any) -> None:
    """A surcharge is not hidden in the sum: of a remote area, of its size, of a new address."""
    whys = con.execute(
        "select why from marts.queue_items where queue_code = 'Q33' and order_id = 'tb-181'"
    ).fetchall()
    told = [{f["name"]: f["value"] for f in json.loads(why)["facts"]} for (why,) in whys]
    assert [float(facts["freight_charge"]) for facts in told if "freight_charge" in facts] == [17]


# Waybills of this story; other stories' parcels leave after the first bill too.
_OURS = {"SF180", "SF181", "SF182", "SF183", "SF184", "SF185", "SF187", "SF188", "sf-86"}


def test_cash_of_the_carrier_is_passed_on_in_full_and_in_time(con: Any) -> None:
    by_key = {row[0]: row[2:4] for row in _breaks(con, "RC17")}
    assert by_key["SF191"] == ("AMOUNT_DIFF", 10.0)
    assert by_key["SF192"] == ("LEFT_ONLY", 100.0)
    assert by_key["SF193"] == ("RIGHT_ONLY", -5.0)
    assert "SF190" not in by_key


def test_a_claim_that_was_accepted_is_paid_in_full(con: Any) -> None:
    assert [(key, kind, gap) for key, _, kind, gap, _ in _breaks(con, "RC18")] == [
        ("c1", "AMOUNT_DIFF", 20.0), ("c2", "LEFT_ONLY", 40.0),
    ]  # fmt: skip


def test_a_lost_parcel_is_work_until_it_is_claimed(con: Any) -> None:
    t = START + DAY * 3
    clock = con.execute(
        "select started_at, due_at, stopped_at from marts.fct_sla_clocks "
        "where sla_code = 'S19' and order_id = 'tb-183'"
    ).fetchall()
    assert clock == [(t + DAY * 2, t + DAY * 4, t + DAY * 2.5)]
    items = con.execute(
        "select opened_at, closed_at from marts.queue_items "
        "where queue_code = 'Q24' and entity_type = 'claim' and order_id = 'tb-183'"
    ).fetchall()
    assert items == [(t + DAY * 2, t + DAY * 2.5)]


def test_a_week_of_silence_asks_for_a_claim_two_days_later(con: Any) -> None:
    last = START + DAY + DAY * 1.3  # the last scan of the second order's first parcel
    item = con.execute(
        "select opened_at, due_at, closed_at from marts.queue_items "
        "where queue_code = 'Q24' and entity_type = 'claim' and order_id = 'shopify-2'"
    ).fetchall()
    assert item == [(last + DAY * 7, last + DAY * 9, None)]


def test_breaks_of_payouts_are_cases_of_finance_without_an_order(con: Any) -> None:
    items = con.execute(
        "select why, opened_at, order_id, currency_code, at_risk_amount from marts.queue_items "
        "where queue_code = 'Q33' and order_id is null and closed_at is null"
    ).fetchall()
    found = {}
    for why, opened_at, order_id, currency, amount in items:
        facts = {fact["name"]: fact["value"] for fact in json.loads(why)["facts"]}
        found[facts["recon_code"], facts["match_key"]] = (opened_at, order_id, currency, amount)
    assert {key for key in found if key[0] == "RC6"} >= {("RC6", "P3"), ("RC6", "P1")}
    # It is missing from the end of the day it was dated.
    lost = found["RC6", "P3"]
    assert (lost[1], lost[2], float(lost[3])) == (None, "USD", 96.80)
    assert lost[0].date() == (START + DAY * 4).date()


def test_every_reconciliation_adds_up_to_the_cent_by_day_and_currency(con: Any) -> None:
    wrong = con.execute(
        "select recon_code, recon_date, currency_code from marts.agg_recon_totals "
        "where left_amount - right_amount <> break_amount"
    ).fetchall()
    codes = {
        code for (code,) in con.execute("select recon_code from marts.agg_recon_totals").fetchall()
    }
    assert wrong == []
    assert codes >= {"RC1", "RC2", "RC4", "RC5", "RC6", "RC16", "RC17", "RC18"}
