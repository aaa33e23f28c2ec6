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


def test_opening_and_closing_balances_of_a_statement_are_lines_without_money(home: Home) -> None:
    closing = (
        "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>290.50</Amt>"
        "<CdtDbtInd>CRDT</CdtDbtInd></Bal><Ntry>"
    )
    text = STATEMENT.format(version="02", status="BOOK", name="<Nm>A</Nm>")
    home.land(text.replace("<Ntry>", closing, 1).encode(), source="bank", name="camt.xml")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select balance_kind, amount, balance_amount, posted_at::date::varchar "
        "from records.account_lines order by 1"
    ) == [
        ("closing", Decimal(0), Decimal("290.5000"), "2026-11-02"),
        ("opening", Decimal(0), Decimal("100.0000"), "2026-11-02"),
    ]


ALIPAY_LOG = """#支付宝账务明细查询
#账号：[20880000000000000156]
#-----------------------------------------账务明细列表----------------------------------------
账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注
1001	,2026110222001	,T200P1	,杯子,2026-11-02 10:00:00,,100.00,,1100.00,支付宝,在线支付,
1002	,2026110222001	,T200P1	,服务费,2026-11-02 10:00:01,,,-0.60,1099.40,支付宝,收费,
#-----------------------------------------账务明细列表结束------------------------------------
#支出合计：1笔，共-0.60元
#收入合计：1笔，共100.00元
"""
_FLOW_HEADER = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,"
    "收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\n"
)
WECHAT_FLOW = (
    _FLOW_HEADER
    + """\
`2026-11-02 10:00:00,`42000,`F1,`交易,`交易,`收入,`100.00,`500.00,`system,`,`N1
`2026-11-02 10:05:00,`42001,`F2,`退款,`退款,`支出,`40.00,`460.00,`api,`,`N2
资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额
`2,`1,`100.00,`1,`40.00
"""
)


@pytest.mark.parametrize(
    ("source", "text", "encoding", "expected"),
    [
        ("alipay", ALIPAY_LOG, "gb18030",
         [("alipay-1001", "100", "1100"), ("alipay-1002", "-0.6", "1099.4")]),
        ("wechatpay", WECHAT_FLOW, "utf-8",
         [("wechatpay-F1", "100", "500"), ("wechatpay-F2", "-40", "460")]),
    ],
)  # fmt: skip
def test_the_log_of_an_account_says_what_moved_and_what_was_left(
    home: Home, source: str, text: str, encoding: str, expected: list[tuple[str, str, str]]
) -> None:
    home.land(text.encode(encoding), source=source, name="log.csv")
    assert home.ingest().quarantined == 0
    found = home.rows(
        "select account_line_id, amount, balance_amount from records.account_lines order by 1"
    )
    assert found == [(line, Decimal(moved), Decimal(left)) for line, moved, left in expected]
    assert home.rows("select count(*) from records.settlement_lines") == [(0,)]


def test_what_was_not_captured_of_a_charge_is_part_of_it_and_no_refund(home: Home) -> None:
    """Both together are what was captured; without the charge's number it can only be set aside."""
    booking = {
        "object": "balance_transaction", "amount": 5000, "fee": 175, "net": 4825, "currency": "usd",
        "type": "charge", "status": "available", "reporting_category": "charge",
        "source": "ch_1", "created": 1_790_000_000, "available_on": 1_790_100_000, "id": "txn_1",
    }  # fmt: skip
    back = {
        **booking, "id": "txn_2", "amount": -2000, "fee": -58, "net": -1942, "type": "refund",
        "reporting_category": "partial_capture_reversal",
    }  # fmt: skip
    told = [
        booking, {**back, "source": {"id": "re_1", "object": "refund", "charge": "ch_1"}},
        {**back, "id": "txn_3", "source": "re_2"},
    ]  # fmt: skip
    home.land(json.dumps({"object": "list", "data": told}).encode(), source="stripe")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select line_kind, provider_payment_id, merchant_refund_id, gross_amount "
        "from records.settlement_lines order by settlement_line_id"
    ) == [
        ("payment", "ch_1", None, Decimal(50)), ("payment", "ch_1", None, Decimal(-20)),
        ("adjustment", None, None, Decimal(-20)),
    ]  # fmt: skip
