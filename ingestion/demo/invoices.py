"""Invoices buyers asked for, and those that are missing, wrong, double or should be taken back."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.formats import (
    Outbound,
    by_day,
    csv_bytes,
    day_text,
    local_day,
    local_time,
    money,
)
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MINUTE, TAOBAO, DemoPlan

SHARE = 0.12  # of buyers ask for one
MISSING, SHORT, OVER = "invoice_missing", "invoice_short", "invoice_over"
DOUBLE, NOT_CREDITED = "invoice_double", "invoice_not_credited"
FAULTS = (MISSING, SHORT, OVER, DOUBLE, NOT_CREDITED)
_CODE = "031002600111"
_TAX = 13  # percent, within the price


def make_invoices(
    plan: DemoPlan, orders: pl.DataFrame, refunded: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """One row per step: n, native_id, step, at, number, original, amount (cents), is_company."""
    of_shop = orders.filter((pl.col("shop") == TAOBAO) & (pl.col("paid") != NEVER))
    roll = pl.Series("roll", rng.random(of_shop.height))
    wait = pl.Series("wait", rng.integers(4 * HOUR, 2 * DAY, of_shop.height))
    # A refund would want a red invoice of a part; the shop waits with those invoices.
    is_plain = (pl.col("fault") == "") & (pl.col("risk") == "") & (pl.col("roll") < SHARE)
    chosen = (
        of_shop.with_columns(roll, wait)
        .filter(is_plain | pl.col("fault").is_in(FAULTS))
        .join(refunded.select("n").unique(), on="n", how="anti")
        .with_columns(
            asked=pl.col("paid") + MINUTE,
            is_company=pl.col("n") % 3 == 0,
            # Who regrets the order had the invoice with the payment.
            issued=pl.col("paid")
            + pl.when(pl.col("cancelled") != NEVER).then(2 * MINUTE).otherwise(pl.col("wait")),
        )
    )
    parts = [step(chosen) for step in (_requests, _documents, _again, _credits)]
    return (
        pl.concat(parts, how="vertical_relaxed")
        .filter(pl.col("at") <= plan.until_s)
        .sort("at", "n", "step", "number")
    )


def _rows(
    frame: pl.DataFrame, step: str, at: pl.Expr, number: str, amount: pl.Expr, original: str = ""
) -> pl.DataFrame:
    """`number` and `original` are patterns for the number of the order."""
    told = pl.format(original, "n") if original else pl.lit("")
    return frame.select(
        "n", "native_id", "is_company", step=pl.lit(step), at=at, number=pl.format(number, "n"),
        original=told, amount=amount,
    )  # fmt: skip


def _requests(chosen: pl.DataFrame) -> pl.DataFrame:
    return _rows(chosen, "request", pl.col("asked"), "SQ{}", pl.col("payable"))


def _documents(chosen: pl.DataFrame) -> pl.DataFrame:
    issued = chosen.filter(pl.col("fault") != MISSING)
    amount = (
        pl.col("payable")
        - pl.when(pl.col("fault") == SHORT).then(500).otherwise(0)
        + pl.when(pl.col("fault") == OVER).then(800).otherwise(0)
    )
    return _rows(issued, "blue", pl.col("issued"), "7{}", amount)


def _again(chosen: pl.DataFrame) -> pl.DataFrame:
    """Issued twice by mistake; and some voided the same day and issued anew, which is no fault."""
    double = chosen.filter(pl.col("fault") == DOUBLE)
    anew = chosen.filter((pl.col("fault") == "") & (pl.col("cancelled") == NEVER)).filter(
        pl.col("n") % 11 == 0
    )
    return pl.concat(
        [
            _rows(double, "blue", pl.col("issued") + HOUR, "8{}", pl.col("payable")),
            _rows(anew, "void", pl.col("issued") + 2 * MINUTE, "9{}", pl.col("payable")),
        ],
        how="vertical_relaxed",
    )


def _credits(chosen: pl.DataFrame) -> pl.DataFrame:
    back = chosen.filter((pl.col("cancelled") != NEVER) & (pl.col("fault") != NOT_CREDITED))
    return _rows(back, "red", pl.col("cancelled") + DAY, "6{}", -pl.col("payable"), "7{}")


def write_invoices(plan: DemoPlan, out: Outbound, invoices: pl.DataFrame) -> None:
    """One export of documents and one of requests a day."""
    rows = invoices.with_columns(day=local_day("at"))
    asked = rows.filter(pl.col("step") == "request").select(
        "day",
        申请单号="number",
        订单号="native_id",
        申请时间=local_time("at"),
        抬头类型=_title(),
        票种=pl.lit("电子普票"),
        申请金额=money("amount"),
    )
    is_red = pl.col("step") == "red"
    documents = rows.filter(pl.col("step") != "request").select(
        "day",
        发票代码=pl.lit(_CODE),
        发票号码="number",
        开票日期=local_time("at"),
        订单号="native_id",
        抬头类型=_title(),
        发票种类=pl.lit("电子普票"),
        开票类型=pl.when(is_red).then(pl.lit("红票")).otherwise(pl.lit("蓝票")),
        发票状态=pl.when(pl.col("step") == "void").then(pl.lit("已作废")).otherwise(pl.lit("正常")),
        税额=money(pl.col("amount") * _TAX // (100 + _TAX)),
        价税合计=money("amount"),
        原发票号码="original",
        作废日期=pl.when(pl.col("step") == "void").then(local_time("at")).otherwise(pl.lit("")),
    )
    write: tuple[tuple[str, pl.DataFrame], ...] = (("requests", asked), ("invoices", documents))
    for stem, frame in write:
        for day, cells in by_day(frame):
            arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
            name = f"{stem}-{day_text(day)}.csv"
            out.write("tax_desk", TAOBAO, name, csv_bytes(cells), arrived)


def _title() -> pl.Expr:
    return pl.when(pl.col("is_company")).then(pl.lit("企业")).otherwise(pl.lit("个人"))
