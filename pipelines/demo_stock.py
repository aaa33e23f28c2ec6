"""What staff of the demo business have asked to change in the stock, and what became of it.

It lives in the ledger: two requests wait for somebody else, one was refused, one taken back, and
one was agreed to, which the warehouse has not booked yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from ingestion.demo.plan import WAREHOUSE
from ingestion.demo.stock_specials import SECOND_WAREHOUSE
from orderhouse.ledger import Ledger, ObjectRef
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, perform

STOCK, WAREHOUSE_CLERK, LEAD = "stock", "warehouse", "lead"
Told = tuple[str, str, float, Mapping[str, Any]]  # who, verb, hours ago, arguments


def make_demo_stock(settings: Settings, ledger: Ledger, present: datetime) -> None:
    """Asks for changes of articles whose count was right, and decides about some of them."""
    book = settings.demo_dir / "held.csv"
    if not book.exists():
        return
    held = [(str(sku), int(there)) for sku, there in pl.read_csv(book).rows()]
    for (sku, there), steps in zip(held, _stories([there for _, there in held]), strict=False):
        for name, story in enumerate(steps):
            _live(ledger, sku, f"{sku}|{name}", there, present, story)


def _stories(there: list[int]) -> list[list[list[Told]]]:
    """Per article, the requests about it with their steps."""
    damaged = {"quantity": "-2", "reason_code": "damaged", "comment": "运输箱破损"}
    found = {"quantity": "1", "reason_code": "found"}
    sent = {"quantity": "3", "reason_code": "rebalance", "to_warehouse_id": SECOND_WAREHOUSE}
    lost = {"quantity": "-6", "reason_code": "lost"}
    return [
        [[(STOCK, "stock_adjust", 3, damaged)]],
        [[(WAREHOUSE_CLERK, "stock_count", 2, {"counted_quantity": str(number - 1)})]
         for number in there[1:2]],
        [[(STOCK, "stock_adjust", 5, found), (LEAD, "stock_approve", 4, {})],
         [(STOCK, "stock_transfer", 26, sent), (STOCK, "stock_withdraw", 25, {})]],
        [[(STOCK, "stock_adjust", 7, lost),
          (LEAD, "stock_refuse", 6, {"reason_code": "recount_first"})]],
    ]  # fmt: skip


def _live(
    ledger: Ledger, sku: str, seed: str, there: int, present: datetime, story: list[Told]
) -> None:
    number = hashlib.sha256(f"demo {seed}".encode()).hexdigest()[:12].upper()
    name = f"OHS-{number}"
    item = ObjectRef(queue_code=None, item_id=name, entity_type="stock_request", entity_id=name)
    seen = {"book_quantity": str(there), "seen_seq": 0}
    for version, (who, verb, hours, told) in enumerate(story):
        args = dict(told)
        if version == 0:
            args |= {"sku": sku, "warehouse_id": WAREHOUSE}
        if version == 0 or verb == "stock_approve":
            args |= seen
        at = present - timedelta(hours=hours)
        perform(ledger, item, version, Step(login=who, verb=verb, at=at, args=args))
