"""What suppliers are owed by the drawn lives, and the statements they send of it once a month.

A few lines of those statements are wrong: too dear, stated twice, left out, of no delivery at all.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from ingestion.demo.formats import Outbound, csv_bytes, local_time, money
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, TAOBAO, DemoPlan
from ingestion.demo.suppliers import by_stock_code

FAULTS = ("supplier_overcharges", "supplier_states_twice", "supplier_forgets", "supplier_invents")
EACH = 3  # lines with each fault
STATED_AFTER_S = 2 * DAY + 10 * HOUR  # a month's statement comes so long after its end
_KINDS = {"shipment": "发货", "return": "退货", "compensation": "赔付"}


def owed_lines(
    plan: DemoPlan, supplies: pl.DataFrame, cases: pl.DataFrame, orders: pl.DataFrame,
    catalogue: pl.DataFrame,
) -> pl.DataFrame:  # fmt: skip
    """One row per shipment, return and compensation by now: line_id, kind, supplier, currency, shop,
    order_id, number (delivery or case), sku, pieces, amount (cents, owed is positive), at."""
    sent = by_stock_code(supplies).filter(pl.col("shipped") != NEVER)
    shipments = sent.select(
        "shop", "order_id", "supplier", "sku", kind=pl.lit("shipment"),
        number=pl.format("FH{}", "n"), pieces="sent_quantity",
        amount=pl.col("sent_quantity") * pl.col("price"), at="shipped", currency=pl.lit("CNY"),
    )  # fmt: skip
    senders = orders.select("n", "supplier")
    known = cases.join(senders, on="n").join(
        sent.select("n", "sku", "price", "sent_quantity"), on=["n", "sku"], how="left"
    )
    back = pl.min_horizontal("quantity", "sent_quantity")
    returns = known.filter(
        (pl.col("received") != NEVER) & pl.col("price").is_not_null()
    ).select(
        "shop", "order_id", "supplier", "sku", kind=pl.lit("return"), number="case_no",
        pieces=back, amount=-back * pl.col("price"), at="received", currency=pl.lit("CNY"),
    )  # fmt: skip
    in_shop = pl.when(pl.col("shop") == TAOBAO).then(pl.lit("CNY")).otherwise(pl.lit("USD"))
    of_article = catalogue.select("sku", bought_from="supplier")
    borne = known.filter((pl.col("compensated") != NEVER) & (pl.col("supplier_part") > 0))
    amends = borne.join(of_article, on="sku").select(
        "shop", "order_id",
        supplier=pl.when(pl.col("supplier") != "").then(pl.col("supplier"))
        .otherwise(pl.col("bought_from")),
        sku="sku", kind=pl.lit("compensation"), number="case_no", pieces=pl.lit(0),
        amount=-pl.col("supplier_part"), at="compensated", currency=in_shop,
    )  # fmt: skip
    reference = pl.when(pl.col("kind") == "shipment").then(
        pl.format("{}-{}-{}", "shop", "number", "sku")
    ).otherwise(pl.format("{}-{}", "shop", "number"))  # fmt: skip
    return (
        pl.concat([shipments, returns, amends], how="diagonal_relaxed")
        .filter(pl.col("at") <= plan.until_s)
        .with_columns(
            line_id=pl.concat_str("kind", pl.lit("|"), reference),
            month=local_time("at", "%Y-%m"),
        )
        .sort("at", "line_id")
    )


def month_bounds(month: str) -> tuple[int, int]:
    """First second of a local month, and of the one after it."""
    year, number = (int(part) for part in month.split("-"))
    following = (year + number // 12, number % 12 + 1)
    first, after = (
        int(datetime(y, m, 1, tzinfo=UTC).timestamp()) - LOCAL_OFFSET
        for y, m in ((year, number), following)
    )
    return first, after


def stated_lines(plan: DemoPlan, owed: pl.DataFrame) -> pl.DataFrame:
    """`owed` of the months suppliers have stated, with the faults: column `fault`, wrong rows."""
    months = [
        month
        for month in owed["month"].unique().sort()
        if month_bounds(month)[1] + STATED_AFTER_S <= plan.until_s
    ]
    told = owed.filter(pl.col("month").is_in(months)).with_columns(fault=pl.lit(""))
    shipments = told.with_row_index("row").filter(pl.col("kind") == "shipment")["row"].to_numpy()
    rng = plan.rng("supplier_accounts")
    chosen = rng.choice(shipments, min(EACH * len(FAULTS), len(shipments)), replace=False)
    fault = pl.Series("fault", [""] * told.height)
    for place, row in enumerate(chosen.tolist()):
        fault[row] = FAULTS[place % len(FAULTS)]
    return told.with_columns(fault)


def write_accounts(plan: DemoPlan, out: Outbound, owed: pl.DataFrame) -> pl.DataFrame:
    """The suppliers' statements, and the book of the demo's own; returns what was stated."""
    stated = stated_lines(plan, owed)
    _write_statements(out, stated)
    _write_book(out, owed)
    return stated


def _write_statements(out: Outbound, stated: pl.DataFrame) -> None:
    """A file a supplier, shop and month, as suppliers' bookkeepers export it."""
    is_wrong = pl.col("fault")
    twice = stated.filter(is_wrong == "supplier_states_twice")
    invented = stated.filter(is_wrong == "supplier_invents").with_columns(
        number=pl.format("FHX{}", "number"), order_id=pl.lit("")
    )
    rows = (
        pl.concat([stated.filter(is_wrong != "supplier_forgets"), twice, invented])
        .with_columns(
            amount=pl.col("amount")
            + pl.when(is_wrong == "supplier_overcharges").then(1_000).otherwise(0)
        )
        .sort("supplier", "shop", "month", "at", "line_id", "number")
    )
    is_shipment = pl.col("kind") == "shipment"
    for (supplier, shop, month), lines in rows.partition_by(
        "supplier", "shop", "month", as_dict=True, maintain_order=True
    ).items():
        first, after = month_bounds(str(month))
        drawn_up = after + STATED_AFTER_S - HOUR
        number = f"DZ-{supplier}-{month}"
        table = lines.with_row_index("row", offset=1).select(
            **{
                "账单号": pl.lit(number), "行号": pl.col("row").cast(pl.String),
                "供应商编码": pl.lit(supplier), "出账时间": local_time(pl.lit(drawn_up)),
                "账期起": local_time(pl.lit(first)), "账期止": local_time(pl.lit(after)),
                "类型": pl.col("kind").replace_strict(_KINDS), "订单号": pl.col("order_id"),
                "发货单号": pl.when(is_shipment).then(pl.col("number")).otherwise(pl.lit("")),
                "商品编码": pl.col("sku"),
                "售后单号": pl.when(is_shipment).then(pl.lit("")).otherwise(pl.col("number")),
                "数量": pl.col("pieces").cast(pl.String), "金额": money("amount"),
                "币种": pl.col("currency"),
            }
        )  # fmt: skip
        name = f"statement-{supplier}-{month}.csv"
        out.write("supplier", str(shop), name, csv_bytes(table), after + STATED_AFTER_S)


def _write_book(out: Outbound, owed: pl.DataFrame) -> None:
    """The lines the demo's bookkeeper draws up statements from; no source of the house."""
    book = owed.select(
        "line_id", "kind", "supplier", "currency", "month", "at", amount=money("amount")
    )
    book.write_csv(out.folder / "supplier_lines.csv")
