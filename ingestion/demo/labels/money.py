"""Payments, bills and refunds that do not match."""

from __future__ import annotations

from hashlib import md5

import polars as pl

from ingestion.demo import marketplace
from ingestion.demo.business import Business
from ingestion.demo.labels.shape import of_entities, of_fault, of_orders
from ingestion.demo.payouts import NOT_RECEIVED, UNDERSTATED
from ingestion.demo.plan import SHOPIFY
from ingestion.demo.retold import TOGETHER, WRONG_NUMBER, retold


def labels(business: Business) -> list[pl.DataFrame]:
    by_queue = {
        "Q06": ("payment_short", "payment_over", "payment_double"),
        "Q28": ("refund_failed",),
        "Q33": (
            "bill_line_missing",
            "bill_amount_wrong",
            "bill_line_double",
            "fee_wrong",
            "freight_wrong",
            "freight_not_billed",
            "cod_not_remitted",
            "cod_short",
            "claim_unpaid",
            "refund_line_wrong",
            "refund_line_missing",
            "refund_unknown",
            "refund_above_share",
            "compensation_unpaid",
            "compensation_short",
            "invoice_missing",
            "invoice_short",
            "invoice_over",
            "invoice_double",
            "invoice_not_credited",
        ),
    }
    return [
        *(
            of_fault(queue, business.orders, fault)
            for queue, faults in by_queue.items()
            for fault in faults
        ),
        # Of an order that is settled and unknown only the order is missing.
        *(
            of_fault("Q01" if fault == marketplace.NOT_ORDERED else "Q33", business.amazon, fault)
            for fault in (*marketplace.FAULTS, *marketplace.REFUND_FAULTS)
            if fault != marketplace.UNNAMED
        ),
        # What nobody has named is named once, however many orders it was taken from.
        of_entities("Q33", "recon_break", _unnamed(business), marketplace.UNNAMED),
        *_wrong_numbers(business),
        *_booked_together(business),
        *(
            of_entities("Q33", "recon_break", [_hashed(key)], fault)
            for key, fault in business.account_gaps
        ),
        *(
            of_entities("Q33", "recon_break", _breaks(business, recon, fault), fault)
            for recon, fault in (("RC5", UNDERSTATED), ("RC6", NOT_RECEIVED))
        ),
    ]


def _wrong_numbers(business: Business) -> list[pl.DataFrame]:
    """The payment is missing on the bill, and a line is there that no payment has."""
    found = retold(business.plan, business.orders).filter(pl.col("retold") == WRONG_NUMBER)
    lines = [_hashed(f"RC2|T200P{number}X|CNY") for number in found["native_id"]]
    return [
        of_orders("Q33", found, WRONG_NUMBER),
        of_entities("Q33", "recon_break", lines, WRONG_NUMBER),
    ]


def _booked_together(business: Business) -> list[pl.DataFrame]:
    """Payments that one line of the bill sums up: each is missing, and the line is nobody's."""
    found = retold(business.plan, business.orders).filter(pl.col("retold") == TOGETHER)
    last = found.join(business.orders.select("native_id", "paid"), on="native_id").sort(
        "paid", "native_id"
    )
    keys = [f"RC2|T200P{number}S|CNY" for number in last["native_id"][-1:]]
    return [
        of_orders("Q33", found, TOGETHER),
        of_entities("Q33", "recon_break", [_hashed(key) for key in keys], TOGETHER),
    ]


def _unnamed(business: Business) -> list[str]:
    """The one difference of a kind of fee no policy knows, if any order was charged it."""
    if business.amazon.filter(pl.col("fault") == marketplace.UNNAMED).is_empty():
        return []
    return [_hashed(f"RC7U|{marketplace.AMAZON}@ItemFees/{marketplace.UNKNOWN_FEE}|USD")]


def _breaks(business: Business, recon: str, fault: str) -> list[str]:
    """What the breaks of wrong payouts are called."""
    wrong = business.payouts.filter(pl.col("fault") == fault)["payout"]
    return [_hashed(f"{recon}|{SHOPIFY}-{number}|USD") for number in wrong]


def _hashed(key: str) -> str:
    """What a difference is called."""
    return md5(key.encode(), usedforsecurity=False).hexdigest()
