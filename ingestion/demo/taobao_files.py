"""Taobao's order export and detail export: GB18030, CRLF, `="…"` ids, drifting headers."""

from __future__ import annotations

import io

import polars as pl
import xlsxwriter

from ingestion.demo.formats import Outbound, by_day, day_text, local_time, money
from ingestion.demo.orders import NEVER
from ingestion.demo.people import addressed, chinese
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, TAOBAO, DemoPlan

_HEAD = ["订单编号", "买家会员名", "买家支付宝账号"]
_PAY = ["支付单号", "支付详情"]
_BODY = [
    "买家应付货款",
    "买家应付邮费",
    "买家支付积分",
    "总金额",
    "返点积分",
    "买家实际支付金额",
    "买家实际支付积分",
    "订单状态",
    "买家留言",
    "收货人姓名",
    "收货地址",
    "运送方式",
    "联系电话",
    "联系手机",
    "订单创建时间",
    "订单付款时间",
    "宝贝标题",
    "宝贝种类",
    "物流单号",
    "物流公司",
    "订单备注",
    "宝贝总数量",
]
_OLD = [
    "分销商Id",
    "分销商店铺名称",
    "订单关闭原因",
    "卖家服务费",
    "买家服务费",
    "发票抬头",
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "卡券抵扣",
    "积分抵扣",
    "是否是O2O交易",
]
_NEW = [
    "店铺Id",
    "店铺名称",
    "订单关闭原因",
    "卖家服务费",
    "买家服务费",
    "发票抬头",
    "是否手机订单",
    "分阶段订单信息",
    "特权订金订单id",
    "是否上传合同照片",
    "是否上传小票",
    "是否代付",
    "定金排名",
    "修改后的sku",
    "修改后的收货地址",
    "异常信息",
    "天猫卡券抵扣",
    "集分宝抵扣",
    "是否是O2O交易",
]
_RETAIL = [
    "新零售交易类型",
    "新零售导购门店名称",
    "新零售导购门店id",
    "新零售发货门店名称",
    "新零售发货门店id",
]
_RECEIPT = ["退款金额", "预约门店", "确认收货时间", "打款商家金额", "含应开票给个人的个人红包"]
_LATEST = ["是否信用购", "体验期结束时间", "前N有礼", "配送类型", "主订单编号"]
# Two of the generations end some names with a blank; readers have to live with it.
_BLANK_AT_END = {"收货地址", "联系电话", "订单付款时间", "宝贝标题", "宝贝种类", "物流单号"}


def _with_blanks(names: list[str]) -> list[str]:
    return [f"{name} " if name in _BLANK_AT_END else name for name in names]


GENERATIONS: dict[str, list[str]] = {
    "2015": _HEAD + _BODY + _OLD,
    "2017": _with_blanks(_HEAD + _BODY + _NEW + _RECEIPT[:2]),
    "2018": _HEAD + _PAY + _BODY + _NEW + _RETAIL + _RECEIPT,
    "2020": _with_blanks(_HEAD + _PAY + _BODY + _NEW + _RETAIL + _RECEIPT + _LATEST),
}
# The oldest generation has no refund column, so the business has moved on from it by now.
_IN_USE = ("2018", "2017", "2018", "2020")
DETAIL = [
    "订单编号",
    "标题",
    "价格",
    "购买数量",
    "外部系统编号",
    "商品属性",
    "套餐信息",
    "备注",
    "订单状态",
    "商家编码",
]
_XLSX_ROWS_AT_MOST = 5_000


def tells_completion(day: pl.Expr) -> pl.Expr:
    """The export of that day is of a generation that says when the buyer confirmed."""
    return (day % len(_IN_USE)).is_in(
        [n for n, name in enumerate(_IN_USE) if "确认收货时间" in map(str.strip, GENERATIONS[name])]
    )


def _status() -> pl.Expr:
    return (
        pl.when(pl.col("cancelled") != NEVER).then(pl.lit("交易关闭"))
        .when(pl.col("completed") != NEVER).then(pl.lit("交易成功"))
        .when(pl.col("handed") != NEVER).then(pl.lit("卖家已发货，等待买家确认"))
        .when(pl.col("paid") != NEVER).then(pl.lit("买家已付款，等待卖家发货"))
        .otherwise(pl.lit("等待买家付款"))
    )  # fmt: skip


def _order_cells(versions: pl.DataFrame) -> pl.DataFrame:
    """Every column of any generation, as text."""
    people = addressed(chinese, versions)
    is_paid = pl.col("paid") != NEVER
    # Taobao takes no waybill for a trade that is closed.
    is_sent = pl.col("handed") != NEVER
    is_sent &= (pl.col("cancelled") == NEVER) | (pl.col("handed") < pl.col("cancelled"))
    is_refunded = is_paid & (pl.col("cancelled") != NEVER)
    blank_address = pl.col("fault") == "address_missing"
    bad_phone = pl.col("risk") == "phone_invalid"
    cells = {
        "订单编号": pl.col("native_id").cast(pl.String),
        "买家会员名": pl.format("tb{}", pl.col("buyer").cast(pl.String).str.zfill(8)),
        "买家支付宝账号": pl.format("u{}@example.com", "buyer"),
        "支付单号": pl.when(is_paid).then(pl.format("2026{}", "native_id")).otherwise(pl.lit("")),
        "买家应付货款": money(pl.col("payable") - pl.col("shipping")),
        "买家应付邮费": money("shipping"),
        "买家支付积分": pl.lit("0"),
        "总金额": money("payable"),
        "返点积分": pl.lit("0"),
        "买家实际支付金额": money(pl.when(is_paid).then(pl.col("captured")).otherwise(0)),
        "买家实际支付积分": pl.lit("0"),
        "订单状态": _status(),
        "买家留言": pl.when(pl.col("risk") == "remark_request").then(pl.lit("麻烦改地址，发到公司"))
        .when(pl.col("n") % 17 == 0).then(pl.lit("请尽快发货，谢谢")).otherwise(pl.lit("")),
        # Written once the order was packed: what the shop put in of its own accord.
        "订单备注": pl.when((pl.col("n") % 29 == 7) & (pl.col("version") == 2) & (pl.col("handed") != NEVER))
        .then(pl.lit("老客户，附赠小样一份")).otherwise(pl.lit("")),
        "收货人姓名": pl.col("name"),
        "收货地址": pl.when(blank_address).then(pl.lit("")).otherwise(pl.col("address")),
        "运送方式": pl.when(pl.col("risk") == "carrier_unset").then(pl.lit("")).otherwise(pl.lit("快递")),
        "异常信息": pl.when(pl.col("risk") == "channel_alert").then(pl.lit("平台风控审核中")).otherwise(pl.lit("")),
        "联系手机": pl.when(bad_phone).then(pl.lit("'12345")).otherwise(pl.format("'{}", "phone")),
        "订单创建时间": local_time("placed"),
        "订单付款时间": local_time("paid").fill_null(""),
        "宝贝标题": pl.col("titles"),
        "宝贝种类": pl.col("line_count").cast(pl.String),
        "物流单号": pl.when(is_sent).then(pl.format("No:{}", "tracking_number")).otherwise(pl.lit("")),
        "物流公司": pl.when(is_sent).then(pl.lit("顺丰速运")).otherwise(pl.lit("")),
        "宝贝总数量": pl.col("pieces").cast(pl.String),
        "店铺Id": pl.lit("0"),
        "店铺名称": pl.lit("东方小铺"),
        "订单关闭原因": pl.when(pl.col("cancelled") == NEVER).then(pl.lit("订单未关闭"))
        .when(is_paid).then(pl.lit("退款")).otherwise(pl.lit("买家未付款")),
        "卖家服务费": pl.lit("0"),
        "买家服务费": pl.lit("0元"),
        "是否手机订单": pl.when(pl.col("n") % 9 == 4).then(pl.lit("")).otherwise(pl.lit("手机订单")),
        "是否代付": pl.lit("否"),
        "退款金额": money(pl.when(is_refunded).then(pl.col("captured")).otherwise(0)),
        "确认收货时间": local_time("completed").fill_null(""),
        "打款商家金额": pl.when(pl.col("completed") != NEVER).then(money("captured")).otherwise(pl.lit("0.00")),
    }  # fmt: skip
    return versions.hstack(people).select(
        pl.col("day"), **{name: value.fill_null("") for name, value in cells.items()}
    )


def _quoted_csv(header: list[str], cells: pl.DataFrame, id_column: str) -> bytes:
    """All cells quoted, the id as `="…"`, CRLF, GB18030: how the real export looks."""
    known = [name.strip() for name in header]
    parts = []
    for name in known:
        if name == id_column:
            parts.append(pl.format('="{}"', pl.col(name)))
        elif name in cells.columns:
            parts.append(pl.format('"{}"', pl.col(name).str.replace_all('"', '""', literal=True)))
        else:
            parts.append(pl.lit('""'))
    rows = cells.select(line=pl.concat_str(parts, separator=","))["line"]
    head = ",".join(f'"{name}"' for name in header)
    return ("\r\n".join([head, *rows.to_list()]) + "\r\n").encode("gb18030")


def _workbook(header: list[str], cells: pl.DataFrame, plan: DemoPlan) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "in_memory": True}) as book:
        book.set_properties({"created": plan.until})  # else the bytes differ at every run
        sheet = book.add_worksheet("订单")
        sheet.write_row(0, 0, header)
        for row, values in enumerate(cells.iter_rows(named=True), start=1):
            sheet.write_row(row, 0, [values.get(name.strip(), "") for name in header])
    return buffer.getvalue()


def write_orders(plan: DemoPlan, out: Outbound, versions: pl.DataFrame) -> list:
    """One export a day; returns (path, bytes-per-row sample info) for the noise that follows."""
    written = []
    for day, cells in by_day(_order_cells(versions)):
        generation = _IN_USE[day % len(_IN_USE)]
        header = GENERATIONS[generation]
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        as_workbook = generation == "2020" and cells.height <= _XLSX_ROWS_AT_MOST
        if as_workbook:
            name = f"ExportOrderList{day_text(day)}.xlsx"
            data = _workbook(header, cells, plan)
        else:
            name = f"ExportOrderList{day_text(day)}.csv"
            data = _quoted_csv(header, cells, "订单编号")
        written.append(out.write("taobao", TAOBAO, name, data, arrived))
    return written


def write_details(plan: DemoPlan, out: Outbound, lines: pl.DataFrame) -> list:
    """The goods of the orders, exported once, on the day they were placed."""
    cells = lines.select(
        "day",
        订单编号=pl.col("native_id").cast(pl.String),
        标题=pl.col("title_zh"),
        价格=money("price"),
        购买数量=pl.col("quantity").cast(pl.String),
        外部系统编号=pl.lit(""),
        商品属性=pl.format("优惠{}", money("discount")),
        套餐信息=pl.lit(""),
        备注=pl.lit(""),
        订单状态=pl.lit("已付款"),
        商家编码=pl.col("sku"),
    )
    written = []
    for day, rows in by_day(cells):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        name = f"ExportOrderDetailList{day_text(day)}.csv"
        data = _quoted_csv(DETAIL, rows, "订单编号")
        written.append(out.write("taobao", TAOBAO, name, data, arrived))
    return written
