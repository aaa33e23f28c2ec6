"""What finance of the demo business has decided about lines that are on a bill twice.

They live in the ledger, not in files, so the labels of queue Q33 they settle are taken out here.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

import polars as pl

from orderhouse.ledger import Ledger, ObjectRef, act, session_for, start_session
from orderhouse.settings import Settings

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
    """Decides about some of the lines that the provider booked twice."""
    book = settings.demo_dir / "double_lines.csv"
    if not book.exists():
        return
    rows = pl.read_csv(book, schema_overrides={"native_id": pl.String, "amount": pl.String})
    lines = sorted(rows.select("native_id", "amount").rows(), key=lambda row: Decimal(row[1]))
    chosen = list(zip(lines, DECISIONS, strict=False))[: max(len(lines) - 1, 0)]
    for (native_id, amount), (verb, reason) in chosen:
        _decide(ledger, native_id, Decimal(amount), verb, reason, present - LONG_AGO)
    _unlabel(settings, [f"tb-{native_id}" for (native_id, _), _ in chosen])


def _decide(
    ledger: Ledger, native_id: str, amount: Decimal, verb: str, reason: str, now: datetime
) -> None:
    key = f"T200P{native_id}"
    break_id = _md5(f"RC2|{key}|CNY")
    item = ObjectRef(
        queue_code="Q33",
        item_id=_md5(f"Q33|recon_break|{break_id}|1"),
        entity_type="recon_break",
        entity_id=break_id,
        order_id=f"tb-{native_id}",
        shop_id="tb",
        currency_code="CNY",
    )
    told = {
        "recon_code": "RC2", "match_key": key, "currency_code": "CNY",
        "left_amount": str(amount), "right_amount": str(2 * amount),
    }  # fmt: skip
    args = {"reason_code": reason, **told}
    asked = _act(ledger, CLERK, item, verb, args=args, version=0, now=now)
    if asked == "proposed":
        later = now + timedelta(hours=1)
        _act(ledger, SUPERVISOR, item, "approve", args={}, version=1, now=later)


def _act(  # noqa: PLR0913  as `act`
    ledger: Ledger, who: str, item: ObjectRef, verb: str, *, args: dict[str, str], version: int,
    now: datetime,
) -> str:  # fmt: skip
    session = session_for(ledger, start_session(ledger, who, now=now, ip="127.0.0.1"), now)
    if session is None:
        raise RuntimeError(f"the demo account {who} cannot sign in")
    return act(
        ledger,
        session,
        verb=verb,
        object=item,
        args=args,
        expected_version=version,
        idempotency_key=f"demo-{item.item_id}-{version}",
        now=now,
        snapshot_id="demo",
    ).state


def _md5(key: str) -> str:
    return hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()


def _unlabel(settings: Settings, order_ids: list[str]) -> None:
    path = settings.demo_dir / "labels.csv"
    made = pl.read_csv(path, schema_overrides={"order_id": pl.String})
    is_settled = (
        (pl.col("queue_code") == "Q33")
        & (pl.col("fault") == "bill_line_double")
        & pl.col("order_id").is_in(order_ids)
    )
    made.filter(~is_settled.fill_null(value=False)).write_csv(path)
