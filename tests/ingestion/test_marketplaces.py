"""Exports of marketplaces whose real files are rare: shaped by their published headers."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from ingestion.parameters import FILE_NAME
from tests.ingestion.conftest import Home


def table(rows: list[dict[str, str]], encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


def jd_row(header: list[str], **given: str) -> dict[str, str]:
    cells = {
        "订单号": "2900001", "商品ID": "100012", "商品名称": "锅", "订购数量": "2",
        "下单时间": "2026-10-01 10:00:00", "京东价": "50.00", "订单金额": "130.00",
        "应付金额": "125.00", "支付方式": "在线支付",
        "订单状态": "完成", "客户姓名": "张三", "客户地址": "广东省深圳市南山区科技路1号",
        "联系电话": "13800000000", "付款确认时间": "2026-10-01 10:01:00", "运费金额": "5.00",
        "下单帐号": "buyer7", "订单完成时间": "2026-10-05 09:00:00",
    }  # fmt: skip
    return dict.fromkeys(header, "") | cells | given


def test_an_order_of_jd_is_one_order_with_a_line_for_each_article(
    home: Home, real_data: Path
) -> None:
    header = json.loads((real_data / "taobao_jd_orders/jd_order_export_header.json").read_text())
    rows = [
        jd_row(header),
        jd_row(header, 商品ID="100013", 订购数量="1", 京东价="30.00", 货号="S3"),
    ]
    home.land(table(rows, "gb18030"), source="jd")
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (2, 0)
    assert report.stream_rows == {
        "orders": 1, "order_lines": 2, "payments": 1, "channel_status": 1,
    }  # fmt: skip
    assert home.rows(
        "select goods_amount, payable_amount, line_count, item_quantity, ship_region,"
        " paid_at::varchar from records.orders"
    ) == [
        (Decimal("130.0000"), Decimal("125.0000"), 2, Decimal("3.0000"), "广东省",
         "2026-10-01 02:01:00")
    ]  # fmt: skip
    assert home.rows(
        "select sku, sum(quantity * unit_price_amount) from records.order_lines"
        " group by 1 order by 1"
    ) == [("100012", Decimal("100.00000000")), ("S3", Decimal("30.00000000"))]
    home.check_accounts()


def test_a_cancelled_order_of_jd_is_newer_than_the_same_order_before(
    home: Home, real_data: Path
) -> None:
    header = json.loads((real_data / "taobao_jd_orders/jd_order_export_header.json").read_text())
    early = jd_row(header, 订单状态="等待出库", 订单完成时间="")
    home.land(table([early]), source="jd")
    home.land(table([early | {"订单状态": "取消"}]), source="jd", name="later")
    home.ingest()
    assert home.rows(
        "select status_raw, cancelled_at is not null from records.orders"
        " order by source_sequence desc"
    ) == [("取消", True), ("等待出库", False)]


PDD = {
    "商品": "杯子", "订单号": "261001-1", "订单状态": "已发货，待收货", "商品总价(元)": "40.00",
    "店铺优惠折扣(元)": "3.00", "平台优惠折扣(元)": "2.00",
    "多多支付立减金额(元)": "0.00", "邮费(元)": "0.00",
    "用户实付金额(元)": "35.00", "商家实收金额(元)": "37.00", "商品数量(件)": "2",
    "订单成交时间": "2026-10-01 12:00:00", "承诺发货时间": "2026-10-03 12:00:00",
    "发货时间": "2026-10-02 09:00:00", "商家编码-规格维度": "CUP-1", "快递单号": "YT1",
    "快递公司": "圆通速递", "收货人": "李四", "手机": "13900000000", "省": "浙江省", "市": "杭州市",
}  # fmt: skip


def test_an_order_of_pinduoduo_carries_its_promise_its_parcel_and_both_discounts(
    home: Home,
) -> None:
    home.land(table([PDD]), source="pinduoduo")
    report = home.ingest()
    assert report.quarantined == 0
    assert home.rows(
        "select goods_amount - discount_amount - payable_amount, ship_by_at::varchar"
        " from records.orders"
    ) == [(Decimal("0.0000"), "2026-10-03 04:00:00")]
    assert home.rows("select carrier, tracking_number from records.shipments") == [("yto", "YT1")]
    assert home.rows(
        "select sku, quantity::int, discount_amount - platform_discount_amount"
        " from records.order_lines"
    ) == [("CUP-1", 2, Decimal("3.0000"))]


def test_an_order_of_pinduoduo_without_a_time_has_its_day_in_its_number(home: Home) -> None:
    row = PDD | {"订单成交时间": "", "发货时间": "", "订单状态": "待付款", "快递单号": ""}
    home.land(table([row]), source="pinduoduo")
    home.ingest()
    assert home.rows("select placed_at::varchar from records.orders") == [("2026-09-30 16:00:00",)]
    assert home.rows("select count(*) from records.payments") == [(0,)]


TOLD = {
    "order_sn": "261001-2", "order_status": 1, "confirm_status": 1, "refund_status": 1,
    "trade_type": 1, "created_time": "2026-10-01 10:00:00", "pay_time": None,
    "updated_at": "2026-10-01 10:05:00", "last_ship_time": "", "shipping_time": "",
    "receive_time": "", "tracking_number": "", "urge_shipping_time": "", "risk_control_status": 0,
    "goods_amount": 100.0, "discount_amount": 10.0, "postage": 0, "pay_amount": 90.0,
    "item_list": [{"goods_count": 2, "goods_name": "锅", "goods_price": 50, "outer_id": "POT"}],
    "step_order_info": {"advanced_paid_fee": 20.0, "step_paid_fee": 20.0, "step_trade_status": 1},
}  # fmt: skip
WHOLE = TOLD | {
    "pay_time": "2026-10-05 20:00:00", "updated_at": "2026-10-05 20:00:01",
    "last_ship_time": "2026-10-07 20:00:00",
    "step_order_info": {"advanced_paid_fee": 20.0, "step_paid_fee": 90.0, "step_trade_status": 2},
}  # fmt: skip
_STEPS = [
    ({"step_order_info": {**TOLD["step_order_info"], "step_trade_status": 0}}, "待付款", []),
    ({}, "待付尾款", [20]),
    (WHOLE, "待发货", [20, 70]),
    (WHOLE | {"trade_type": 0, "step_order_info": None}, "待发货", [90]),
]


@pytest.mark.parametrize(("given", "state", "amounts"), _STEPS)
def test_an_order_of_pinduoduo_is_paid_in_the_steps_the_platform_tells(
    given: dict, state: str, amounts: list[int], home: Home
) -> None:
    answer = {"order_info_get_response": {"order_info": TOLD | given}}
    home.land(json.dumps(answer, ensure_ascii=False).encode(), source="pinduoduo")
    assert home.ingest().quarantined == 0
    assert home.rows("select amount::int from records.payments order by 1") == [
        (amount,) for amount in amounts
    ]
    is_step = (TOLD | given)["trade_type"] == 1
    is_whole = sum(amounts) == 90
    assert home.rows(
        "select status_raw, deposit_amount::int, payable_amount::int, paid_at is not null"
        " from records.orders"
    ) == [(state, 20 if is_step else None, 90, is_whole)]


_ENDS = [
    ({"confirm_status": 2}, "已取消", (True, False)),
    ({"refund_status": 4}, "待发货，退款成功", (True, False)),
    ({"order_status": 2, "refund_status": 4}, "已发货，退款成功", (False, True)),
    ({"order_status": 3}, "已签收，待确认收货", (False, False)),
]


@pytest.mark.parametrize(("given", "state", "ends"), _ENDS)
def test_how_an_order_of_pinduoduo_ends_follows_what_was_sent(
    given: dict, state: str, ends: tuple[bool, bool], home: Home
) -> None:
    asked = {"urge_shipping_time": "2026-10-06 09:00:00", "risk_control_status": 1}
    order = WHOLE | asked | given
    home.land(
        json.dumps({"order_list_get_response": {"order_list": [order]}}).encode(),
        source="pinduoduo",
    )
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select status_raw, cancelled_at is not null, closed_at is not null from records.orders"
    ) == [(state, *ends)]
    assert home.rows("select recommendation from records.order_risks") == [("investigate",)]
    assert home.rows("select contact_kind, event_at::varchar from records.contacts") == [
        ("buyer_urged", "2026-10-06 01:00:00")
    ]


@pytest.mark.parametrize(
    ("state", "ends"),
    [("取消", (True, False)), ("(删除)等待出库", (True, False)), ("(删除)锁定", (True, False)),
     ("(删除)等待确认收货", (False, True)), ("等待确认收货", (False, False)),
     ("锁定", (False, False))],
)  # fmt: skip
def test_a_removed_order_of_jd_is_cancelled_only_if_it_had_not_left(
    state: str, ends: tuple[bool, bool], home: Home, real_data: Path
) -> None:
    header = json.loads((real_data / "taobao_jd_orders/jd_order_export_header.json").read_text())
    home.land(table([jd_row(header, 订单状态=state)], "gb18030"), source="jd")
    home.ingest()
    assert home.rows(
        "select cancelled_at is not null, closed_at is not null from records.orders"
    ) == [ends]


def douyin_row(**given: str) -> dict[str, str]:
    cells = {
        "主订单编号": "'6900001", "子订单编号": "'6900001A", "选购商品": "伞", "商品数量": "1",
        "商品金额": "60.00", "订单应付金额": "50.00", "优惠总金额": "10.00", "平台优惠": "4.00",
        "商家优惠": "5.00", "达人优惠": "1.00", "运费": "0.00",
        "订单提交时间": "2026-10-01 08:00:00",
        "支付完成时间": "2026-10-01 08:01:00", "订单状态": "备货中", "商家编码": "UMB",
        "承诺发货时间": "2026-10-03 08:01:00", "省": "江苏省", "市": "南京市", "支付方式": "支付宝",
        "快递单号": "", "快递公司": "",
    }  # fmt: skip
    return cells | given


def test_sub_orders_of_douyin_add_up_to_their_order(home: Home) -> None:
    second = douyin_row(
        子订单编号="'6900001B", 商品金额="20.00", 订单应付金额="20.00", 优惠总金额="0.00",
        订单状态="已关闭",
    )  # fmt: skip
    home.land(table([douyin_row(), second]), source="douyin")
    report = home.ingest()
    assert report.quarantined == 0
    assert home.rows(
        "select order_id, goods_amount, discount_amount, payable_amount, line_count,"
        " cancelled_at is null from records.orders"
    ) == [
        ("s1-6900001", Decimal("80.0000"), Decimal("10.0000"), Decimal("70.0000"), 2, True)
    ]  # fmt: skip
    assert home.rows("select amount from records.payments") == [(Decimal("70.0000"),)]
    assert home.rows("select line_id from records.order_lines order by 1") == [
        ("s1-6900001A",), ("s1-6900001B",)
    ]  # fmt: skip


def test_an_order_of_douyin_is_cancelled_when_all_its_parts_are_closed(home: Home) -> None:
    closed = douyin_row(订单状态="已关闭", 取消原因="不想要了")
    home.land(table([closed, closed | {"子订单编号": "'6900001B"}]), source="douyin")
    home.ingest()
    assert home.rows("select cancel_reason, cancelled_at is null from records.orders") == [
        ("不想要了", False)
    ]


TAOBAO = {
    "订单编号": '="4100001"', "买家会员名": "tb1", "买家应付货款": "50.00", "总金额": "50.00",
    "买家实际支付金额": "50.00", "订单状态": "交易关闭", "收货人姓名": "王五",
    "订单创建时间": "2026-10-01 10:00:00", "订单付款时间": "2026-10-01 10:01:00",
    "宝贝标题": "杯子", "宝贝种类": "1", "物流单号": "", "物流公司": "", "宝贝总数量": "1",
    "订单关闭原因": "退款", "退款金额": "50.00", "收货地址": "浙江省 杭州市 路1号",
    "联系手机": "'139",
}  # fmt: skip
_PDD_WAITS = {"发货时间": "", "快递单号": "", "快递公司": ""}
_CLOSED = [
    ("taobao", TAOBAO, {}, {"物流单号": "No:SF1", "物流公司": "顺丰速运"}),
    ("pinduoduo", PDD, {**_PDD_WAITS, "订单状态": "待发货，退款成功"},
     {"订单状态": "已发货，退款成功"}),
    ("pinduoduo", PDD, {**_PDD_WAITS, "订单状态": "已取消"}, {"订单状态": "已收货，退款成功"}),
    ("douyin", douyin_row(订单状态="已关闭"), {}, {"快递单号": "'YT2", "快递公司": "圆通速递"}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "row", "waiting", "sent"), _CLOSED)
def test_a_trade_that_closes_is_cancelled_only_if_nothing_was_sent(
    source: str, row: dict[str, str], waiting: dict[str, str], sent: dict[str, str], homes
) -> None:
    for given, expected in ((waiting, (True, False)), (sent, (False, True))):
        home = homes()
        home.land(table([row | given]), source=source)
        assert home.ingest().quarantined == 0
        assert home.rows(
            "select cancelled_at is not null, closed_at is not null from records.orders"
        ) == [expected]


def test_what_taobao_gave_back_for_goods_it_sent_has_no_time_of_its_own(home: Home) -> None:
    sent = TAOBAO | {"物流单号": "No:SF1", "物流公司": "顺丰速运"}
    home.land(table([TAOBAO, sent | {"订单编号": '="4100002"'}]), source="taobao")
    home.ingest()
    query = "select refund_kind, is_time_stated from records.refunds order by order_id"
    assert home.rows(query) == [("cancel", None), ("return", False)]


@pytest.mark.parametrize(
    ("state", "waybills", "ends"),
    [("failed", 0, "none"), ("cancelled", 0, "cancelled"), ("refunded", 0, "cancelled"),
     ("refunded", 1, "closed"), ("completed", 1, "completed")],
)  # fmt: skip
def test_how_an_order_of_woocommerce_ends_follows_its_state_and_its_parcels(
    state: str, waybills: int, ends: str, home: Home, real_data: Path
) -> None:
    order = json.loads((real_data / "woocommerce" / "order_45.json").read_text())
    done = "2022-12-02T10:00:00" if state == "completed" else None
    tracking = [{"tracking_number": f"W{n}", "tracking_provider": "ups"} for n in range(waybills)]
    order |= {"status": state, "date_completed_gmt": done, "refunds": [], "meta_data": [
        {"key": "_wc_shipment_tracking_items", "value": tracking}
    ]}  # fmt: skip
    home.land(json.dumps(order).encode(), source="woocommerce")
    assert home.ingest().quarantined == 0
    found = home.rows(
        "select cancelled_at is not null, closed_at is not null, completed_at is not null"
        " from records.orders"
    )
    assert found == [tuple(ends == end for end in ("cancelled", "closed", "completed"))]
    failed = home.rows("select count(*) from records.payments where payment_status = 'failed'")
    assert failed == [(int(state == "failed"),)]


def test_a_refund_of_woocommerce_gets_its_time_when_its_own_record_comes(
    home: Home, real_data: Path
) -> None:
    order = (real_data / "woocommerce" / "order_45.json").read_bytes()
    refund = {
        "id": 60, "parent_id": 45, "date_created_gmt": "2022-11-30T20:18:30", "amount": "10.00",
        "reason": "bonus", "refunded_by": 1, "line_items": [],
    }  # fmt: skip
    home.land(order, source="woocommerce")
    home.land(json.dumps(refund).encode(), source="woocommerce", name="refund")
    home.ingest()
    assert home.rows(
        "select refunded_at::varchar, amount, refund_kind from records.refunds"
        " order by source_sequence desc"
    ) == [
        ("2022-11-30 20:18:30", Decimal("10.0000"), "goodwill"),
        ("2022-11-30 20:19:01", Decimal("10.0000"), None),
    ]


TRADE = {
    "tid": "4100009", "status": "WAIT_BUYER_PAY", "created": "2026-10-01 10:00:00",
    "modified": "2026-10-01 10:05:00", "payment": "90.00", "post_fee": "0.00", "num": 1,
    "type": "step", "step_trade_status": "FRONT_PAID_FINAL_NOPAID", "step_paid_fee": "20.00",
    "buyer_nick": "tb9", "receiver_name": "赵六", "receiver_mobile": "13900000009",
    "receiver_state": "浙江省", "receiver_city": "杭州市", "receiver_address": "路1号",
    "orders": {"order": [{"oid": "4100010", "title": "锅", "num": 1, "price": "100.00",
                          "discount_fee": "10.00", "outer_sku_id": "POT"}]},
}  # fmt: skip
REST = {
    "status": "WAIT_SELLER_SEND_GOODS", "step_trade_status": "FRONT_PAID_FINAL_PAID",
    "step_paid_fee": "90.00", "pay_time": "2026-10-05 20:00:00", "modified": "2026-10-05 20:00:01",
}  # fmt: skip
_TRADES = [
    ({"step_trade_status": "FRONT_NOPAID_FINAL_NOPAID", "step_paid_fee": "0.00"}, None, [], 0),
    ({}, 20, [20], 0),
    (REST, None, [90], 0),
    (REST | {"status": "TRADE_CLOSED", "end_time": "2026-10-06 09:00:00"}, None, [90], 1),
    (REST | {"status": "TRADE_CLOSED", "end_time": "2026-10-16 09:00:00",
             "consign_time": "2026-10-06 09:00:00"}, None, [90], 2),
]  # fmt: skip


@pytest.mark.parametrize(("given", "deposit", "amounts", "end"), _TRADES)
def test_a_trade_of_taobao_makes_an_order_where_the_shop_says_so(
    given: dict, deposit: int | None, amounts: list[int], end: int, home: Home
) -> None:
    home.settings.root.mkdir(parents=True)
    (home.settings.root / FILE_NAME).write_text(
        'shops: {s1: {taobao: {orders_from_trades: "yes"}}}', encoding="utf-8"
    )
    home.land(json.dumps([TRADE | given], ensure_ascii=False).encode(), source="taobao")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select deposit_amount::int, payable_amount::int, paid_at is not null,"
        " cancelled_at is not null, closed_at is not null from records.orders"
    ) == [(deposit, 90, amounts == [90], end == 1, end == 2)]
    assert home.rows("select amount::int from records.payments") == [(a,) for a in amounts]
    assert home.rows("select sku, unit_price_amount::int from records.order_lines") == [
        ("POT", 100)
    ]


def test_a_trade_of_taobao_is_no_order_where_the_exports_bring_them(home: Home) -> None:
    home.land(json.dumps([TRADE], ensure_ascii=False).encode(), source="taobao")
    assert home.ingest().stream_rows == {"channel_status": 1}
