"""Accounts that providers and banks give of money: signs, coins, zones, totals."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.engine import open_engine
from tests.ingestion.conftest import Home

ENGINE = open_engine()


@settings(deadline=None)
@given(st.integers(-(10**13), 10**13), st.sampled_from(["usd", "JPY", "kwd", "CNY"]))
def test_coins_become_money_and_nothing_is_lost(coins: int, currency: str) -> None:
    [(text,)] = ENGINE.execute("select minor(?, ?)", [str(coins), currency]).fetchall()
    digits = {"JPY": 0, "kwd": 3}.get(currency, 2)
    assert Decimal(text).scaleb(digits) == coins
    assert max(0, -int(Decimal(text).as_tuple().exponent)) == digits


def test_what_is_no_count_of_coins_is_left_for_the_grammar() -> None:
    assert ENGINE.execute("select minor('1.5', 'usd'), minor('x', 'usd')").fetchall() == [
        ("1.5", "x")
    ]


PAYPAL = (
    '"Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net",'
    '"From Email Address","Transaction ID","Reference Txn ID","Invoice Number"\n'
    '"11/02/2026","23:30:00","PST","Ann","Express Checkout Payment","Completed","USD","100.00",'
    '"-3.40","96.60","ann@example.com","T1","","INV-7"\n'
    '"11/03/2026","01:00:00","PST","Ann","Payment Refund","Completed","USD","-40.00","1.16",'
    '"-38.84","","T2","T1",""\n'
    '"11/04/2026","01:00:00","PST","","General Withdrawal","Completed","USD","-57.76","0.00",'
    '"-57.76","","T3","",""\n'
    '"11/04/2026","02:00:00","PST","","Express Checkout Payment","Pending","USD","5.00","0.00",'
    '"5.00","","T4","",""\n'
)


def test_the_activity_of_paypal_adds_up_to_nothing_when_all_was_withdrawn(home: Home) -> None:
    home.land(PAYPAL.encode(), source="paypal")
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (3, 0)
    assert home.rows(
        "select line_kind, posted_at::varchar, gross_amount - fee_amount - net_amount"
        " from records.settlement_lines order by posted_at"
    ) == [
        ("payment", "2026-11-03 07:30:00", 0),
        ("refund", "2026-11-03 09:00:00", 0),
        ("payout", "2026-11-04 09:00:00", 0),
    ]
    assert home.rows("select sum(net_amount) from records.settlement_lines") == [(0,)]
    assert home.rows("select amount from records.payouts") == [(Decimal("57.7600"),)]
    home.check_accounts()


def stripe(kind: str, **values: object) -> bytes:
    return json.dumps({"object": "list", "data": [{"object": kind, **values}]}).encode()


def test_a_dispute_told_by_a_webhook_is_the_same_as_the_one_listed(homes) -> None:
    dispute = {
        "id": "du_1", "object": "dispute", "amount": 1999, "charge": "ch_1", "created": 1760000000,
        "currency": "eur", "reason": "fraudulent", "status": "needs_response",
        "evidence_details": {}, "metadata": {"order_id": "77"},
    }  # fmt: skip
    event = {
        "id": "evt_1", "object": "event", "api_version": "2026-01-01", "created": 1760000000,
        "type": "charge.dispute.created", "data": {"object": dispute},
    }  # fmt: skip
    found = []
    for body in (stripe(**{"kind": "dispute", **dispute}), json.dumps(event).encode()):
        home = homes()
        home.land(body, source="stripe")
        assert home.ingest().quarantined == 0
        found.append(
            home.rows(
                "select refund_id, order_id, refund_status, refund_kind, amount, currency_code,"
                " refunded_at from records.refunds"
            )
        )
    assert found[0] == found[1]
    assert found[0][0][:5] == (
        "s1-du_1", "s1-77", "requested", "chargeback", Decimal("19.9900")
    )  # fmt: skip


def test_events_that_move_no_money_are_skipped(home: Home) -> None:
    event = {"id": "evt_2", "object": "event", "api_version": "1", "created": 1,
             "type": "customer.created", "data": {"object": {"object": "customer"}}}  # fmt: skip
    home.land(json.dumps(event).encode(), source="stripe")
    report = home.ingest()
    assert (report.read, report.recorded, report.quarantined) == (1, 0, 0)


STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt>
<Id>S1</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt></Bal>
<Ntry><Amt Ccy="EUR">200.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef><NtryDtls><TxDtls>
<RltdPties><Dbtr>{name}</Dbtr></RltdPties>
<RmtInf><Ustrd>PAYOUT po_1abcdef</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">10</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>2026-11-02</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts>
<BookgDt><Dt>2026-11-02</Dt></BookgDt></Ntry></Stmt></BkToCstmrStmt></Document>"""


@pytest.mark.parametrize(
    ("version", "status", "name"),
    [
        ("02", "BOOK", "<Nm>Stripe Payments</Nm>"),
        ("08", "<Cd>BOOK</Cd>", "<Pty><Nm>Stripe Payments</Nm></Pty>"),
    ],
)
def test_booked_entries_of_every_version_of_a_statement_are_lines(
    home: Home, version: str, status: str, name: str
) -> None:
    text = STATEMENT.format(version=version, status=status, name=name)
    home.land(text.encode(), source="bank")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select amount, party, payout_reference, account_id from records.bank_lines"
        " order by amount desc"
    ) == [
        (Decimal("200.5000"), "stripe", "po_1abcdef", "DE89370400440532013000"),
        (Decimal("-10.0000"), None, None, "DE89370400440532013000"),
    ]
