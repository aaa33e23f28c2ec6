"""The log of the shop's account at Alipay (账务明细): everything that moved its balance, a file a day.

On one day the log lacks a line and on another it has one twice, so the balance does not follow.
"""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import Outbound, by_day, day_text, local_time, money
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, TAOBAO, DemoPlan

LACKING, TWICE = "account_line_missing", "account_line_double"
_FAULTY_DAYS = {LACKING: 12, TWICE: 20}  # days before the present
_OPENING = 5_000_000  # cents
_HEADER = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)
_RULE = "#-----------------------------------------账务明细列表"


def account_log(plan: DemoPlan, bill: pl.DataFrame) -> pl.DataFrame:
    """What the bill tells, as the account moved: a fee is a line of its own after its payment.

    Columns: day, at, native_id, trade, number, kind, amount (signed cents), balance, flow, fault.
    """
    is_payment = pl.col("kind") == "交易"
    moved = bill.with_columns(
        amount=pl.when(is_payment).then(pl.col("gross").abs()).otherwise(-pl.col("gross").abs()),
        kind=pl.when(is_payment).then(pl.lit("在线支付")).otherwise(pl.lit("交易退款")),
    )
    fees = bill.filter(pl.col("fee") > 0).with_columns(
        pl.col("at") + 1, amount=-pl.col("fee"), kind=pl.lit("收费")
    )
    log = (
        pl.concat([moved, fees], how="diagonal_relaxed")
        .with_columns(day=(pl.col("at") + LOCAL_OFFSET) // DAY)
        .filter(pl.col("day") < (plan.until_s + LOCAL_OFFSET) // DAY)
        .sort("at", "native_id", "kind", "trade")
        .with_columns(
            balance=_OPENING + pl.col("amount").cum_sum(),
            flow=pl.format("9{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(12)),
        )
    )
    today = (plan.until_s + LOCAL_OFFSET) // DAY
    # The first line of a day that has more than one: the next is of the same day.
    is_first = (pl.int_range(pl.len()).over("day") == 0) & (pl.len().over("day") > 1)
    fault = pl.lit("")
    for name, ago in _FAULTY_DAYS.items():
        fault = (
            pl.when(is_first & (pl.col("day") == today - ago)).then(pl.lit(name)).otherwise(fault)
        )
    return log.with_columns(fault=fault)


def gaps(log: pl.DataFrame) -> list[tuple[str, str]]:
    """(key of the difference, fault) of each day whose balances do not follow."""
    return [
        (f"RC2B|{TAOBAO}-alipay|{text[:4]}-{text[4:6]}-{text[6:]}|CNY", fault)
        for day, fault in log.filter(pl.col("fault") != "").select("day", "fault").iter_rows()
        for text in (day_text(day),)
    ]


def write_account_log(plan: DemoPlan, out: Outbound, log: pl.DataFrame) -> None:
    again = log.filter(pl.col("fault") == TWICE).with_columns(
        pl.format("8{}", "flow").alias("flow")
    )
    listed = pl.concat([log.filter(pl.col("fault") != LACKING), again]).sort("at", "flow")
    is_income = pl.col("amount") > 0
    lines = listed.select(
        "day",
        line=pl.concat_str(
            [
                pl.format("{}\t", "flow"), pl.format("{}\t", "trade"),
                pl.format("{}\t", "number"), pl.lit("东方小铺商品"), local_time("at"),
                pl.lit("**某(1*******00)"),
                pl.when(is_income).then(money("amount")).otherwise(pl.lit("")),
                pl.when(is_income).then(pl.lit("")).otherwise(money("amount")),
                money("balance"), pl.lit("支付宝"), "kind", pl.lit(""),
            ],
            separator=",",
        ),
    )  # fmt: skip
    for day, rows in by_day(lines):
        text = [
            "#支付宝账务明细查询",
            "#账号：[20880000000000000156]",
            f"{_RULE}----------------------------------------",
            _HEADER,
            *rows["line"].to_list(),
            f"{_RULE}结束------------------------------------",
        ]
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + 10 * HOUR, plan.until_s)
        data = ("\n".join(text) + "\n").encode("gb18030")
        out.write("alipay", TAOBAO, f"20880000_{day_text(day)}_账务明细.csv", data, arrived)
