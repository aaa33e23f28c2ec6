"""Orders entered by hand: the workbook that is written is the workbook that is read."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import fastexcel
import pytest
import xlsxwriter

from ingestion.sheet import CHOICES, write_sheet
from tests.ingestion.conftest import Home

ROW = {
    "订单号 Order no": "P-1", "下单时间 Ordered at": "2026-10-01 10:00", "商品编码 SKU": "CUP",
    "数量 Quantity": "2", "单价 Unit price": "9.50", "币种 Currency": "CNY",
    "付款方式 Payment": "银行转账 Bank transfer", "付款时间 Paid at": "2026-10-01 11:00",
    "优惠 Discount": "1.00", "运费 Shipping": "6.00", "收货人 Recipient": "张三",
    "电话 Phone": "13800000000", "地址 Address": "科技路1号",
}  # fmt: skip


def headers(path: Path) -> list[str]:
    sheet = fastexcel.read_excel(path).load_sheet(0, header_row=None, dtypes="string")
    return [column.to_pylist()[0] for column in sheet.to_arrow().columns]


def filled(names: list[str], rows: list[dict[str, str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([dict(zip(names, names, strict=True)), *rows]):
            sheet.write_row(number, 0, [row.get(name, "") for name in names])
    return buffer.getvalue()


def test_the_sheet_offers_its_lists_and_is_read_back(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    write_sheet(path)
    names = headers(path)
    assert set(ROW) <= set(names)
    xml = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert all(choice in xml for choice in CHOICES["method"])
    second = ROW | {
        "商品编码 SKU": "POT",
        "数量 Quantity": "1",
        "优惠 Discount": "",
        "运费 Shipping": "",
    }
    home.land(filled(names, [ROW, second]), source="order_sheet")
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (2, 0)
    assert home.rows(
        "select channel, order_kind, payment_method, payable_amount, line_count from records.orders"
    ) == [("manual", "manual", "bank_transfer", Decimal("33.5000"), 2)]
    assert home.rows("select amount, payment_kind from records.payments") == [
        (Decimal("33.5000"), "capture")
    ]
    home.check_accounts()


def test_a_deposit_is_paid_apart_from_the_rest(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    write_sheet(path)
    deposit = {"定金 Deposit": "5.00", "定金付款时间 Deposit paid at": "2026-10-01 10:30"}
    rest = {"付款方式 Payment": "货到付款 COD", "付款时间 Paid at": ""}
    presold = {"订单号 Order no": "P-2", "尾款截止时间 Rest due by": "2026-10-20 23:59"}
    home.land(
        filled(headers(path), [ROW | deposit | rest, ROW | deposit | presold]),
        source="order_sheet",
    )
    home.ingest()
    assert home.rows(
        "select channel_order_id, payable_amount, deposit_amount, "
        "rest_due_at::varchar from records.orders order by 1"
    ) == [
        ("P-1", Decimal("24.0000"), Decimal("5.0000"), None),
        ("P-2", Decimal("24.0000"), Decimal("5.0000"), "2026-10-20 15:59:00"),
    ]
    assert home.rows(
        "select right(payment_id, 11), amount, payment_kind, payment_method "
        "from records.payments order by 1"
    ) == [
        ("P-1-deposit", Decimal("5.0000"), "capture", "online"),
        ("P-2-deposit", Decimal("5.0000"), "capture", "bank_transfer"),
        ("s1-P-2-pay", Decimal("19.0000"), "capture", "bank_transfer"),
    ]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        ("订单号 Order no", "required_missing"),
        ("数量 Quantity", "required_missing"),
        ("下单时间 Ordered at", "required_missing"),
    ],
)
def test_a_row_that_lacks_what_an_order_needs_is_kept_apart(
    home: Home, column: str, reason: str
) -> None:
    home.land(filled(list(ROW), [ROW | {column: ""}]), source="order_sheet")
    home.ingest()
    assert home.rows("select reason_code from ops.quarantine") == [(reason,)]


def test_a_method_nobody_knows_is_told(home: Home) -> None:
    home.land(filled(list(ROW), [ROW | {"付款方式 Payment": "贝壳"}]), source="order_sheet")
    home.ingest()
    assert home.rows("select reason_code, column_name from ops.quarantine") == [
        ("bad_code", "payment_method")
    ]


def test_terms_of_shopify_say_what_is_paid_beforehand_and_until_when_the_rest(home: Home) -> None:
    order = {
        "id": 1, "created_at": "2026-10-01T10:00:00Z", "total_price": "100.00", "currency": "USD",
        "financial_status": "partially_paid", "line_items": [],
        "payment_terms": {"payment_schedules": [
            {"amount": "70.00", "due_at": "2026-11-01T10:00:00-05:00", "completed_at": None}]},
    }  # fmt: skip
    plain = {**order, "id": 2, "payment_terms": None}
    terms = {**order["payment_terms"], "payment_terms_type": "net"}
    home.land(
        json.dumps({"orders": [order, plain, {**order, "id": 3, "payment_terms": terms}]}).encode(),
        source="shopify",
    )
    home.ingest()
    due = "2026-11-01 15:00:00"
    assert home.rows(
        "select channel_order_id, deposit_amount, rest_due_at::varchar, leaves_on_deposit "
        "from records.orders order by 1"
    ) == [("1", Decimal("30.0000"), due, None), ("2", None, None, None),
          ("3", Decimal("30.0000"), due, True)]  # fmt: skip


def test_terms_are_the_same_by_query_as_by_webhook(home: Home) -> None:
    money = {"shopMoney": {"amount": "100.00", "currencyCode": "USD"}}
    order = {
        "id": "gid://shopify/Order/1", "createdAt": "2026-10-01T10:00:00Z", "currencyCode": "USD",
        "displayFinancialStatus": "PARTIALLY_PAID", "totalPriceSet": money,
        "lineItems": {"nodes": []},
        "paymentTerms": {"paymentTermsType": "FULFILLMENT", "paymentSchedules": {"nodes": [
            {"totalBalance": {"amount": "70.00"}, "dueAt": "2026-11-01T10:00:00-05:00"}]}},
    }  # fmt: skip
    plain = {**order, "id": "gid://shopify/Order/2", "paymentTerms": None}
    home.land(
        json.dumps({"data": {"orders": {"nodes": [order, plain]}}}).encode(), source="shopify"
    )
    home.ingest()
    assert home.rows(
        "select channel_order_id, deposit_amount, rest_due_at::varchar, leaves_on_deposit "
        "from records.orders order by 1"
    ) == [("1", Decimal("30.0000"), "2026-11-01 15:00:00", True), ("2", None, None, None)]
