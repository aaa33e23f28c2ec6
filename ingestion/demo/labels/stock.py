"""Orders that cannot be served, and stock that is low, impossible, or not what the books say."""

from __future__ import annotations

import polars as pl

from ingestion.demo.business import Business
from ingestion.demo.catalogue import UNLISTED
from ingestion.demo.labels.shape import of_entities, of_orders
from ingestion.demo.plan import DAY, SHOPIFY, TAOBAO, WAREHOUSE
from ingestion.demo.stock_specials import CONFIRMED_AGE, HOLDS

THRESHOLD, LEAD_DAYS, PACE_DAYS, GRACE = 5, 3, 28, 15 * 60
PLACE = pl.format("{}@{}", "sku", "warehouse")
# Held by a type of hold that lets the goods go to others.
FREES_STOCK = ("duplicate_order", "refund_pending")


def labels(business: Business) -> list[pl.DataFrame]:
    unserved = business.demand.join(business.oversold, on="sku").filter(
        pl.col("running") > pl.col("sellable")
    )
    affected = business.orders.join(unserved.select("n").unique(), on="n", how="semi")
    drifted = [f"{sku}@{WAREHOUSE}" for sku in business.drifted]
    run = stock_run(business)
    now = run.group_by("sku", "warehouse").last()
    low = now.filter(pl.col("is_low"))
    impossible = now.filter(pl.col("promised") > pl.col("on_hand"))
    unhandled = low.filter(_is_unhandled(business, low, _since(run, low)))
    numbers = business.counts.filter(pl.col("sku").is_in(business.special.miscounted))
    return [
        of_orders("Q11", affected, "oversold"),
        of_entities("Q14", "stock", drifted, "stock_drift"),
        of_entities("Q14", "listing", [
            f"{sku}@{shop}" for sku in business.special.overpublished for shop in (TAOBAO, SHOPIFY)
        ], "over_published"),
        of_entities("Q12", "stock", _places(low), "stock_low"),
        of_entities("Q13", "stock", _places(unhandled), "stock_low"),
        of_entities("Q15", "stock", _places(impossible), "oversold"),
        of_orders("Q15", _orphans(business), "orphan_reservation"),
        of_orders("Q05", _paid_late(business, now), "paid_after_release"),
        of_entities("Q16", "count", [
            f"tb-PD202606-{n}" for n in numbers["line_no"].unique().sort().to_list()
        ], "count_variance"),
    ]  # fmt: skip


def stock_run(business: Business) -> pl.DataFrame:
    """Stock, promises and alert level of each place after each moment, from the drawn lives."""
    moves = business.movements.select(
        "sku", "warehouse", "at",
        on_hand=pl.when(pl.col("type").is_in(HOLDS)).then(0).otherwise(pl.col("quantity")),
        blocked=pl.when(pl.col("type").is_in(HOLDS)).then(pl.col("quantity")).otherwise(0),
        sold=pl.when(pl.col("type") == "SHIP").then(-pl.col("quantity")).otherwise(0),
        promised=pl.lit(0, pl.Int64),
    )  # fmt: skip
    steps = pl.concat([moves, _promises(business)], how="diagonal_relaxed").fill_null(0)
    names = ("on_hand", "blocked", "sold", "promised")
    place = ["sku", "warehouse"]
    run = steps.group_by(*place, "at").agg(pl.col(names).sum()).sort(*place, "at")
    pace = (
        run.with_columns(moment=pl.from_epoch("at"))
        .rolling("moment", period=f"{PACE_DAYS}d", closed="both", group_by=place)
        .agg(pl.col("sold").sum().alias("pace"))
    )
    days = ((pl.col("at") - pl.col("at").min().over(place)) / DAY).clip(1, PACE_DAYS)
    level = pl.max_horizontal(pl.lit(float(THRESHOLD)), pl.col("pace") / days * LEAD_DAYS)
    return (
        run.with_columns(pace=pace["pace"])
        .with_columns(level=level)
        .with_columns(pl.col("on_hand", "blocked", "promised").cum_sum().over(place))
        .with_columns(atp=pl.col("on_hand") - pl.col("blocked") - pl.col("promised"))
        .with_columns(is_low=(pl.col("atp") < pl.col("level")) | (pl.col("atp") <= 0))
    )


def _promises(business: Business) -> pl.DataFrame:
    """Each goods line is promised from its order on until it leaves, is given up, let go, or a
    supplier is told to ship it."""
    orders = business.orders.filter(
        business.is_exported & (pl.col("placed") <= business.plan.until_s)
    )
    gone = business.parcels.filter(pl.col("handed") <= business.plan.until_s)
    left = gone.group_by("n").agg(left_at=pl.col("handed").max())
    let_go = (
        business.reservations.filter(pl.col("event").str.starts_with("RESERVATION"))
        .group_by("n").agg(let_go_at=pl.col("at").min())
    )  # fmt: skip
    lines = (
        business.lines.filter((pl.col("sku") != "") & ~pl.col("sku").str.starts_with(UNLISTED))
        .join(orders, on="n")
        .join(left, on="n", how="left")
        .join(let_go, on="n", how="left")
        .with_columns(
            warehouse=pl.lit(WAREHOUSE),
            confirmed_at=pl.when(business.had("confirmed")).then(pl.col("confirmed")),
            ended_at=pl.coalesce(
                pl.when(business.had("notified")).then(pl.col("notified")),
                pl.when(business.had("cancelled")).then(pl.col("cancelled")), "left_at",
                pl.when((pl.col("risk").is_in(FREES_STOCK) | pl.col("fault").is_in(FREES_STOCK))
                        & business.had("confirmed")).then(pl.col("confirmed"))),
        )
    )  # fmt: skip
    lost = pl.col("let_go_at") < pl.min_horizontal(
        pl.col("confirmed_at").fill_null(2**60), pl.col("ended_at").fill_null(2**60)
    )
    size = pl.col("quantity").cast(pl.Int64)
    key = ("sku", "warehouse")
    return pl.concat([
        lines.select(*key, at="placed", promised=size),
        lines.filter(pl.col("ended_at").is_not_null() & ~(lost.fill_null(False)
                     & pl.col("confirmed_at").is_null())).select(*key, at="ended_at", promised=-size),
        lines.filter(lost).select(*key, at="let_go_at", promised=-size),
        lines.filter(lost & pl.col("confirmed_at").is_not_null())
        .select(*key, at="confirmed_at", promised=size),
    ], how="vertical_relaxed")  # fmt: skip


def _since(run: pl.DataFrame, low: pl.DataFrame) -> pl.Series:
    """Since when each of the places is low without a break."""
    place = ["sku", "warehouse"]
    calm = run.filter(~pl.col("is_low")).group_by(place).agg(calm_at=pl.col("at").max())
    after = run.join(calm, on=place, how="left").filter(
        pl.col("calm_at").is_null() | (pl.col("at") > pl.col("calm_at"))
    )
    first = after.group_by(place).agg(since=pl.col("at").min())
    return low.select(place).join(first, on=place, how="left", maintain_order="left")["since"]


def _is_unhandled(business: Business, low: pl.DataFrame, since: pl.Series) -> pl.Series:
    """Low for a day before now, or before the supplier confirmed: from then on the alert waits."""
    until = business.plan.until_s
    confirmed = [*business.special.confirmed, *business.oversold["sku"].to_list()]
    waits = low["sku"].is_in(confirmed) & (low["warehouse"] == WAREHOUSE)
    return pl.select(
        since + DAY <= pl.when(waits).then(until - CONFIRMED_AGE).otherwise(until)
    ).to_series()


def _places(rows: pl.DataFrame) -> list[str]:
    return sorted(rows.select(PLACE.alias("place"))["place"].to_list())


def _orphans(business: Business) -> pl.DataFrame:
    held = business.reservations
    still = held.filter(pl.col("event") == "STOCK_RESERVED").join(
        held.filter(pl.col("event") != "STOCK_RESERVED"), on="n", how="anti"
    )
    ended = business.had("cancelled") & (pl.col("cancelled") + GRACE <= business.plan.until_s)
    return business.orders.filter(ended & business.is_exported).join(still, on="n", how="semi")


def _paid_late(business: Business, now: pl.DataFrame) -> pl.DataFrame:
    let_go = business.reservations.filter(pl.col("event") == "RESERVATION_EXPIRED")
    short = now.filter(pl.col("atp") < 0)
    lines = business.lines.filter(pl.col("sku").is_in(short["sku"].implode()))
    waiting = business.orders.filter(business.is_waiting & business.had("paid"))
    return (
        waiting.join(let_go.select("n", let_go_at="at"), on="n")
        .filter(pl.col("let_go_at") < pl.col("paid"))
        .join(lines, on="n", how="semi")
    )
