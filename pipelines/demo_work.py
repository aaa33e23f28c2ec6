"""What staff of the demo business did about cases this morning.

Some were taken and settled or found to be none, some put off, some decisions thought better of.
The oldest cases of each queue are left as they are: there is work for whoever looks around.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from orderhouse.ledger import Ledger, ObjectRef
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, item_id, perform

# Who works which queue. Their cases are about orders and were there before this morning.
STAFF: Mapping[str, str] = {"Q09": "review", "Q25": "cs"}
LEFT_ALONE, WORKED_ON = 24, 12
BEGAN_BEFORE, APART = timedelta(hours=5), timedelta(minutes=19)
# Verb, what is told with it, minutes after the case was taken up.
STORIES: tuple[tuple[tuple[str, Mapping[str, Any], int], ...], ...] = (
    (("claim", {}, 0), ("resolve", {"reason_code": "contacted_customer"}, 7)),
    (("claim", {}, 0), ("dismiss", {"reason_code": "false_alarm"}, 4)),
    (("claim", {}, 0), ("snooze", {"reason_code": "wait_customer"}, 3)),
    (("claim", {}, 0), ("dismiss", {"reason_code": "duplicate"}, 5), ("undo", {}, 9)),
)


def make_demo_work(settings: Settings, ledger: Ledger, present: datetime) -> None:
    """Has staff act on every queue of `STAFF` that has more cases than are left alone."""
    labels = pl.read_csv(settings.demo_dir / "labels.csv").filter(pl.col("entity_type") == "order")
    for queue, login in STAFF.items():
        orders = labels.filter(pl.col("queue_code") == queue)["order_id"].unique().sort()
        for number, order_id in enumerate(orders[LEFT_ALONE : LEFT_ALONE + WORKED_ON]):
            began = present - BEGAN_BEFORE + APART * number
            for version, (verb, told, minute) in enumerate(STORIES[number % len(STORIES)]):
                at = began + timedelta(minutes=minute)
                until = {"until": (at + timedelta(days=1)).isoformat()} if verb == "snooze" else {}
                step = Step(login=login, verb=verb, at=at, args={**told, **until})
                perform(ledger, _case(queue, order_id), version, step)


def _case(queue: str, order_id: str) -> ObjectRef:
    return ObjectRef(
        queue_code=queue, item_id=item_id(queue, "order", order_id), entity_type="order",
        entity_id=order_id, order_id=order_id, shop_id=order_id.split("-", 1)[0],
    )  # fmt: skip
