"""What was decided about stock, shaped like the streams `stock_movements` and `stock_counts`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.history import rows_after
from orderhouse.ledger.stock import stored_moves
from orderhouse.ledger.stock_requests import COUNT
from orderhouse.ledger.tables import AUDIT_LOG, STOCK_MOVES

_STEPS = {
    "stock_count": "counted",
    "stock_approve": "approved",
    "stock_refuse": "rejected",
    "stock_withdraw": "rejected",
}


def stock_movements_after(
    ledger: Ledger, seq: int, *, overlap: int = 0
) -> Iterator[dict[str, Any]]:
    """Agreed movements numbered above `seq`, plus `seq`."""
    with ledger.reading() as connection:
        rows = list(stored_moves(connection, STOCK_MOVES.c.seq > max(0, seq - overlap)))
    for number, move in rows:
        yield {
            "seq": number,
            "movement_id": move.movement_id,
            "sku": move.sku,
            "warehouse_id": move.warehouse_id,
            "lot": move.lot,
            "movement_type": move.movement_type,
            "quantity": f"{move.quantity:f}",
            "moved_at": move.moved_at,
            "reference": move.request_id,
            "reason": move.reason_code,
            "to_warehouse_id": move.to_warehouse_id,
        }


def stock_counts_after(ledger: Ledger, seq: int, *, overlap: int = 0) -> Iterator[dict[str, Any]]:
    """Counts entered by hand, step by step, numbered above `seq`, plus `seq`."""
    for row in rows_after(ledger, seq - overlap, AUDIT_LOG.c.verb.in_(sorted(_STEPS))):
        args = json.loads(row["args"])
        was_counted = row["verb"] == "stock_count"
        if not was_counted and args.get("kind") != COUNT:
            continue
        yield {
            "seq": row["seq"],
            "count_line_id": row["entity_id"],
            "count_id": row["entity_id"],
            "count_step": _STEPS[row["verb"]],
            "event_at": row["at"],
            "sku": args["sku"],
            "warehouse_id": args["warehouse_id"],
            "lot": args.get("lot"),
            "book_quantity": args.get("book_quantity") if was_counted else None,
            "counted_quantity": args.get("counted_quantity"),
            "reason": row["reason_code"],
            "actor_id": row["actor_id"],
        }
