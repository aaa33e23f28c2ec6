"""Refunds staff of the demo business decided: paid, sent, waiting for finance, refused, taken back.

They live in the ledger; what the sources tell of the paid ones carries the same number.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from ingestion.demo.house_refunds import BOOK
from orderhouse.ledger import Ledger, ObjectRef
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, perform

DESK, CLERK = "cs", "finance"
ENTITY = "refund_request"
# What follows on the request: who, verb, arguments.
_NEXT: Mapping[str, tuple[tuple[str, str, Mapping[str, Any]], ...]] = {
    "refused": ((CLERK, "refund_refuse", {"reason_code": "not_convinced"}),),
    "withdrawn": ((DESK, "refund_withdraw", {}),),
}


def make_demo_refunds(settings: Settings, ledger: Ledger, present: datetime) -> None:
    """Asks for the refunds of the book, and decides about those that are decided."""
    path = settings.demo_dir / BOOK
    if not path.exists():
        return
    book = pl.read_csv(path, schema_overrides={"amount": pl.String, "captured": pl.String})
    for order_id, number, story, asked, amount, captured in book.rows():
        when = datetime.fromtimestamp(asked, UTC).replace(tzinfo=None)
        ask = {
            "amount": amount, "currency_code": "CNY", "reason_code": "goodwill",
            # Of a plain order that was paid whole and of which nothing has gone back.
            "captured_amount": captured, "refunded_amount": "0", "under_way_amount": "0",
            "counted": [],
        }  # fmt: skip
        steps = ((DESK, "refund_ask", ask), *_NEXT.get(story, ()))
        for version, (who, verb, args) in enumerate(steps):
            at = min(when + timedelta(hours=version), present)
            perform(
                ledger, _request(str(order_id), str(number)), version,
                Step(login=who, verb=verb, at=at, args=args),
            )  # fmt: skip


def _request(order_id: str, number: str) -> ObjectRef:
    return ObjectRef(
        queue_code=None, item_id=number, entity_type=ENTITY, entity_id=number, order_id=order_id,
        shop_id=order_id.split("-", 1)[0],
    )  # fmt: skip
