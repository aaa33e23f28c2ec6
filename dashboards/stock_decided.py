"""What was agreed about stock, as a table a query lays over the snapshot's positions.

A movement that the snapshot already has falls away by its id, so it counts at once and never twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from orderhouse.ledger import Ledger, stock_moves_since

SCHEMA = pa.schema(
    [
        ("movement_id", pa.string()),
        ("sku", pa.string()),
        ("warehouse_id", pa.string()),
        ("lot", pa.string()),
        ("quantity", pa.decimal128(18, 4)),
        ("moved_at", pa.timestamp("us")),
    ]
)
# A build knows every decision made before it began, and none takes longer.
LONGEST_BUILD = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Movements since about the build, complete up to a row of the chain."""

    moves: pa.Table
    seen_seq: int


def decided_since(ledger: Ledger, built_at: datetime) -> Decided:
    """What was agreed to that a build published at `built_at` may not have."""
    moves, seen_seq = stock_moves_since(ledger, built_at - LONGEST_BUILD)
    columns = {name: [getattr(move, name) for move in moves] for name in SCHEMA.names}
    return Decided(moves=pa.table(columns, schema=SCHEMA), seen_seq=seen_seq)
