"""The files that go to and fro between the house and suppliers that send goods themselves."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import Outbound, local_day, local_time, money
from ingestion.demo.house_files import write_days
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import SHOPIFY, TAOBAO, DemoPlan

BUFFER_S = 12 * 3600  # suppliers ship so much earlier than the buyer is promised
DEARER = 108  # percent of the agreed price that a supplier asks where it is another


def supply_lines(
    plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame, parcels: pl.DataFrame,
    catalogue: pl.DataFrame,
) -> pl.DataFrame:  # fmt: skip
    """One row per line a supplier was told of by now: what was asked for, what was shipped and when.

    `shipped` is NEVER before it happened; `sent_quantity` and `price` are what the supplier says.
    """
    first = parcels.filter(pl.col("parcel") == 1).select("n", "tracking_number")
    told = orders.filter((pl.col("supplier") != "") & (pl.col("notified") <= plan.until_s))
    is_first = pl.col("line_no") == 1
    return (
        lines.join(
            told.select("n", "order_id", "shop", "supplier", "notified", "ship_approved", "handed",
                        "fault"),
            on="n",
        )
        .join(first, on="n", how="left")
        .join(catalogue.select("sku", agreed="cost_cny"), on="sku")
        .with_columns(
            shipped=pl.when(pl.col("handed") <= plan.until_s).then(pl.col("handed"))
            .otherwise(NEVER),
            extra=pl.when(is_first & (pl.col("fault") == "supply_over")).then(1).otherwise(0),
        )
        .with_columns(
            sent_quantity=pl.col("quantity") + pl.col("extra"),
            price=pl.when(is_first & (pl.col("fault") == "supply_price"))
            .then(pl.col("agreed") * DEARER // 100).otherwise(pl.col("agreed")),
        )
        .sort("n", "line_no")
    )  # fmt: skip


def by_stock_code(supplies: pl.DataFrame) -> pl.DataFrame:
    """Lines of one code in an order as one."""
    return supplies.group_by("n", "sku", maintain_order=True).agg(
        pl.all().exclude("n", "sku", "quantity", "sent_quantity", "price", "line_no").first(),
        pl.col("quantity", "sent_quantity").sum(),
        pl.col("price").max(),
    )


def write_suppliers(plan: DemoPlan, out: Outbound, supplies: pl.DataFrame) -> pl.DataFrame:
    """Requests, approvals and deliveries of each day, by shop; returns `supplies`. Lines are named by
    stock code: lines of one code in an order are one."""
    by_sku = by_stock_code(supplies)
    approved = supplies.filter(
        (pl.col("ship_approved") != NEVER) & (pl.col("ship_approved") <= plan.until_s)
    ).unique("n", maintain_order=True)
    named = {
        "订单号": pl.col("order_id"), "供应商编码": pl.col("supplier"), "商品编码": pl.col("sku"),
    }  # fmt: skip
    requests = by_sku.sort("notified", "n", "sku").select(
        "shop", day=local_day("notified"),
        **{"代发单号": pl.format("DF{}", "n")}, **named,
        **{
            "应发数量": pl.col("quantity").cast(pl.String), "协议供货价": money("agreed"),
            "币种": pl.lit("CNY"), "下发时间": local_time("notified"), "操作员": pl.lit("oms"),
        },
    )  # fmt: skip
    approvals = approved.sort("ship_approved", "n").select(
        "shop", day=local_day("ship_approved"),
        **{
            "审批单号": pl.format("SP{}", "n"), "订单号": pl.col("order_id"),
            "供应商编码": pl.col("supplier"), "审批时间": local_time("ship_approved"),
            "审批人": pl.format("buyer{}", pl.col("n") % 3),
        },
    )  # fmt: skip
    deliveries = by_sku.filter(pl.col("shipped") != NEVER).sort("shipped", "n", "sku").select(
        "shop", day=local_day("shipped"),
        **{"发货单号": pl.format("FH{}", "n")}, **named,
        **{
            "本次发货数量": pl.col("sent_quantity").cast(pl.String), "供货价": money("price"),
            "币种": pl.lit("CNY"), "快递公司": pl.lit("顺丰速运"),
            "快递单号": pl.col("tracking_number"), "发货时间": local_time("shipped"),
            "发货备注": pl.lit(""),
        },
    )  # fmt: skip
    for shop in (TAOBAO, SHOPIFY):
        for stem, rows in (("dropship_orders", requests), ("approvals", approvals),
                           ("deliveries", deliveries)):  # fmt: skip
            of_shop = rows.filter(pl.col("shop") == shop).drop("shop")
            write_days(plan, out, "supplier", shop, stem, of_shop)
    return supplies
