"""Draws orders, their lines and the moments of their lives, as if nothing ever went wrong.

All times are epoch seconds; -1 means never. Durations stay well inside every promise, so that each
late order in the demo is late because a labelled fault made it so.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.plan import DAY, HOUR, LOCAL_OFFSET, MINUTE, SHOPIFY, TAOBAO, DemoPlan

NEVER = -1
_HOUR_WEIGHTS = np.array(
    [2, 1, 1, 1, 1, 1, 2, 3, 5, 7, 9, 9, 8, 7, 7, 7, 7, 7, 8, 10, 12, 12, 9, 5], dtype=float
)
_WEEKDAY_WEIGHTS = np.array([1.0, 0.95, 0.95, 1.0, 1.05, 1.2, 1.2])
PROMOTION_DAYS_BEFORE_END = (12, 13)  # a two-day promotion
PROMOTION_FACTOR = 4.0


def _placed_at(plan: DemoPlan, rng: np.random.Generator) -> np.ndarray:
    first_day = (plan.start_s + LOCAL_OFFSET) // DAY
    last_day = (plan.until_s + LOCAL_OFFSET) // DAY
    days = np.arange(first_day, last_day + 1)
    weight = _WEEKDAY_WEIGHTS[(days + 3) % 7].copy()  # 1970-01-01 was a Thursday
    weight[np.isin(last_day - days, PROMOTION_DAYS_BEFORE_END)] *= PROMOTION_FACTOR
    day = rng.choice(days, plan.orders, p=weight / weight.sum())
    hour = rng.choice(24, plan.orders, p=_HOUR_WEIGHTS / _HOUR_WEIGHTS.sum())
    placed = day * DAY + hour * HOUR + rng.integers(0, HOUR, plan.orders) - LOCAL_OFFSET
    # The first and the last day are partial: what falls outside moves inside.
    span = plan.until_s - plan.start_s
    return np.sort(plan.start_s + (placed - plan.start_s) % span)


def _one_per_buyer(candidates: np.ndarray, buyer: np.ndarray) -> np.ndarray:
    """Indexes of the candidates, at most one for each buyer: nobody cancels often by chance."""
    _, first = np.unique(buyer[candidates], return_index=True)
    return candidates[np.sort(first)]


def draw_orders(plan: DemoPlan, rng: np.random.Generator) -> pl.DataFrame:
    """One row per order, ordered by `placed`, with every milestone of an undisturbed life."""
    n = plan.orders
    placed = _placed_at(plan, rng)
    # Zipf-like: a few buyers come often, most come once.
    buyer = (plan.buyer_count * rng.random(n) ** 1.6).astype(np.int64)
    is_taobao = rng.random(n) < plan.taobao_share
    is_cod = ~is_taobao & (rng.random(n) < 0.05)

    fate = rng.random(n)
    unpaid = _one_per_buyer(np.flatnonzero((fate < 0.05) & ~is_cod), buyer)
    regrets = np.flatnonzero((fate >= 0.05) & (fate < 0.07) & ~is_cod)
    regrets = _one_per_buyer(regrets[~np.isin(buyer[regrets], buyer[unpaid])], buyer)

    paid = placed + np.clip(rng.lognormal(5.6, 1.0, n), 20, 15 * HOUR).astype(np.int64)
    paid[is_cod] = NEVER
    paid[unpaid] = NEVER
    cancelled = np.full(n, NEVER)
    # The shop cancels before the 24 h end, half of the time because the buyer asked for it.
    cancelled[unpaid] = placed[unpaid] + rng.integers(
        2 * HOUR, 23 * HOUR + 50 * MINUTE, len(unpaid)
    )
    cancelled[regrets] = paid[regrets] + rng.integers(5 * MINUTE, 20 * MINUTE, len(regrets))

    confirmed = np.where(is_cod, placed, paid)
    released = confirmed + rng.integers(25 * MINUTE, 90 * MINUTE, n)
    accepted = released + rng.integers(3 * MINUTE, 30 * MINUTE, n)
    pick_started = accepted + rng.integers(20 * MINUTE, 4 * HOUR, n)
    picked = pick_started + rng.integers(4 * MINUTE, 30 * MINUTE, n)
    packed = picked + rng.integers(4 * MINUTE, 20 * MINUTE, n)
    handed = packed + rng.integers(HOUR, 13 * HOUR, n)
    delivered = handed + rng.integers(18 * HOUR, 76 * HOUR, n)
    completed = delivered + rng.integers(DAY, 6 * DAY, n)

    never_ships = np.union1d(unpaid, regrets)
    milestones = {
        "released": released, "accepted": accepted, "pick_started": pick_started,
        "picked": picked, "packed": packed, "handed": handed,
        "delivered": delivered, "completed": completed,
    }  # fmt: skip
    for values in milestones.values():
        values[never_ships] = NEVER
    number = np.arange(n)
    return pl.DataFrame(
        {
            "n": number,
            "shop": np.where(is_taobao, TAOBAO, SHOPIFY),
            "native_id": np.where(
                is_taobao,
                4_100_000_000_000_000_000 + number * 9_973,
                5_200_000_000_000 + number * 37,
            ),
            "buyer": buyer,
            "home": buyer,  # whose address it goes to
            "is_cod": is_cod,
            "placed": placed,
            "paid": paid,
            "reviewed": np.full(n, NEVER),  # decided by a person in the old system
            "cancelled": cancelled,
            # Of what was paid for the shop itself cancels some: it cannot deliver, or will not.
            "cancel_word": np.select(
                [
                    np.isin(number, regrets) & (number % 5 == 2),
                    np.isin(number, regrets) & (number % 7 == 3),
                ],
                ["inventory", "staff"],
                "customer",
            ),
            **milestones,
            "short": np.full(n, NEVER),
            "short_decided": np.full(n, NEVER),
            "cs_passed": np.full(n, NEVER),  # the first of two people to pass it
            "finance_passed": np.full(n, NEVER),
            "refund_asked": np.full(n, NEVER),  # before anything was shipped
            "label_failed": np.full(n, NEVER),
            "supplier": pl.repeat("", n, eager=True),  # who ships it in place of the house
            "notified": np.full(n, NEVER),
            "ship_approved": np.full(n, NEVER),
            "cod_collected": np.where(is_cod, delivered + 20 * MINUTE, NEVER),
            "fault": pl.repeat("", n, eager=True),
            "risk": pl.repeat("", n, eager=True),
            "captured_delta": np.zeros(n, dtype=np.int64),
            "is_split": rng.random(n) < 0.04,
        }
    ).with_columns(
        order_id=pl.format("{}-{}", "shop", "native_id"),
        is_split=pl.col("is_split") & (pl.col("shop") == SHOPIFY),
    )


def draw_lines(plan: DemoPlan, orders: pl.DataFrame, catalogue: pl.DataFrame,
               rng: np.random.Generator) -> pl.DataFrame:  # fmt: skip
    """One row per order line: n, line_no, sku, quantity, price and discount in cents."""
    per_order = rng.choice([1, 2, 3, 4], orders.height, p=[0.62, 0.24, 0.1, 0.04])
    n = np.repeat(np.arange(orders.height), per_order)
    line_no = np.arange(len(n)) - np.repeat(np.cumsum(per_order) - per_order, per_order) + 1
    article = rng.choice(plan.sku_count, len(n), p=catalogue["share"].to_numpy())
    quantity = rng.choice([1, 2, 3], len(n), p=[0.82, 0.13, 0.05])
    is_taobao = (orders["shop"] == TAOBAO).to_numpy()[n]
    price = np.where(
        is_taobao,
        catalogue["price_cny"].to_numpy()[article],
        catalogue["price_usd"].to_numpy()[article],
    )
    gross = price * quantity
    discount = np.where(rng.random(len(n)) < 0.25, gross * rng.integers(5, 20, len(n)) // 100, 0)
    return pl.DataFrame(
        {"n": n, "line_no": line_no, "article": article, "quantity": quantity,
         "price": price, "discount": discount}
    ).with_columns(sku=catalogue["sku"].gather(article))  # fmt: skip


def with_amounts(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Adds goods, discount, shipping, payable, captured (cents) and `confirmed` to the orders."""
    sums = lines.group_by("n", maintain_order=True).agg(
        goods=(pl.col("price") * pl.col("quantity")).sum(),
        discount=pl.col("discount").sum(),
        line_count=pl.len(),
        pieces=pl.col("quantity").sum(),
    )
    shipping = (
        pl.when(pl.col("goods") >= 9_900)
        .then(0)
        .when(pl.col("shop") == TAOBAO)
        .then(800)
        .otherwise(499)
    )
    return (
        orders.join(sums, on="n", how="left", maintain_order="left")
        .with_columns(shipping=shipping.cast(pl.Int64))
        .with_columns(payable=pl.col("goods") - pl.col("discount") + pl.col("shipping"))
        .with_columns(
            captured=pl.col("payable") + pl.col("captured_delta"),
            confirmed=pl.when(pl.col("is_cod")).then(pl.col("placed")).otherwise(pl.col("paid")),
        )
    )
