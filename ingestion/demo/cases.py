"""Returns, refunds and reports of goods not received, as the service desk keeps them."""

from __future__ import annotations

import numpy as np
import polars as pl

from ingestion.demo.after_sales import FAULTS
from ingestion.demo.orders import NEVER
from ingestion.demo.parcels import EXCEPTION_CODES
from ingestion.demo.plan import DAY, HOUR, MINUTE, DemoPlan

RETURN_SHARE = 0.04


def make_cases(plan: DemoPlan, orders: pl.DataFrame, lines: pl.DataFrame,
               rng: np.random.Generator) -> pl.DataFrame:  # fmt: skip
    """One row per return of an order's first line: moments of its steps (NEVER after `until`).

    Columns: n, order_id, shop, case_no, line_no, sku, quantity, amount (cents), fault, requested,
    approved, return_shipped, received, qc, refund_sent, refund_failed, refunded, closed; and
    `planned_…` for the first five, which lie beyond `until` too.
    """
    roll = rng.random(orders.height)
    returning = orders.filter(
        (pl.col("delivered") != NEVER)
        & (pl.col("delivered") < plan.until_s)
        & ~pl.col("is_cod")
        & (
            pl.col("fault").is_in(["refund_failed", "refund_without_inspection", *sorted(FAULTS)])
            | ((pl.col("fault") == "") & (pl.col("risk") == "") & pl.Series(roll < RETURN_SHARE))
        )
    )
    first_line = lines.group_by("n", maintain_order=True).first()
    cases = returning.select("n", "order_id", "shop", "fault", "delivered", "captured").join(
        first_line, on="n", how="left", maintain_order="left"
    )
    count = cases.height

    def later(earlier: np.ndarray, low: int, high: int) -> np.ndarray:
        return earlier + rng.integers(low, high, count)

    requested = later(cases["delivered"].to_numpy(), 3 * HOUR, 2 * DAY)
    approved = later(requested, 20 * MINUTE, 20 * HOUR)
    shipped_back = later(approved, 4 * HOUR, 40 * HOUR)
    received = later(shipped_back, DAY, 4 * DAY)
    qc = later(received, 2 * HOUR, 30 * HOUR)
    sent = later(qc, HOUR, 24 * HOUR)
    done = later(sent, 5 * MINUTE, 24 * HOUR)
    failed = (cases["fault"] == "refund_failed").to_numpy()
    unseen = (cases["fault"] == "refund_without_inspection").to_numpy()
    moments = {
        "requested": requested, "approved": approved, "return_shipped": shipped_back,
        "received": received, "qc": np.where(unseen, NEVER, qc), "refund_sent": sent,
        "refund_failed": np.where(failed, done, NEVER),
        "refunded": np.where(failed, NEVER, done),
        "closed": np.where(failed, NEVER, done + 10 * MINUTE),
    }  # fmt: skip
    return cases.select(
        "n", "order_id", "shop", "fault", "captured", "line_no", "sku", "quantity",
        case_no=pl.format("C{}", pl.col("n").cast(pl.String).str.zfill(8)),
        amount=pl.col("price") * pl.col("quantity") - pl.col("discount"),
    ).with_columns(
        *[pl.Series(name, np.where(values > plan.until_s, NEVER, values))
          for name, values in moments.items()],
        *[pl.Series(f"planned_{name}", moments[name])
          for name in ("requested", "approved", "return_shipped", "received", "qc")],
    )  # fmt: skip


def make_contacts(plan: DemoPlan, orders: pl.DataFrame, parcels: pl.DataFrame,
                  scans: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:  # fmt: skip
    """Goods not received, parcels in trouble, what was said about both, and buyers who urge.

    Columns: order_id, tracking_number, kind, at, outcome, note.
    """
    waybill = parcels.filter(pl.col("parcel") == 1).select("n", "tracking_number")
    known = orders.join(waybill, on="n", how="left")

    def report(
        frame: pl.DataFrame, kind: str, at: pl.Expr, outcome: str, note: str
    ) -> pl.DataFrame:
        return frame.select(
            "order_id", pl.col("tracking_number").fill_null(""), kind=pl.lit(kind),
            at=at.cast(pl.Int64), outcome=pl.lit(outcome), note=pl.lit(note),
        )  # fmt: skip

    lost = known.filter(pl.col("fault") == "delivered_not_received")
    wait = pl.Series("wait", rng.integers(3 * HOUR, 20 * HOUR, lost.height))
    lost = lost.with_columns(reported=pl.col("delivered") + wait)
    found = known.filter(
        (pl.col("fault") == "")
        & (pl.col("n") % 211 == 5)
        & (pl.col("delivered") != NEVER)
        & (pl.col("delivered") < plan.until_s - 5 * DAY)
    )
    # Who sits on a parcel in trouble speaks with both ends of it before it moves on.
    stuck = scans.filter(pl.col("code").is_in(EXCEPTION_CODES))
    troubled = known.filter((pl.col("fault") == "") & (pl.col("delivered") != NEVER)).join(
        stuck.group_by("tracking_number").agg(stuck_at=pl.col("at").min()), on="tracking_number"
    )
    urged = known.filter(pl.col("fault") == "buyer_urges")
    contacts = pl.concat(
        [
            report(
                lost, "NOT_RECEIVED", pl.col("reported"), "", "客户说没有收到，电话 13900001234"
            ),
            report(
                lost, "CARRIER_CONTACTED", pl.col("reported") + HOUR, "", "已联系顺丰核实签收人"
            ),
            report(troubled, "CARRIER_CONTACTED", pl.col("stuck_at") + 8 * MINUTE, "", "已催派送"),
            report(
                troubled, "CUSTOMER_CONTACTED", pl.col("stuck_at") + 15 * MINUTE, "", "约好再送"
            ),
            report(
                found, "POD_RECEIVED", pl.col("delivered") + 20 * HOUR, "", "承运商发来签收照片"
            ),
            report(found, "NOT_RECEIVED", pl.col("delivered") + 5 * HOUR, "", "客户未收到"),
            report(
                found, "NOT_RECEIVED_RESOLVED", pl.col("delivered") + 25 * HOUR, "FOUND", "门卫代收"
            ),
            report(urged, "BUYER_URGED", pl.lit(plan.until_s - 90 * MINUTE), "", "什么时候发货？"),
        ]
    )
    return contacts.filter(pl.col("at") <= plan.until_s).sort("at", "order_id", "kind")
