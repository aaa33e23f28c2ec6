"""What the risk desk keeps, and what buyers ask the service desk before anything is shipped."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import Outbound, csv_bytes, local_day, local_time, money
from ingestion.demo.house_files import write_days
from ingestion.demo.orders import NEVER
from ingestion.demo.people import addressed, american, chinese
from ingestion.demo.plan import DAY, SHOPIFY, TAOBAO, DemoPlan

_EMPTY = pl.lit("")


def write_risk_desk(plan: DemoPlan, out: Outbound, orders: pl.DataFrame) -> None:
    """Phones, addresses and accounts on a list; some entries ran out before anybody came back."""
    named = orders.filter(
        pl.col("risk").is_in(["blacklisted", "undeliverable"])
        | ((pl.col("risk") == "") & (pl.col("n") % 113 == 7))
    )
    for shop, people in ((TAOBAO, chinese), (SHOPIFY, american)):
        frame = named.filter(pl.col("shop") == shop)
        told = frame.hstack(addressed(people, frame))
        is_address = (pl.col("risk") == "undeliverable") | (pl.col("n") % 3 == 1)
        account = pl.format("tb{}", pl.col("buyer").cast(pl.String).str.zfill(8))
        if shop == SHOPIFY:
            account = (pl.col("buyer") + 70_000_000).cast(pl.String)
        is_account = ~is_address & (pl.col("n") % 3 == 2)
        ran_out = pl.col("risk") == ""
        rows = told.select(
            entry_no=pl.format("{}-{}", pl.lit(shop), "n"),
            list=pl.when(pl.col("risk") == "undeliverable").then(pl.lit("UNDELIVERABLE"))
            .otherwise(pl.lit("BLACK")),
            phone=pl.when(~is_address & ~is_account).then(pl.col("phone")).otherwise(_EMPTY),
            address=pl.when(is_address).then(pl.col("address")).otherwise(_EMPTY),
            channel=pl.lit("taobao" if shop == TAOBAO else "shopify"),
            account=pl.when(is_account).then(account).otherwise(_EMPTY),
            reason=pl.lit("MALICIOUS_REFUNDS"),
            valid_from=local_time(pl.lit(plan.start_s - 20 * DAY)),
            valid_to=pl.when(ran_out).then(local_time(pl.lit(plan.start_s - DAY)))
            .otherwise(_EMPTY),
        )  # fmt: skip
        if rows.height:
            out.write("risk_desk", shop, "entries.csv", csv_bytes(rows), plan.start_s)


def write_refund_requests(plan: DemoPlan, out: Outbound, orders: pl.DataFrame) -> None:
    """Buyers who want their money back before the goods left."""
    asked = orders.filter(
        (pl.col("refund_asked") != NEVER) & (pl.col("refund_asked") <= plan.until_s)
    )
    for shop, currency in ((TAOBAO, "CNY"), (SHOPIFY, "USD")):
        rows = asked.filter(pl.col("shop") == shop).select(
            day=local_day("refund_asked"), refund_no=pl.format("Q{}", "n"), order_no="order_id",
            case_no=_EMPTY, status=pl.lit("REQUESTED"), event_time=local_time("refund_asked"),
            amount=money("captured"), currency=pl.lit(currency), kind=pl.lit("CANCEL"),
            reason=pl.lit("不想要了"), provider=_EMPTY, provider_refund_no=_EMPTY,
        )  # fmt: skip
        write_days(plan, out, "service_desk", shop, "refund-requests", rows)
