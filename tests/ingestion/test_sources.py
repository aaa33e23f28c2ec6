"""Every source, found by its folder: its mapping holds, its SQL runs, it says what it is."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pyarrow as pa
import pytest

from ingestion.engine import open_engine
from ingestion.errors import MappingError
from ingestion.mapping import SOURCES, Mapping, load_mapping, parse_mapping, source_names
from ingestion.records import STREAMS
from ingestion.shaping import Batch, Shaper
from ingestion.shaping_sql import words
from tests.ingestion.conftest import Home, movement, movements

TABLES = [(name, table.name) for name in source_names() for table in load_mapping(name).tables]


@pytest.fixture(scope="module")
def shaper() -> Shaper:
    return Shaper(open_engine())


def empty_batch(mapping: Mapping, layout: str) -> Batch:
    table = mapping.table(layout)
    names = ["document"] if table.document else table.names()
    columns = {name: pa.array([], pa.string()) for name in names}
    numbers = pa.array([], pa.int64())
    rows = pa.table(columns | {"_row": numbers, "_f": numbers})
    sheets = np.zeros(rows.num_rows, dtype=np.int64)
    return Batch(
        mapping=mapping, table=table, shop="o'hara", rows=rows, sheets=sheets, limits=["2026-01-01"]
    )


def test_the_named_sources_are_there() -> None:
    assert {"online_retail", "olist", "shopify", "taobao", "alipay", "sf_express", "wms",
            "service_desk"} <= set(source_names())  # fmt: skip


@pytest.mark.parametrize(("source", "layout"), TABLES)
def test_every_expression_of_a_source_runs(shaper: Shaper, source: str, layout: str) -> None:
    mapping = load_mapping(source)
    batch = empty_batch(mapping, layout)
    shaped = shaper.shape(batch)
    assert all(records.num_rows == 0 for _, records in shaped.records)
    shaper.control_totals(batch)


@pytest.mark.parametrize("source", source_names())
def test_every_stream_gets_what_it_requires(source: str) -> None:
    for table in load_mapping(source).tables:
        for stream in table.streams:
            required = {c.name for c in STREAMS[stream.stream].columns if c.required}
            assert required <= set(stream.values), f"{source}, {table.name}, {stream.stream}"


@pytest.mark.parametrize("source", source_names())
def test_every_required_column_is_used_or_told_apart_by(source: str) -> None:
    for table in load_mapping(source).tables:
        if table.streams and not table.document:
            unused = set(table.optional) - words(table) - set(table.keep)
            assert not unused, f"{source}, {table.name}: {unused} are named but not used"


@pytest.mark.parametrize("source", source_names())
def test_every_source_has_a_readme(source: str) -> None:
    text = (SOURCES / source / "README.md").read_text()
    for table in load_mapping(source).tables:
        assert f"`{table.name}`" in text, f"sources/{source}/README.md does not tell {table.name}"


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("tables: [", "mapping.yml"),
        ("tables: {t: {required: [a], streams: [{stream: nope, values: {}}]}}", "no such stream"),
        ("tables: {t: {required: [a], streams: [{stream: orders, values: {x: a}}]}}", "no columns"),
        ("tables: {t: {required: [a]}}", "needs either"),
        ("tables: {t: {unused: because}}", "required columns"),
        ("tables: {}\nzone: Mars/Base", "Mars"),
        ("tables: {}\nformat: {delimiter: x}", "delimiter"),
        ("tables: {}\nformat: {delimiter: '|', encodings: [gb18030]}", "GB18030"),
        ("tables: {}\nwhat: 1", "unknown keys"),
    ],
)
def test_mistakes_in_a_mapping_are_told(text: str, mistake: str) -> None:
    with pytest.raises(MappingError, match=mistake):
        parse_mapping("t", text)


def test_a_missing_source_is_told() -> None:
    with pytest.raises(MappingError, match="online_retail"):
        load_mapping("nowhere")


# What may happen to the columns of a table between two deliveries.


def test_new_columns_are_kept_sealed_and_nothing_is_lost(home: Home) -> None:
    data = "event_no,order_no,event,event_time,secret\nE1,o1,PICKED,2026-11-01 10:00:00,Ann\n"
    home.land(data.encode())
    assert home.ingest().recorded == 1
    [(extra,)] = home.rows("select extra from records.fulfilment_events")
    assert list(json.loads(extra)) == ["sealed"]
    assert "Ann" not in extra


@pytest.mark.parametrize(
    "columns", [['x"), drop', "'; drop"], ["Note", "note", "NOTE "], ["", "", " "], ["a" * 3000]]
)
def test_names_of_unknown_columns_are_only_names(home: Home, columns: list[str]) -> None:
    head = ["event_no", "order_no", "event", "event_time", *columns]
    row = ["E1", "o1", "PICKED", "2026-11-01 10:00:00", *("kept" for _ in columns)]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([head, row])
    home.land(buffer.getvalue().encode())
    assert home.ingest().recorded == 1
    home.check_accounts()


def test_columns_that_are_harmless_stay_readable(home: Home) -> None:
    head = "order_id,payment_sequential,payment_type,payment_installments,payment_value"
    home.land(f"{head}\no1,1,boleto,3,1.50\n".encode(), source="olist")
    home.ingest()
    assert home.rows("select extra, amount::varchar from records.payments") == [
        ('{"payment_installments": "3"}', "1.5000")
    ]


def test_the_order_of_columns_does_not_matter(homes) -> None:
    straight, turned = homes(), homes()
    names = movements([]).decode().strip().split(",")
    cells = movement(1).split(",")
    turned.land("\n".join([",".join(names[::-1]), ",".join(cells[::-1])]).encode())
    straight.land(movements([movement(1)]))
    for home in (straight, turned):
        home.ingest()
    query = "select record_key, record_hash from records.stock_movements"
    assert straight.rows(query) == turned.rows(query)


def test_an_optional_column_may_be_missing_and_a_required_one_not(home: Home) -> None:
    home.land(b"movement_no,sku,warehouse,type,qty,moved_at\nM1,S,W,RECEIPT,1,2026-11-01\n")
    home.land(b"movement_no,sku,type,qty,moved_at\nM2,S,RECEIPT,1,2026-11-01\n")
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (1, 2)
    assert home.rows("select distinct reason_code from ops.quarantine") == [("schema_mismatch",)]


@pytest.mark.parametrize("quantity", ["0", "-3"])
def test_a_stock_correction_may_be_negative(home: Home, quantity: str) -> None:
    home.land(movements([movement(1, quantity)]))
    home.ingest()
    assert home.rows("select quantity::int from records.stock_movements") == [(int(quantity),)]


RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
LINES = [
    "536365,85123a,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,85123a,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,85123a,HOLDER RED,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom",
    "536365,POST,POSTAGE,1,2010-12-01 08:26:00,18,17850.0,United Kingdom",
    "C536366,85123a,HOLDER,-2,2010-12-01 09:00:00,2.55,17850.0,United Kingdom",
    "536367,85123a,damages,-9,2010-12-01 09:00:00,0,,United Kingdom",
    "C536368,AMAZONFEE,AMAZON FEE,-1,2010-12-01 09:00:00,13541.33,,United Kingdom",
    "A536369,B,Adjust bad debt,1,2010-12-01 09:00:00,-11062.06,,United Kingdom",
    "536370,85123a,HOLDER,zero,2010-12-01 09:00:00,2.55,17850.0,United Kingdom",
    "536371,85123a,HOLDER,0,2010-12-01 09:00:00,2.55,17850.0,United Kingdom",
]


def test_invoice_lines_become_orders_refunds_stock_and_fees(home: Home) -> None:
    home.land("\n".join([RETAIL, *LINES]).encode(), source="online_retail")
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (8, 2)
    assert home.rows("select order_id, buyer_id, placed_at::varchar from records.orders") == [
        ("s1-536365", "17850", "2010-12-01 08:26:00")
    ]
    assert home.rows(
        "select line_kind, sku, count(*), count(distinct line_id), sum(line_amount)::varchar"
        " from records.order_lines group by all order by 1"
    ) == [("goods", "85123A", 3, 3, "45.9000"), ("shipping", "POST", 1, 1, "18.0000")]
    assert home.rows("select refund_kind, amount::varchar, buyer_id from records.refunds") == [
        ("return", "5.1000", "17850")
    ]
    assert home.rows(
        "select movement_type, sum(quantity)::int from records.stock_movements"
        " group by 1 order by 1"
    ) == [("adjust", -9), ("return_good", 2), ("ship", -18)]
    assert home.rows(
        "select line_kind, gross_amount::varchar from records.settlement_lines order by 1"
    ) == [("adjustment", "-11062.0600"), ("fee", "-13541.3300")]
    assert home.rows("select reason_code from ops.quarantine order by row_number") == [
        ("bad_quantity",), ("unmapped_row",)
    ]  # fmt: skip
    home.check_accounts()


def test_the_order_of_rows_in_a_file_does_not_matter(homes) -> None:
    query = "select record_key, record_hash from records.{} order by all"
    contents = []
    for lines in (LINES, LINES[::-1]):
        home = homes()
        home.land("\n".join([RETAIL, *lines]).encode(), source="online_retail")
        home.ingest()
        streams = ("orders", "order_lines", "refunds", "stock_movements", "settlement_lines")
        contents.append([home.rows(query.format(stream)) for stream in streams])
    assert contents[0] == contents[1]


DETAIL = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码"


def test_taobao_lines_with_equal_names_keep_their_numbers_in_any_order(homes) -> None:
    lines = ['="1",锅,10.00,1,,红,,,已付款,S1', '="1",锅,9.00,1,,红,,,已付款,S1']
    found = []
    for rows in (lines, lines[::-1]):
        home = homes()
        home.land("\n".join([DETAIL, *rows]).encode("gb18030"), source="taobao")
        home.ingest()
        found.append(
            home.rows("select line_id, unit_price_amount from records.order_lines order by 1")
        )
    assert found[0] == found[1]
    assert len({line for line, _ in found[0]}) == 2


BILL = """#支付宝业务明细查询
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注
2026\t,T200P77\t,交易,锅,2026-06-05 16:01:34,2026-06-05 16:01:38,100.00,100.00,\t,0.60,
2026\t,T200P77\t,退款,锅,2026-06-06 16:01:34,2026-06-06 16:01:38,{refund},100.00,R1\t,0.00,
#交易合计：2笔，商家实收共{total}元，商家优惠共0.00元
"""


@pytest.mark.parametrize("refund", ["100.00", "-100.00"])
def test_a_bill_is_signed_and_names_its_orders(home: Home, refund: str) -> None:
    home.land(BILL.format(refund=refund, total="200.00").encode("gb18030"), source="alipay")
    home.ingest()
    assert home.rows(
        "select line_kind, order_id, gross_amount::varchar, fee_amount::varchar,"
        " net_amount::varchar from records.settlement_lines order by 1"
    ) == [
        ("payment", "s1-77", "100.0000", "0.6000", "99.4000"),
        ("refund", "s1-77", "-100.0000", "0.0000", "-100.0000"),
    ]
    assert home.rows("select name, is_equal from ops.control_totals order by 1") == [
        ("lines", True),
        ("received", True),
    ]


def test_a_bill_that_does_not_add_up_says_so(home: Home) -> None:
    home.land(BILL.format(refund="100.00", total="999.00").encode("gb18030"), source="alipay")
    home.ingest()
    assert home.rows("select stated::int, computed::int, is_equal from ops.control_totals"
                     " where name = 'received'") == [(999, 200, False)]  # fmt: skip


SETTLED = "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\tposted-date-time\tsku\n"  # noqa: E501
SUMMARY = (
    "77\t2026-10-01 00:00:00 UTC\t2026-10-15 00:00:00 UTC\t2026-10-17 00:00:00 UTC\t{total}\tUSD\n"
)
SALE = "\t\t\t\t\t\tOrder\t111-1\t{kind}\t{name}\t{amount}\t2026-10-03 10:00:00 UTC\tSKU-1\n"


@pytest.mark.parametrize(("total", "is_equal"), [("36.30", True), ("37.30", False)])
def test_a_settlement_is_held_against_the_row_that_sums_it_up(
    home: Home, total: str, is_equal: bool
) -> None:
    """Only that row names the settlement; equal rows are two facts, a fee is nothing gross."""
    sale = SALE.format(kind="ItemPrice", name="Principal", amount="20.00")
    fee = SALE.format(kind="ItemFees", name="Commission", amount="-3.70")
    home.land((SETTLED + SUMMARY.format(total=total) + sale + sale + fee).encode(), source="amazon")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select line_kind, order_id, sku, currency_code, gross_amount::varchar, "
        "fee_amount::varchar, payout_id, count(*) from records.settlement_lines group by all "
        "order by 1"
    ) == [
        ("fee", "s1-111-1", "SKU-1", "USD", "0.0000", "3.7000", "s1-77", 1),
        ("payment", "s1-111-1", "SKU-1", "USD", "20.0000", None, "s1-77", 2),
    ]
    assert home.rows("select provider_payout_id, amount::varchar from records.payouts") == [
        ("77", f"{total}00")
    ]
    assert home.rows("select is_equal from ops.control_totals") == [(is_equal,)]


ORDERED = "amazon-order-id\tpurchase-date\tlast-updated-date\torder-status\tsku\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\titem-promotion-discount\n"  # noqa: E501
BOUGHT = [
    "111-1\t2026-10-01T10:00:00+00:00\t2026-10-02T10:00:00+00:00\tShipped\tA\t2\tUSD\t20.00\t1.50\t4.99\t3.00\n",
    "111-1\t2026-10-01T10:00:00+00:00\t2026-10-02T10:00:00+00:00\tShipped\tB\t1\tUSD\t5.00\n",
    "111-2\t2026-10-01T11:00:00+00:00\t2026-10-01T12:00:00+00:00\tCancelled\tA\t0\tUSD\n",
]


def test_the_rows_of_an_amazon_order_are_one_order_in_any_order(homes) -> None:
    found = []
    for rows in (BOUGHT, BOUGHT[::-1]):
        home = homes()
        home.land((ORDERED + "".join(rows)).encode(), source="amazon")
        assert home.ingest().quarantined == 0
        found.append(
            home.rows(
                "select order_id, payable_amount::varchar, cancelled_at::varchar, line_count "
                "from records.orders order by 1"
            )
            + home.rows(
                "select sku, line_amount::varchar, line_id from records.order_lines order by 1"
            )
        )
    assert found[0] == found[1]
    assert found[0][:2] == [
        ("s1-111-1", "28.4900", None, 2),
        ("s1-111-2", "0.0000", "2026-10-01 12:00:00", 1),
    ]
    assert [row[:2] for row in found[0][2:]] == [("A", "17.0000"), ("B", "5.0000")]


SENT = "amazon-order-id\tshipment-id\tshipment-item-id\tshipment-date\tsku\tquantity-shipped\tcarrier\ttracking-number\tfulfillment-center-id\trecipient-name\n"  # noqa: E501


def test_a_parcel_of_amazon_names_its_articles_and_seals_its_receiver(home: Home) -> None:
    row = "111-1\tD1\t{item}\t2026-10-02T10:00:00+00:00\t{sku}\t1\tAMZN_US\tTBA1\tONT8\tAnn Lee\n"
    rows = [row.format(item="I1", sku="A"), row.format(item="I2", sku="B")]
    home.land((SENT + "".join(rows)).encode(), source="amazon")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select shipment_id, order_id, carrier, tracking_number from records.shipments"
    ) == [("s1-D1", "s1-111-1", "amzn_us", "TBA1")]
    assert home.rows("select count(*) from records.shipment_lines") == [(2,)]
    [(extra,)] = home.rows("select extra from records.shipments")
    assert "recipient-name" in extra or "sealed" in extra
    assert "Ann" not in extra


INVOICED = "发票代码,发票号码,开票日期,订单号,购方名称,抬头类型,发票种类,开票类型,发票状态,税额,价税合计,原发票号码,作废日期\n"  # noqa: E501
DOCUMENTS = [
    "031,71,2026-06-05 10:00:00,77,王伟,个人,电子普票,蓝票,正常,11.50,100.00,,\n",
    "031,61,2026-06-07 10:00:00,77,王伟,个人,电子普票,红票,正常,-3.45,-30.00,71,\n",
    "031,72,2026-06-05 11:00:00,78,某公司,企业,增值税专用发票,蓝票,已作废,11.50,100.00,,2026-06-06\n",  # noqa: E501
    ",25312000000012345678,2026-06-05 12:00:00,79,王伟,个人,数电票(普通发票),蓝票,正常,0,20.00,,\n",
]


def test_red_and_voided_invoices_take_back_what_was_issued(home: Home) -> None:
    home.land((INVOICED + "".join(DOCUMENTS)).encode("gb18030"), source="tax_desk")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select order_id, invoice_step, invoice_type, title_type, amount::varchar, "
        "original_invoice_number, event_at::varchar from records.invoices order by 1, 2"
    ) == [
        ("s1-77", "credited", "vat_ordinary", "personal", "30.0000", "71", "2026-06-07 02:00:00"),
        ("s1-77", "issued", "vat_ordinary", "personal", "100.0000", None, "2026-06-05 02:00:00"),
        ("s1-78", "issued", "vat_special", "company", "100.0000", None, "2026-06-05 03:00:00"),
        ("s1-78", "voided", "vat_special", "company", "100.0000", None, "2026-06-05 16:00:00"),
        ("s1-79", "issued", "vat_ordinary", "personal", "20.0000", None, "2026-06-05 04:00:00"),
    ]
    extras = home.rows("select extra from records.invoices")
    assert not [extra for (extra,) in extras if "王伟" in (extra or "")]


def test_who_asks_for_an_invoice_is_a_record_too(home: Home) -> None:
    text = "申请单号,订单号,申请时间,抬头类型,申请金额\nSQ1,77,2026-06-05 10:00:00,企业,100.00\n"
    home.land(text.encode(), source="tax_desk")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select invoice_step, order_id, title_type, amount::varchar from records.invoices"
    ) == [("requested", "s1-77", "company", "100.0000")]
