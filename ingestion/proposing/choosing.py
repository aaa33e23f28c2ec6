"""Which streams the rows of a sample are, and which column each header is."""

from __future__ import annotations

from ingestion.proposing.sample import Sample
from ingestion.proposing.synonyms import column_for
from ingestion.records import STREAMS
from ingestion.records.schema import Kind, Stream

# Streams a table may be of, the likelier first; others have to be named.
LIKELY = (
    "orders", "order_lines", "payments", "shipments", "refunds", "settlement_lines", "bank_lines",
    "tracking_events", "stock_snapshots", "stock_movements", "purchase_orders", "products",
)  # fmt: skip
# What rows of a table of orders may be besides, in this order.
TOGETHER = ("orders", "order_lines", "payments", "shipments")


def match(sample: Sample, stream: Stream) -> dict[str, str]:
    """Column of the stream -> header; each header once, the first one that is called so."""
    found: dict[str, str] = {}
    for header in sample.columns:
        column = column_for(header, stream.name)
        if column is not None and column not in found and _fits(sample, header, stream, column):
            found[column] = header
    return found


def _fits(sample: Sample, header: str, stream: Stream, column: str) -> bool:
    """Whether what stands there can be what its name says: a code one of the codes, and so on.

    A cell that is no number does not make its column something else; it goes to quarantine.
    """
    kind = stream.column(column)
    values = sample.values(header)[:50]
    if kind.kind is Kind.CODE and kind.codes:
        return all(value.casefold() in kind.codes for value in values)
    if kind.kind in (Kind.MONEY, Kind.QUANTITY, Kind.INTEGER, Kind.TIME):
        numbers = sum(any(c.isdigit() for c in value) for value in values)
        return numbers * 2 > len(values) or not values
    return True


def guess(sample: Sample) -> tuple[str, ...]:
    scores: dict[str, tuple[int, int]] = {}
    for name in LIKELY:
        stream = STREAMS[name]
        matched = match(sample, stream)
        needed = [c.name for c in stream.columns if c.required and c.kind is not Kind.ID]
        scores[name] = (-sum(c not in matched for c in needed), len(matched))
    best = max(LIKELY, key=lambda name: (scores[name], -LIKELY.index(name)))
    if scores[best][1] < 2:
        return ()
    if best not in TOGETHER or "channel_order_id" not in match(sample, STREAMS["orders"]):
        return (best,)
    return tuple(name for name in TOGETHER if _has_its_own(sample, name))


def _has_its_own(sample: Sample, stream: str) -> bool:
    """Whether a table of orders says what makes a record of the stream."""
    own = {
        "orders": {"placed_at"}, "order_lines": {"quantity", "sku"},
        "payments": {"paid_at", "amount"}, "shipments": {"tracking_number"},
    }[stream]  # fmt: skip
    matched = set(match(sample, STREAMS[stream]))
    if stream == "payments":
        return "paid_at" in matched and bool(
            {"amount"} & matched or "payable_amount" in match(sample, STREAMS["orders"])
        )
    return own <= matched


def order_number(matches: dict[str, dict[str, str]]) -> str | None:
    for matched in matches.values():
        for column in ("channel_order_id", "order_id"):
            if column in matched:
                return matched[column]
    return None
