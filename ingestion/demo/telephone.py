"""Orders the shop took by telephone: typed into the workbook of the house, in no export of a channel."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import Outbound, csv_bytes, local_time, money
from ingestion.demo.people import addressed, chinese
from ingestion.demo.plan import TAOBAO, DemoPlan

BY_TELEPHONE = "by_telephone"


def write_sheet(
    plan: DemoPlan, out: Outbound, orders: pl.DataFrame, lines: pl.DataFrame
) -> pl.DataFrame:
    """One file: a row for each article, the shipping in the first of them; returns whose (n)."""
    taken = orders.filter(pl.col("fault") == BY_TELEPHONE)
    buyers = taken.select("n", "native_id", "placed", "paid", "shipping").hstack(
        addressed(chinese, taken).select("name", "phone", "address", "city", "region")
    )
    rows = (
        lines.join(buyers, on="n", how="inner")
        .sort("n", "line_no")
        .with_columns(
            shipping=pl.when(pl.col("line_no") == 1).then(pl.col("shipping")).otherwise(0)
        )
        .select(
            **{
                "订单号": pl.col("native_id").cast(pl.String),
                "下单时间": local_time("placed"),
                "商品编码": pl.col("sku"),
                "数量": pl.col("quantity").cast(pl.String),
                "单价": money("price"),
                "优惠": money("discount"),
                "运费": money("shipping"),
                "币种": pl.lit("CNY"),
                "付款方式": pl.lit("银行转账"),
                "付款时间": local_time("paid"),
                "收货人": pl.col("name"),
                "电话": pl.col("phone").cast(pl.String),
                "地址": pl.col("address"),
                "城市": pl.col("city"),
                "省份": pl.col("region"),
                "国家": pl.lit("CN"),
                "配送方式": pl.lit("顺丰"),
                "录入员": pl.lit("entry"),
            }
        )
    )
    if rows.height:
        out.write("order_sheet", TAOBAO, "telephone.csv", csv_bytes(rows), plan.until_s)
    return taken.select("n")
