"""The suites, as data: what is expected of records at the door and of the candidate.

Each expectation is (GX expectation, its arguments, severity). `critical` blocks, `warning` reports.
The frames they run on are made in `frames.py`: bounded, and without any personal column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One expectation of a suite: the GX class by name, its arguments, what a failure means."""

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    severity: str = "critical"
    meaning: str = ""


def _zero(column: str, meaning: str, severity: str = "critical") -> Expectation:
    return Expectation(
        kind="ExpectColumnMaxToBeBetween",
        arguments={"column": column, "max_value": 0, "min_value": 0},
        severity=severity,
        meaning=meaning,
    )


def _filled(column: str, meaning: str) -> Expectation:
    return Expectation(
        kind="ExpectColumnValuesToNotBeNull", arguments={"column": column}, meaning=meaning
    )


# A frame of one row: counts over all new records of one stream.
DOOR_TOTALS: tuple[Expectation, ...] = (
    _zero("null_keys", "every record has its natural key"),
    _zero("null_event_times", "every record says when it happened"),
    _zero("null_sources", "every record says where it came from"),
    _zero("bad_byte_ranges", "every record points at bytes of its file"),
    _zero("unknown_loads", "every record belongs to a load"),
    _zero("events_after_receipt", "nothing arrives long before it happens", "warning"),
    _zero("events_before_2000", "nothing happened before the year 2000", "warning"),
)

# A bounded sample of the new records themselves.
DOOR_SAMPLE: tuple[Expectation, ...] = (
    _filled("record_key", "the natural key is there"),
    _filled("record_hash", "the version is there"),
    Expectation(
        kind="ExpectColumnValueLengthsToEqual",
        arguments={"column": "record_hash", "value": 32},
        meaning="the version is a hash",
    ),
    Expectation(
        kind="ExpectColumnValueLengthsToEqual",
        arguments={"column": "file_id", "value": 64},
        meaning="the file is known by its sha256",
    ),
)

# A frame of one row: counts over the candidate marts.
CANDIDATE: tuple[Expectation, ...] = (
    _zero("duplicate_orders", "an order stands once"),
    _zero("orders_without_headline", "every order has a headline"),
    _zero("lines_without_order", "every line has its order"),
    _zero("states_that_disagree", "the last state of an order is its state"),
    _zero("recon_residue", "left - right = breaks, exactly"),
    _zero("negative_quantities", "no order has negative counters"),
    _zero("duplicate_items", "a queue item stands once"),
    _zero("items_without_queue", "every item belongs to a known queue"),
    _zero("items_without_why", "every item says why it is there"),
    _zero("closed_before_opened", "no item closes before it opens"),
    _zero("loads_that_leak", "each load: read = recorded + quarantined + skipped"),
    _zero("orders_lost", "orders in = orders out"),
    _zero("double_or_float_money", "money is decimal"),
    Expectation(
        kind="ExpectColumnMinToBeBetween",
        arguments={"column": "orders", "min_value": 0},
        meaning="there is a table of orders",
    ),
)
