"""What platforms export about goods and money that come back, by their published headers."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ingestion.conftest import Home
from tests.ingestion.test_marketplaces import table

STEPS = (
    "select case_id, case_step, event_at::varchar, case_kind from records.after_sales "
    "order by 1, 3, 2"
)


def fba(header: list[str], **given: str) -> dict[str, str]:
    cells = {
        "return-date": "2026-11-02T08:30:00+00:00",
        "order-id": "111-1",
        "sku": "A",
        "asin": "B01",
        "quantity": "1",
        "fulfillment-center-id": "ONT8",
        "detailed-disposition": "SELLABLE",
        "reason": "UNWANTED_ITEM",
        "status": "Unit returned to inventory",
        "license-plate-number": "LPN1",
        "customer-comments": "call Ann Lee",
    }
    return dict.fromkeys(header, "") | cells | {k.replace("_", "-"): v for k, v in given.items()}


def tabbed(rows: list[dict[str, str]]) -> bytes:
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    return "\n".join(lines).encode()


def test_goods_that_came_back_to_amazon_are_received_and_their_case_is_over(
    home: Home, real_data: Path
) -> None:
    headers = json.loads((real_data / "amazon/reports/report_headers.json").read_text())
    header = headers["GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"]
    rows = [
        fba(header),
        fba(header, license_plate_number="LPN2", detailed_disposition="CUSTOMER_DAMAGED"),
        # The same piece was sold again and came back again.
        fba(header, order_id="111-2", return_date="2026-11-09T08:30:00+00:00"),
        # Two pieces without plates are two pieces.
        fba(header, license_plate_number=""),
        fba(header, license_plate_number=""),
    ]
    home.land(tabbed(rows), source="amazon")
    home.land(tabbed(rows[:2]), source="amazon", name="again")
    assert home.ingest().quarantined == 0
    home.check_accounts()
    assert home.rows(
        "select order_id, sum(passed_quantity)::int, sum(failed_quantity)::int, count(*) from "
        "(select distinct on (return_receipt_id) * from records.return_receipts) "
        "group by 1 order by 1"
    ) == [("s1-111-1", 3, 1, 4), ("s1-111-2", 1, 0, 1)]
    assert home.rows(
        "select count(distinct case_id), string_agg(distinct case_step, ',' order by case_step), "
        "min(event_at)::varchar from records.after_sales"
    ) == [(5, "closed,requested", "2026-11-02 08:30:00")]
    assert home.rows(
        "select count(*) from records.return_receipts "
        "where case_id not in (select case_id from records.after_sales)"
    ) == [(0,)]
    assert not [e for (e,) in home.rows("select extra from records.return_receipts") if "Ann" in e]


def tmall(**given: str) -> dict[str, str]:
    cells = {
        "订单编号": "77",
        "退款编号": "R1",
        "支付宝交易号": "2026",
        "订单付款时间": "2026-11-01 10:00:00",
        "商品编码": "S1",
        "退款完结时间": "2026-11-06 10:00:00",
        "买家实际支付金额": "100.00",
        "宝贝标题": "锅",
        "买家退款金额": "40.00",
        "手工退款/系统退款": "手工退款",
        "是否需要退货": "需要退货",
        "退款的申请时间": "2026-11-03 10:00:00",
        "超时时间": "",
        "退款状态": "退款成功",
        "货物状态": "买家已退货",
        "退货物流信息": "",
        "发货物流信息": "中通快递",
        "客服介入状态": "",
        "卖家真实姓名": "王卖家",
        "卖家退货地址": "某路1号",
        "卖家手机": "13900001111",
        "退货物流单号": "SF1",
        "退货物流公司": "顺丰速运",
        "买家退款原因": "质量问题",
        "买家退款说明": "电话13800002222",
        "买家退货时间": "2026-11-04 10:00:00",
        "责任方": "卖家",
    }
    return cells | given


OPEN = {
    "退款编号": "R2",
    "退款状态": "买家已经申请退款，等待卖家同意",
    "退款完结时间": "",
    "买家退货时间": "",
    "是否需要退货": "不需要退货",
    "发货物流信息": "",
}


def test_refunds_of_taobao_are_cases_with_the_times_of_their_steps(home: Home) -> None:
    rows = [tmall(), tmall(**OPEN), tmall(**OPEN | {"退款编号": "R3", "退款状态": "退款关闭"})]
    home.land(table(rows, "gb18030"), source="taobao")
    assert home.ingest().quarantined == 0
    home.check_accounts()
    assert home.rows(STEPS) == [
        ("s1-R1", "requested", "2026-11-03 02:00:00", "return"),
        ("s1-R1", "return_shipped", "2026-11-04 02:00:00", "return"),
        ("s1-R1", "closed", "2026-11-06 02:00:00", "return"),
        ("s1-R2", "requested", "2026-11-03 02:00:00", "refund"),
        ("s1-R3", "requested", "2026-11-03 02:00:00", "refund"),
        ("s1-R3", "withdrawn", "2026-11-03 02:00:00", "refund"),
    ]
    assert home.rows(
        "select return_carrier, return_tracking_number from records.after_sales "
        "where case_step = 'return_shipped'"
    ) == [("sf", "SF1")]
    # The order export counts this money; see the parameter `refunds_from_orders`.
    assert home.rows("select count(*) from records.refunds") == [(0,)]
    assert not [
        e for (e,) in home.rows("select extra from records.after_sales") if "王" in (e or "")
    ]


def jd_case(**given: str) -> dict[str, str]:
    cells = {
        "服务单号": "F1",
        "订单号": "290",
        "商品编号": "100012",
        "商品名称": "锅",
        "服务类型": "退货",
        "服务单申请时间": "2026-11-01 10:00:00",
        "服务单环节": "完成",
        "审核时间": "2026-11-02 10:00:00",
        "收货时间": "2026-11-05 10:00:00",
        "处理完成时间": "2026-11-06 10:00:00",
        "商品数量": "1",
        "退款金额": "50.00",
        "申请原因": "不想要了",
        "客户姓名": "张三",
        "客户发货运单号": "JD1",
        "客户发货承运商": "JD",
    }
    return cells | given


def test_service_orders_of_jd_are_cases_and_pay_when_they_are_complete(home: Home) -> None:
    blank = {"审核时间": "", "收货时间": "", "处理完成时间": "", "客户发货运单号": ""}
    rows = [
        jd_case(),
        jd_case(
            服务单号="F2", 服务类型="换货", 服务单环节="商家收货", 处理完成时间="", 退款金额=""
        ),
        jd_case(**blank | {"服务单号": "F3", "服务单环节": "审核不通过"}),
        jd_case(**blank | {"服务单号": "F4", "服务单环节": "取消"}),
    ]
    home.land(table(rows), source="jd")
    assert home.ingest().quarantined == 0
    home.check_accounts()
    found = home.rows(
        "select case_id, case_kind, list(case_step order by event_at, case_step) "
        "from records.after_sales group by all order by 1"
    )
    assert found == [
        (
            "s1-F1",
            "return",
            ["requested", "approved", "return_shipped", "return_received", "closed"],
        ),
        ("s1-F2", "exchange", ["requested", "approved", "return_shipped", "return_received"]),
        ("s1-F3", "return", ["rejected", "requested"]),
        ("s1-F4", "return", ["requested", "withdrawn"]),
    ]
    assert home.rows(
        "select refund_id, order_id, amount, refund_kind, refunded_at::varchar from records.refunds"
    ) == [("s1-F1", "s1-290", Decimal("50.0000"), "return", "2026-11-06 02:00:00")]


@pytest.mark.parametrize(
    ("state", "step"), [("已赔付", "succeeded"), ("审核驳回", "rejected"), ("待审核", "requested")]
)
def test_compensations_of_jd_are_refunds_without_goods(home: Home, state: str, step: str) -> None:
    row = {
        "店铺名称": "x",
        "申请时间": "2026-11-01 10:00:00",
        "赔付单号": "P1",
        "关联订单号": "290",
        "关联服务单号": "",
        "赔付金额": "12.50",
        "赔付原因": "发货慢",
        "赔付状态": state,
        "申请人": "客服小王",
    }
    home.land(table([row]), source="jd")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select refund_id, refund_status, refund_kind, amount, case_id from records.refunds"
    ) == [("s1-comp-P1", step, "compensation", Decimal("12.5000"), None)]


def meal(**given: str) -> dict[str, str]:
    cells = {
        "门店名称": "小店",
        "交易类型": "外卖订单",
        "交易描述": "",
        "支付方式": "在线支付",
        "订单序号": "1",
        "订单号": "9001",
        "下单时间": "2026-11-01 12:00:00",
        "完成时间": "2026-11-01 12:40:00",
        "退款时间": "",
        "订单状态": "订单完成",
        "配送方式": "美团专送",
        "账单日期": "2026-11-02",
        "商家应收款": "21.00",
        "商品总价": "30.00",
        "打包费": "2.00",
        "商家对顾客的活动补贴": "-5.00",
        "美团活动补贴": "-1.00",
        "平台服务费(含佣金和配送服务费)": "-6.00",
        "用户支付配送费": "3.00",
        "用户线上支付金额": "29.00",
        "用户线下支付金额": "0.00",
    }
    return cells | given


NOTHING = dict.fromkeys(
    (
        "商品总价",
        "打包费",
        "商家对顾客的活动补贴",
        "美团活动补贴",
        "平台服务费(含佣金和配送服务费)",
        "用户线上支付金额",
        "下单时间",
        "完成时间",
        "订单号",
        "订单状态",
    ),
    "",
)


def test_a_bill_of_meituan_is_orders_and_money(home: Home) -> None:
    rows = [
        meal(),
        meal(
            订单号="9002",
            订单状态="订单取消",
            完成时间="",
            退款时间="2026-11-01 12:10:00",
            商家应收款="0.00",
            **{"平台服务费(含佣金和配送服务费)": "0.00"},
        ),
        meal(**NOTHING | {"交易类型": "推广费", "商家应收款": "-3.00", "交易描述": "点金推广"}),
        meal(**NOTHING | {"交易类型": "推广费", "商家应收款": "-3.00", "交易描述": "点金推广"}),
    ]
    home.land(table(rows), source="meituan")
    report = home.ingest()
    assert report.quarantined == 0
    home.check_accounts()
    assert home.rows(
        "select order_id, status_raw, goods_amount, discount_amount, payable_amount, "
        "cancelled_at::varchar, completed_at::varchar from records.orders order by 1"
    ) == [
        ("s1-9001", "订单完成", 32, 6, 29, None, "2026-11-01 04:40:00"),
        ("s1-9002", "订单取消", 32, 6, 29, "2026-11-01 04:10:00", None),
    ]
    # What the buyer pays is goods less discount and the ride.
    assert home.rows(
        "select bool_and(goods_amount - discount_amount + shipping_amount = payable_amount) "
        "from records.orders"
    ) == [(True,)]
    assert home.rows("select order_id, amount, refund_kind from records.refunds") == [
        ("s1-9002", 29, "cancel")
    ]
    assert home.rows("select order_id, carrier from records.shipments") == [("s1-9001", "meituan")]
    assert home.rows(
        "select line_kind, count(*), sum(net_amount), "
        "bool_and(gross_amount - fee_amount = net_amount) from records.settlement_lines "
        "group by 1 order by 1"
    ) == [("fee", 2, -6, True), ("payment", 2, 21, True)]
    # Net of everything is what the bill pays out.
    assert home.rows("select sum(net_amount) from records.settlement_lines") == [(15,)]


def test_an_older_bill_of_meituan_has_other_names_for_the_same(homes) -> None:
    names = {
        "商家应收款": "商家应收",
        "商家对顾客的活动补贴": "商家活动支出",
        "平台服务费(含佣金和配送服务费)": "平台服务费",
        "账单日期": "账单日",
    }
    older = {names.get(name, name): cell for name, cell in meal().items()}
    found = []
    for row in (meal(), older):
        home = homes()
        home.land(table([row], "gb18030"), source="meituan")
        assert home.ingest().quarantined == 0
        found.append(home.rows("select record_key, record_hash from records.settlement_lines"))
    assert found[0] == found[1] != []
