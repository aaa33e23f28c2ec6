"""What people of the demo business decided about single orders: refused, merged; and what
they looked at to do their work.

They live in the ledger, not in files, so the labels they settle are taken out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from orderhouse.ledger import Access, Ledger, ObjectRef, record_error, record_reveal
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, item_id, md5, perform, sign_in

REVIEWER, DESK = "review", "cs"
# By now the newest of these orders has long been in.
LATELY, APART = timedelta(minutes=12), timedelta(minutes=4)
# Queue and fault, what is decided about one such order, and why.
DECISIONS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("Q07", "value_outlier"): ("review_reject", "customer_cancelled"),
    ("Q03", "duplicate_order"): ("merge_orders", "same_order_twice"),
}
LEFT_OVER = 2  # of each there are more for whoever looks around
SEEN = (("buyer_phone", "contact_customer"), ("ship_address", "ship_order"))


def make_demo_reviews(settings: Settings, ledger: Ledger, present: datetime) -> None:
    """Decides about one order of each kind, shows what was needed for it, fails once at it."""
    path = settings.demo_dir / "labels.csv"
    labels = pl.read_csv(path, schema_overrides={"order_id": pl.String})
    is_settled = pl.lit(value=False)
    for number, ((queue, fault), (verb, reason)) in enumerate(DECISIONS.items()):
        cases = labels.filter((pl.col("queue_code") == queue) & (pl.col("fault") == fault))
        orders = cases["order_id"].sort()
        if len(orders) <= LEFT_OVER:
            continue
        at = present - LATELY + APART * number
        step = Step(login=REVIEWER, verb=verb, at=at, args={"reason_code": reason})
        perform(ledger, _case(queue, orders[-1]), 0, step)
        # A hold outlasts the merging: until the shop has cancelled the order it is held too long.
        is_settled |= (pl.col("queue_code") == queue) & (pl.col("order_id") == orders[-1])
    labels.filter(~is_settled.fill_null(value=False)).write_csv(path)
    _look(ledger, labels, present - LATELY)


def _look(ledger: Ledger, labels: pl.DataFrame, now: datetime) -> None:
    """Whoever asks buyers about parcels that did not come needs to see whom to call."""
    asked = labels.filter(pl.col("queue_code") == "Q25")["order_id"].unique().sort()
    session = sign_in(ledger, DESK, now)
    for order_id, (column, reason) in zip(asked, SEEN, strict=False):
        access = Access(
            entity_type="contact", entity_id=f"{order_id}/{column}", order_id=order_id,
            snapshot_id="demo", reason_code=reason,
        )  # fmt: skip
        record_reveal(ledger, session, access, subject=column, now=now)
    failed = now + APART
    record_error(ledger, session, error_id=md5("demo page")[:12], kind="TimeoutError", now=failed)


def _case(queue: str, order_id: str) -> ObjectRef:
    return ObjectRef(
        queue_code=queue, item_id=item_id(queue, "order", order_id), entity_type="order",
        entity_id=order_id, order_id=order_id, shop_id=order_id.split("-", 1)[0],
    )  # fmt: skip
