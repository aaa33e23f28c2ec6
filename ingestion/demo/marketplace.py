"""A small shop on Amazon, which sends the goods and collects the money itself.

Apart from the rest of the business: its orders move no stock of the house and nobody reviews them.
What it gives is a settlement every two weeks, and a few of those are wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MIN_FAULTS, DemoPlan

AMAZON = "amz"
CYCLE = 14  # days
NOT_SETTLED, NOT_ORDERED = "settlement_missing", "settlement_orphan"
WRONG_AMOUNT, UNNAMED, BORNE_BY_US = (
    "settlement_wrong", "settlement_unnamed", "settlement_bearer",
)  # fmt: skip
REFUND_WRONG, REFUND_UNKNOWN = "settlement_refund_wrong", "settlement_refund_unknown"
FAULTS = (NOT_SETTLED, NOT_ORDERED, WRONG_AMOUNT, UNNAMED, BORNE_BY_US)
REFUND_FAULTS = (REFUND_WRONG, REFUND_UNKNOWN)
UNKNOWN_FEE = "LowInventoryLevelFee"  # came after the policy was written
_OLD = 25  # days: whatever was placed before has been settled, or never will be
_REFUNDED_AFTER, _REFUND_SHARE = 6 * DAY, 0.04  # after it was shipped; of old plain orders
_LEAST_REFUNDS = 4
_KEPT = 20  # percent of the commission that is kept when an order is given back
_SUBSCRIPTION = -3_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketplace:
    """Amounts in cents.

    Attributes:
        orders: n, native_id, order_id, placed, shipped, cancelled, fault, refunded (NEVER: not).
        lines: n, line_no, sku, title, quantity, goods, shipping, tax, discount.
        settled: one row per amount: close (of its settlement), at, n, native_id, sku, quantity,
            transaction, amount_type, description, amount.
        totals: one row per settlement: close, settlement, amount.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    settled: pl.DataFrame
    totals: pl.DataFrame


def make_marketplace(
    plan: DemoPlan, catalogue: pl.DataFrame, rng: np.random.Generator
) -> Marketplace:
    """The shop up to the present, its settlements and what is wrong with them."""
    orders = _orders(plan, rng)
    lines = _lines(orders, catalogue, rng)
    orders = _with_faults(plan, orders, lines, rng)
    settled = _settled(plan, orders, lines)
    totals = (
        settled.group_by("close")
        .agg(amount=pl.col("amount").sum())
        .sort("close")
        .with_columns(settlement=pl.col("close") // DAY + 25_800_000_000)
    )
    return Marketplace(orders=orders, lines=lines, settled=settled, totals=totals)


def _orders(plan: DemoPlan, rng: np.random.Generator) -> pl.DataFrame:
    count = max(12 * len(FAULTS), plan.orders // 25)
    placed = np.sort(rng.integers(plan.start_s, plan.until_s, count))
    shipped = placed + rng.integers(6 * HOUR, 30 * HOUR, count)
    cancelled = np.where(rng.random(count) < 0.04, placed + 3 * HOUR, NEVER)
    shipped = np.where((cancelled != NEVER) | (shipped > plan.until_s), NEVER, shipped)
    cancelled = np.where(cancelled > plan.until_s, NEVER, cancelled)
    number = np.arange(count)
    return pl.DataFrame(
        {"n": number, "placed": placed, "shipped": shipped, "cancelled": cancelled}
    ).with_columns(
        native_id=pl.format(
            "111-{}-{}", pl.col("n") * 37 % 9_999_999 + 1_000_000, pl.col("n") + 2_000_000
        )
    ).with_columns(order_id=pl.format("{}-{}", pl.lit(AMAZON), "native_id"))  # fmt: skip


def _lines(orders: pl.DataFrame, catalogue: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    per_order = rng.choice([1, 2], orders.height, p=[0.8, 0.2])
    n = np.repeat(np.arange(orders.height), per_order)
    line_no = np.arange(len(n)) - np.repeat(np.cumsum(per_order) - per_order, per_order) + 1
    # The second article is another one than the first.
    first = rng.integers(0, catalogue.height // 2, orders.height)[n]
    article = np.where(line_no == 1, first, first + catalogue.height // 2)
    quantity = rng.choice([1, 2], len(n), p=[0.85, 0.15])
    goods = catalogue["price_usd"].to_numpy()[article] * quantity
    has_discount = rng.random(len(n)) < 0.2
    return pl.DataFrame(
        {
            "n": n,
            "line_no": line_no,
            "quantity": quantity,
            "goods": goods,
            "shipping": np.where(goods < 2_500, 499, 0),
            "tax": goods * 6 // 100,
            "discount": np.where(has_discount, goods // 10, 0),
        }
    ).with_columns(
        sku=catalogue["sku"].gather(article), title=catalogue["title_en"].gather(article)
    )


def _with_faults(
    plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    """Only old orders: a settlement that is not due yet is not missing."""
    is_old = (orders["shipped"] != NEVER) & (orders["placed"] < plan.until_s - _OLD * DAY)
    plain = lines.group_by("n").agg(given=pl.col("discount").sum()).filter(pl.col("given") == 0)
    candidates = rng.permutation(np.intersect1d(np.flatnonzero(is_old.to_numpy()), plain["n"]))
    share = max(MIN_FAULTS, plan.orders // 4_000)
    chosen = dict.fromkeys(range(orders.height), "")
    for number, fault in enumerate(FAULTS):
        for n in candidates[number * share : (number + 1) * share].tolist():
            chosen[n] = fault
    # Goods that came back: what the buyer got is settled within a fortnight, for some wrongly.
    back = candidates[len(FAULTS) * share :]
    back = back[orders["shipped"].to_numpy()[back] < plan.until_s - (_OLD + 10) * DAY]
    right = max(_LEAST_REFUNDS, int(len(back) * _REFUND_SHARE))
    wrong = back[right : right + len(REFUND_FAULTS) * share].tolist()
    for number, n in enumerate(wrong):
        chosen[n] = REFUND_FAULTS[number % len(REFUND_FAULTS)]
    given_back = {*back[:right].tolist(), *wrong}
    return orders.with_columns(
        fault=pl.Series([chosen[n] for n in range(orders.height)]),
        refunded=pl.when(pl.col("n").is_in(list(given_back)))
        .then(pl.col("shipped") + _REFUNDED_AFTER)
        .otherwise(NEVER),
    )


def _settled(plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    sent = orders.filter((pl.col("shipped") != NEVER) & (pl.col("fault") != NOT_SETTLED))
    of_lines = lines.join(sent, on="n").with_columns(
        at=pl.col("shipped") + 2 * HOUR, is_first=pl.col("line_no") == 1
    )

    def amounts(kind: str, description: str, amount: pl.Expr) -> pl.DataFrame:
        return of_lines.select(
            "at", "n", "native_id", "sku", "quantity", transaction=pl.lit("Order"),
            amount_type=pl.lit(kind), description=pl.lit(description), amount=amount,
        )  # fmt: skip

    def only(fault: str, amount: pl.Expr) -> pl.Expr:
        return pl.when((pl.col("fault") == fault) & pl.col("is_first")).then(amount).otherwise(0)

    parts = [
        amounts("ItemPrice", "Principal", pl.col("goods") - only(WRONG_AMOUNT, pl.lit(150))),
        amounts("ItemPrice", "Shipping", pl.col("shipping")),
        amounts("ItemPrice", "Tax", pl.col("tax")),
        amounts("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -pl.col("tax")),
        amounts(
            "Promotion", "Principal", -pl.col("discount") - only(BORNE_BY_US, pl.col("goods") // 10)
        ),
        amounts("ItemFees", "Commission", -(pl.col("goods") * 15 // 100)),
        amounts("ItemFees", "FBAPerUnitFulfillmentFee", -322 * pl.col("quantity")),
        amounts("ItemFees", UNKNOWN_FEE, only(UNNAMED, pl.lit(-64))),
    ]
    parts += _given_back(of_lines)
    booked = pl.concat(parts, how="vertical_relaxed").filter(pl.col("amount") != 0)
    closed = (booked["at"] - plan.start_s) // (CYCLE * DAY) + 1
    booked = booked.with_columns(close=plan.start_s + closed * CYCLE * DAY)
    subscription = booked.select("close").unique().with_columns(
        at=pl.col("close") - HOUR, native_id=pl.lit(""), sku=pl.lit(""),
        transaction=pl.lit("other-transaction"), amount_type=pl.lit("other-transaction"),
        description=pl.lit("Subscription Fee"), amount=pl.lit(_SUBSCRIPTION, pl.Int64),
    )  # fmt: skip
    return (
        pl.concat([booked, subscription], how="diagonal_relaxed")
        .filter(pl.col("close") <= plan.until_s)
        .sort("close", "at", "native_id", "sku", "amount_type", "description")
    )


def _given_back(of_lines: pl.DataFrame) -> list[pl.DataFrame]:
    """A refund as it is settled: what the buyer gets, the tax, and the commission but for a part."""
    back = of_lines.filter(pl.col("refunded") != NEVER).with_columns(at=pl.col("refunded") + HOUR)
    commission = pl.col("goods") * 15 // 100
    wrong = pl.when((pl.col("fault") == REFUND_WRONG) & pl.col("is_first")).then(300).otherwise(0)

    def amounts(kind: str, description: str, amount: pl.Expr) -> pl.DataFrame:
        return back.select(
            "at", "n", "native_id", "sku", "quantity", transaction=pl.lit("Refund"),
            amount_type=pl.lit(kind), description=pl.lit(description), amount=amount,
        )  # fmt: skip

    return [
        amounts("ItemPrice", "Principal", -pl.col("goods") - wrong),
        amounts("ItemPrice", "Tax", -pl.col("tax")),
        amounts("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", pl.col("tax")),
        amounts("ItemFees", "Commission", commission),
        amounts("ItemFees", "RefundCommission", -(commission * _KEPT // 100)),
    ]


def refunds(shop: Marketplace) -> pl.DataFrame:
    """What the house knows of it: n, order_id, at, amount (cents)."""
    known = shop.orders.filter((pl.col("refunded") != NEVER) & (pl.col("fault") != REFUND_UNKNOWN))
    paid = shop.lines.group_by("n").agg(amount=(pl.col("goods") + pl.col("tax")).sum())
    return known.join(paid, on="n").select("n", "order_id", "amount", at="refunded").sort("n")
