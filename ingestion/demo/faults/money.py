"""Payments, bill lines and refunds that do not match."""

from __future__ import annotations

import numpy as np

from ingestion.demo.faults.maker import FaultMaker
from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, HOUR, MINUTE, SHOPIFY, TAOBAO


def payments(maker: FaultMaker) -> None:
    old = maker.settled_long_ago
    short = maker.choose("payment_short", old & (maker.owed >= 2_000))
    maker.columns["captured_delta"][short] = -maker.rng.integers(100, 900, len(short))
    over = maker.choose("payment_over", old)
    maker.columns["captured_delta"][over] = maker.rng.integers(2, 900, len(over))
    double = maker.choose("payment_double", old & (maker.columns["shop"] == SHOPIFY))
    # Finance let them go all the same, before the warehouse had them.
    gaps = np.concatenate([short, over, double])
    maker.columns["finance_passed"][gaps] = maker.columns["paid"][gaps] + maker.rng.integers(
        12 * MINUTE, 24 * MINUTE, len(gaps)
    )


def topped_up(maker: FaultMaker) -> None:
    """Paid a third short, passed by finance on the promise of the rest, which came."""
    old = maker.settled_long_ago & (maker.columns["shop"] == SHOPIFY) & ~maker.columns["is_split"]
    chosen = maker.choose("payment_topped_up", old)
    maker.columns["finance_passed"][chosen] = maker.columns["paid"][chosen] + maker.rng.integers(
        12 * MINUTE, 24 * MINUTE, len(chosen)
    )


def presold(maker: FaultMaker) -> None:
    """Nothing is wrong with these: a deposit first, and the rest hours later, before its day."""
    chosen = maker.choose("presold", maker.settled_long_ago & _plain(maker))
    maker.put_off(chosen, maker.rng.integers(5 * HOUR, 9 * HOUR, len(chosen)))


def rest_overdue(maker: FaultMaker) -> None:
    """A deposit whose rest never came, and nobody closed the order."""
    online = maker.lives & ~maker.columns["is_cod"]
    old = maker.between(maker.columns["placed"], 15 * DAY, 4 * DAY)
    chosen = maker.choose("rest_overdue", online & old & _plain(maker))
    maker.stop_before_release(chosen)
    maker.columns["paid"][chosen] = NEVER


def _plain(maker: FaultMaker) -> np.ndarray:
    columns = maker.columns
    is_alone = (columns["shop"] == SHOPIFY) & ~columns["is_split"] & (columns["supplier"] == "")
    return is_alone & (columns["risk"] == "")


def bills(maker: FaultMaker) -> None:
    on_taobao = maker.settled_long_ago & (maker.columns["shop"] == TAOBAO)
    for fault in ("bill_line_missing", "bill_amount_wrong", "bill_line_double"):
        maker.choose(fault, on_taobao)
    maker.choose("fee_wrong", maker.settled_long_ago & (maker.columns["shop"] == SHOPIFY))


def refunds(maker: FaultMaker) -> None:
    delivered = maker.lives & maker.between(maker.columns["delivered"], 25 * DAY, 12 * DAY)
    maker.choose("refund_failed", delivered & ~maker.columns["is_cod"])


def refund_accounts(maker: FaultMaker) -> None:
    """Refunds and amends that two accounts tell differently: of the goods, the case, the bill."""
    old = maker.between(maker.columns["delivered"], 45 * DAY, 22 * DAY)
    returned = maker.lives & ~maker.columns["is_cod"] & old
    on_taobao = maker.columns["shop"] == TAOBAO
    for fault in ("refund_line_wrong", "refund_line_missing"):
        maker.choose(fault, returned & on_taobao)
    # The rest of the order pays for what one line gets too much.
    maker.choose("refund_above_share", returned & on_taobao & _has_several(maker))
    for fault in ("compensation_unpaid", "compensation_short"):
        maker.choose(fault, returned)
    maker.choose("refund_unknown", maker.settled_long_ago & on_taobao)


def invoices(maker: FaultMaker) -> None:
    """Invoices that are missing, wrong or double; and one that nobody took back with the order."""
    on_taobao = maker.settled_long_ago & (maker.columns["shop"] == TAOBAO)
    for fault in ("invoice_missing", "invoice_short", "invoice_over", "invoice_double"):
        maker.choose(fault, on_taobao)
    cancelled = maker.between(maker.columns["cancelled"], 50 * DAY, 7 * DAY)
    regretted = cancelled & (maker.columns["paid"] != NEVER)
    maker.choose("invoice_not_credited", regretted & (maker.columns["shop"] == TAOBAO))


def _has_several(maker: FaultMaker) -> np.ndarray:
    counts = np.bincount(maker.lines["n"], minlength=len(maker.free))
    return counts[maker.columns["n"]] > 1
