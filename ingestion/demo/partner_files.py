"""What the partners of the business send: Alipay's daily bill and the carrier's scans."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo import house_refunds
from ingestion.demo.formats import (
    Outbound,
    by_day,
    day_text,
    local_day,
    local_time,
    money,
    ndjson_bytes,
)
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MINUTE, SHOPIFY, TAOBAO, DemoPlan
from ingestion.demo.retold import WRONG_NUMBER, as_told, retold
from ingestion.demo.telephone import BY_TELEPHONE

LATE_BY = 20 * HOUR

BILL_COLUMNS = [
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "商品名称",
    "创建时间",
    "完成时间",
    "门店编号",
    "门店名称",
    "操作员",
    "终端号",
    "对方账户",
    "订单金额（元）",
    "商家实收（元）",
    "支付宝红包（元）",
    "集分宝（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "券核销金额（元）",
    "券名称",
    "商家红包消费金额（元）",
    "卡消费金额（元）",
    "退款批次号/请求号",
    "服务费（元）",
    "分润（元）",
    "备注",
]
_RULE = "#-----------------------------------------业务明细列表"


def bill_lines(plan: DemoPlan, orders: pl.DataFrame, cases: pl.DataFrame,
               rng: np.random.Generator) -> pl.DataFrame:  # fmt: skip
    """Payments and refunds as Alipay booked them, faults included; only days already billed."""
    by_transfer = pl.col("fault") == BY_TELEPHONE
    on_taobao = orders.filter((pl.col("shop") == TAOBAO) & (pl.col("paid") != NEVER) & ~by_transfer)
    wrong = pl.Series("wrong", rng.integers(1, 500, on_taobao.height))
    gross = pl.col("captured") + pl.when(pl.col("fault") == "bill_amount_wrong").then(
        pl.col("wrong")
    ).otherwise(0)
    payments = on_taobao.with_columns(wrong).select(
        "native_id", "fault", at="paid", kind=pl.lit("交易"), gross=gross, refund_no=pl.lit(""),
        trade=pl.format("2026{}", "native_id"),
    )  # fmt: skip
    twice = payments.filter(pl.col("fault") == "bill_line_double").with_columns(
        pl.col("at") + 2 * MINUTE, trade=pl.format("2027{}", "native_id")
    )
    regrets = on_taobao.filter(pl.col("cancelled") != NEVER).select(
        "native_id", "fault", at="cancelled", kind=pl.lit("退款"), gross=-pl.col("captured"),
        refund_no=pl.format("RC{}", "n"), trade=pl.format("2026{}", "native_id"),
    )  # fmt: skip
    given_back = (
        cases.filter((pl.col("refunded") != NEVER) & (pl.col("shop") == TAOBAO))
        .filter(pl.col("fault") != "refund_line_missing")
        .join(orders.select("n", "native_id"), on="n")
        .with_columns(over=pl.when(pl.col("fault") == "refund_line_wrong").then(200).otherwise(0))
        .select(
            "native_id", "fault", at="refunded", kind=pl.lit("退款"),
            gross=-pl.col("amount") - pl.col("over"), refund_no=pl.format("R{}", "case_no"),
            trade=pl.format("2026{}", "native_id"),
        )
    )  # fmt: skip
    again = given_back.filter(pl.col("fault") == "refund_twice").with_columns(
        pl.col("at") + 2 * HOUR, refund_no=pl.format("RD{}", pl.col("refund_no").str.slice(1))
    )
    unknown = on_taobao.filter(pl.col("fault") == "refund_unknown").select(
        "native_id", "fault", at=pl.col("paid") + 3 * DAY, kind=pl.lit("退款"),
        gross=-(pl.col("captured") // 3), refund_no=pl.format("RX{}", "n"),
        trade=pl.format("2026{}", "native_id"),
    )  # fmt: skip
    decided = house_refunds.bill_lines(house_refunds.house_refunds(plan, orders, cases))
    today = (plan.until_s + LOCAL_OFFSET) // DAY
    booked = (
        pl.concat(
            [
                payments.filter(pl.col("fault") != "bill_line_missing"),
                twice,
                regrets,
                given_back,
                again,
                unknown,
                decided,
            ],
            how="vertical_relaxed",
        )
        .with_columns(day=local_day("at"))
        .filter(pl.col("day") < today)  # a bill is cut the day after
        .sort("at", "native_id", "kind", "trade")
    )
    return as_told(booked, retold(plan, orders)).sort("at", "native_id", "kind", "trade")


def write_bills(plan: DemoPlan, out: Outbound, lines: pl.DataFrame) -> None:
    """One GB18030 bill a day with its preamble and its footer of control totals."""
    # What the demo's finance decides about; no source of the house.
    is_payment = pl.col("kind") == "交易"
    books = {
        "double_lines.csv": (pl.col("fault") == "bill_line_double")
        & pl.col("trade").str.starts_with("2026"),
        "wrong_numbers.csv": pl.col("retold") == WRONG_NUMBER,
    }
    for name, chosen in books.items():
        lines.filter(chosen & is_payment).select("native_id", amount=money("gross")).write_csv(
            out.folder / name
        )
    cells = lines.select(
        "day", "gross",
        line=pl.concat_str(
            [
                pl.format("{}\t", "trade"), pl.format("{}\t", "number"), "kind",
                pl.lit("东方小铺商品"), local_time("at"), local_time("at"),
                pl.lit("\t"), pl.lit("\t"), pl.lit("\t"), pl.lit("\t"), pl.lit("**某(1*******00)"),
                money(pl.col("gross").abs()), money(pl.col("gross").abs()),
                *[pl.lit("0.00")] * 4, pl.lit("0.00"), pl.lit(""), pl.lit("0.00\t"), pl.lit("0.00"),
                pl.format("{}\t", "refund_no"),
                money("fee"),
                pl.lit("0.00"), pl.lit(""),
            ],
            separator=",",
        ),
    )  # fmt: skip
    for day, rows in by_day(cells):
        text = [
            "#支付宝业务明细查询",
            "#账号：[20880000000000000156]",
            f"#起始日期：[{_chinese_day(day)} 00:00:00]   终止日期：[{_chinese_day(day + 1)} 00:00:00]",
            f"{_RULE}----------------------------------------",
            ",".join(BILL_COLUMNS),
            *rows["line"].to_list(),
            f"{_RULE}结束------------------------------------",
            f"#交易合计：{rows.height}笔，商家实收共{_yuan(rows['gross'].abs().sum())}元，商家优惠共0.00元",
        ]
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + 10 * HOUR, plan.until_s)
        data = ("\n".join(text) + "\n").encode("gb18030")
        out.write("alipay", TAOBAO, f"20880000_{day_text(day)}_业务明细.csv", data, arrived)


def _yuan(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _chinese_day(day: int) -> str:
    text = day_text(day)
    return f"{text[:4]}年{text[4:6]}月{text[6:]}日"


def late_day(plan: DemoPlan) -> int:
    """The local day whose route pushes of one shop came much too late."""
    return (plan.until_s + LOCAL_OFFSET) // DAY - 9


def write_scans(plan: DemoPlan, out: Outbound, scans: pl.DataFrame, parcels: pl.DataFrame) -> None:
    """Route pushes of the carrier: one line per waybill and day, newest scan first."""
    of_shop = scans.join(parcels.select("tracking_number", "shop"), on="tracking_number")
    for shop in (TAOBAO, SHOPIFY):
        route = pl.struct(
            orderId=pl.lit(None, pl.String),
            mailNo="tracking_number",
            acceptTime=local_time("at"),
            acceptAddress="place",
            opcode="code",
            remark="text",
        )
        pushes = (
            of_shop.filter(pl.col("shop") == shop)
            .sort("day", "tracking_number", "at", "code", descending=[False, False, True, True])
            .group_by("day", "tracking_number", maintain_order=True)
            .agg(body=route)
            .select(
                "day",
                head=pl.struct(
                    transType=pl.lit(4501),
                    transMessageId=pl.format("{}{}", "day", "tracking_number"),
                    code=pl.lit("EX_CODE_OPENAPI_0200"),
                    message=pl.lit("操作成功"),
                ),
                body="body",
            )
        )
        for day, rows in by_day(pushes):
            arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
            if shop == SHOPIFY and day == late_day(plan):
                arrived += LATE_BY
            name = f"routes-{day_text(day)}.jsonl"
            out.write("sf_express", shop, name, ndjson_bytes(rows), arrived)
