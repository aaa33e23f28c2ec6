"""What finance of the demo business has decided about lines of a bill: twice, or wrongly numbered.

They live in the ledger, not in files, so the labels of queue Q33 they settle are taken out here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from orderhouse.ledger import Ledger, ObjectRef
from orderhouse.settings import Settings
from pipelines.demo_acting import Step, item_id, md5, perform

CLERK, SUPERVISOR = "finance", "supervisor"
# One of each, the smallest amount first; what is left over is still open.
DECISIONS = (
    ("write_off", "too_small"),
    ("explain_break", "platform_subsidy"),
    ("adjust_break", "booking_wrong"),
    ("claim_break", "provider_error"),
)
LONG_AGO = timedelta(hours=3)


def make_demo_breaks(settings: Settings, ledger: Ledger, present: datetime) -> None:
    """Decides about some of the lines that the provider booked twice, and matches half of those
    whose number was typed wrong with their payment."""
    then = present - LONG_AGO
    lines = _book(settings, "double_lines.csv")
    chosen = list(zip(lines, DECISIONS, strict=False))[: max(len(lines) - 1, 0)]
    for (native_id, amount), (verb, reason) in chosen:
        _decide(ledger, native_id, amount, verb, reason, then)
    _unlabel(settings, "bill_line_double", [f"tb-{native_id}" for (native_id, _), _ in chosen])
    typed = _book(settings, "wrong_numbers.csv")
    matched = typed[: len(typed) // 2]
    for native_id, amount in matched:
        _match(ledger, native_id, amount, then)
    lone = [_break_id(f"T200P{native_id}X") for native_id, _ in matched]
    orders = [f"tb-{native_id}" for native_id, _ in matched]
    _unlabel(settings, "bill_number_wrong", [*orders, *lone])


def _book(settings: Settings, name: str) -> list[tuple[str, Decimal]]:
    """(native_id, amount) of what is to be decided about, the smallest amount first."""
    path = settings.demo_dir / name
    if not path.exists():
        return []
    rows = pl.read_csv(path, schema_overrides={"native_id": pl.String, "amount": pl.String})
    lines = [(str(number), Decimal(amount)) for number, amount in rows.rows()]
    return sorted(lines, key=lambda line: (line[1], line[0]))


def _break_id(key: str) -> str:
    return md5(f"RC2|{key}|CNY")


def _told(key: str, left: Decimal, right: Decimal) -> dict[str, Any]:
    return {
        "recon_code": "RC2", "match_key": key, "currency_code": "CNY",
        "left_amount": str(left), "right_amount": str(right),
    }  # fmt: skip


def _item(native_id: str, key: str) -> ObjectRef:
    return ObjectRef(
        queue_code="Q33",
        item_id=_item_id(key),
        entity_type="recon_break",
        entity_id=_break_id(key),
        order_id=f"tb-{native_id}",
        shop_id="tb",
        currency_code="CNY",
    )


def _item_id(key: str) -> str:
    return item_id("Q33", "recon_break", _break_id(key))


def _decide(
    ledger: Ledger, native_id: str, amount: Decimal, verb: str, reason: str, now: datetime
) -> None:
    key = f"T200P{native_id}"
    item = _item(native_id, key)
    args = {"reason_code": reason, **_told(key, amount, 2 * amount)}
    asked = perform(ledger, item, 0, Step(login=CLERK, verb=verb, at=now, args=args))
    if asked == "proposed":
        later = now + timedelta(hours=1)
        perform(ledger, item, 1, Step(login=SUPERVISOR, verb="approve", at=later))


def _match(ledger: Ledger, native_id: str, amount: Decimal, now: datetime) -> None:
    """The payment and the line with the wrong number are the same."""
    key, typed = f"T200P{native_id}", f"T200P{native_id}X"
    other = _told(typed, Decimal(0), amount) | {
        "item_id": _item_id(typed), "break_id": _break_id(typed), "order_id": None,
        "shop_id": "tb", "version": 0,
    }  # fmt: skip
    args = {"reason_code": "number_wrong", **_told(key, amount, Decimal(0)), "members": [other]}
    step = Step(login=CLERK, verb="match_manually", at=now, args=args)
    perform(ledger, _item(native_id, key), 0, step)


def _unlabel(settings: Settings, fault: str, subjects: list[str]) -> None:
    path = settings.demo_dir / "labels.csv"
    made = pl.read_csv(path, schema_overrides={"order_id": pl.String})
    is_settled = (
        (pl.col("queue_code") == "Q33")
        & (pl.col("fault") == fault)
        & pl.col("entity_id").is_in(subjects)
    )
    made.filter(~is_settled.fill_null(value=False)).write_csv(path)
