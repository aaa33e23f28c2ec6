"""Shopify's payouts with the lines they are made of, and the bank's statement of the account."""

from __future__ import annotations

import polars as pl

from ingestion.demo.formats import (
    Outbound,
    by_day,
    csv_bytes,
    day_text,
    iso_time,
    money,
    ndjson_bytes,
)
from ingestion.demo.payouts import Payouts
from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, SHOPIFY, DemoPlan

_ACCOUNT = "US64-0001-7788"
_RENT_DAY = 28


def write_payouts(plan: DemoPlan, out: Outbound, payouts: Payouts) -> None:
    """Two files a day, in the shapes of the payouts and of the balance transactions."""
    today = (plan.until_s + LOCAL_OFFSET) // DAY
    # Each day lists the payout that left and the one of the day before, which arrived.
    stated = pl.concat(
        [
            payouts.totals.with_columns(date=_date("day"), status=pl.lit("in_transit")),
            payouts.totals.with_columns(
                pl.col("day") + 1, date=_date("day"), status=pl.lit("paid")
            ),
        ]
    ).filter(pl.col("day") <= today)
    totals = stated.select(
        "day",
        "status",
        "date",
        id="payout",
        currency=pl.lit("USD"),
        amount=money("amount"),
        summary=pl.struct(adjustments_fee_amount=pl.lit("0.00")),
    )
    lines = payouts.lines.select(
        "day",
        id="id",
        type="kind",
        test=pl.lit(False),
        payout_id=pl.col("day") + 500_000_000,
        payout_status=pl.lit("paid"),
        currency=pl.lit("USD"),
        amount=money("gross"),
        fee=money("fee"),
        net=money(pl.col("gross") - pl.col("fee")),
        source_id="transaction",
        source_type="kind",
        source_order_id="native_id",
        source_order_transaction_id="transaction",
        processed_at=iso_time("at"),
    )
    for kind, name, frame in (
        ("payouts", "payouts", totals),
        ("transactions", "payout-transactions", lines),
    ):
        for day, rows in by_day(frame):
            arrived = min(day * DAY - LOCAL_OFFSET + 10 * HOUR, plan.until_s)
            body = b'{"%b": [' % kind.encode() + b",".join(ndjson_bytes(rows).splitlines()) + b"]}"
            out.write("shopify", SHOPIFY, f"{name}-{day_text(day)}.json", body, arrived)


def write_bank(plan: DemoPlan, out: Outbound, payouts: Payouts, deposits: pl.DataFrame) -> None:
    """One statement a day: what the shop paid out the day before, deposits, rent once a month."""
    today = plan.until_s // DAY
    booked = payouts.totals.filter(pl.col("received").is_not_null()).select(
        day=pl.col("day") + 1,
        amount="received",
        counterparty=pl.lit("Shopify Payments"),
        reference=pl.format("SHOPIFY PAYOUT {}", "payout"),
    )
    rent = (
        payouts.totals.select(pl.col("day") + 1)
        .filter(pl.from_epoch("day", time_unit="d").dt.day() == _RENT_DAY)
        .select(
            "day",
            amount=pl.lit(-380_000, pl.Int64),
            counterparty=pl.lit("Harbour Estates Ltd"),
            reference=pl.lit("Rent of the month"),
        )
    )
    lines = (
        pl.concat([booked, rent, deposits.filter(pl.col("day") <= today)], how="vertical_relaxed")
        .sort("day", "counterparty")
        .with_columns(
            balance=5_000_000 + pl.col("amount").cum_sum(),
            number=pl.int_range(pl.len()).over("day") + 1,
        )
        .select(
            "day",
            pl.format("{}-{}", "day", "number").alias("Bank reference"),
            pl.lit(_ACCOUNT).alias("Account"),
            _date("day").alias("Booking date"),
            money("amount").alias("Amount"),
            pl.lit("USD").alias("Currency"),
            pl.col("counterparty").alias("Counterparty"),
            pl.col("reference").alias("Reference"),
            money("balance").alias("Balance"),
        )
    )
    for day, rows in by_day(lines):
        arrived = min((day + 1) * DAY - LOCAL_OFFSET + HOUR, plan.until_s)
        out.write("bank", SHOPIFY, f"statement-{day_text(day)}.csv", csv_bytes(rows), arrived)


def _date(day: str) -> pl.Expr:
    return pl.from_epoch(day, time_unit="d").dt.strftime("%Y-%m-%d")
