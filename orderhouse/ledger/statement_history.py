"""The lines people chose for statements, shaped like the stream `statement_lines`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from orderhouse.ledger.engine import Ledger
from orderhouse.ledger.history import rows_after
from orderhouse.ledger.tables import AUDIT_LOG


def statement_lines_after(
    ledger: Ledger, seq: int, *, overlap: int = 0
) -> Iterator[dict[str, Any]]:
    """One row per line of each draft numbered above `seq`, plus `seq`; a later draft of the same
    statement replaces the lines of an earlier one."""
    drafted = AUDIT_LOG.c.verb == "statement_draft"
    for row in rows_after(ledger, seq - overlap, drafted):
        args = json.loads(row["args"])
        for line_id, kind, amount in args.get("lines") or ():
            yield {
                "seq": row["seq"],
                "statement_line_id": f"{row['action_id']}|{line_id}",
                "decision_id": row["action_id"],
                "statement_id": row["entity_id"],
                "drafted_at": row["at"],
                "supplier_id": args["supplier_id"],
                "currency_code": args["currency_code"],
                "line_id": line_id,
                "line_kind": kind,
                "amount": str(amount),
            }
