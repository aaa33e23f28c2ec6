"""A supplier's account as it stands now: the snapshot's lines under the ledger's statements.

The snapshot says what was shipped, came back or was agreed; which of it a statement holds is read
from the ledger, so that what was drafted a minute ago is not offered again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from orderhouse.ledger import Statement

Line = Mapping[str, Any]
# Days since a shipment, and what the bucket is called.
AGES = ((30, "0_30"), (60, "31_60"), (90, "61_90"), (None, "over_90"))
SETTLED = frozenset({"approved", "paid"})
OPEN = frozenset({"draft", "submitted"})


@dataclass(frozen=True, kw_only=True)
class Age:
    """Shipments of one age that are in no statement."""

    code: str
    count: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Account:
    """One supplier in one currency."""

    supplier_id: str
    currency_code: str
    lines: Sequence[Line]
    statements: Sequence[Statement]

    @cached_property
    def holders(self) -> dict[str, Statement]:
        """line -> the statement that holds it."""
        return {
            line.line_id: statement
            for statement in self.statements
            if statement.status in SETTLED | OPEN
            for line in statement.lines
        }

    @cached_property
    def free(self) -> list[Line]:
        """Lines in no statement."""
        return [line for line in self.lines if line["line_id"] not in self.holders]

    def offered(self, statement: Statement | None) -> list[Line]:
        """Lines that may be put into a statement: the free ones and its own."""
        return [
            line
            for line in self.lines
            if (holder := self.holders.get(line["line_id"])) is None
            or (statement is not None and holder.statement_id == statement.statement_id)
        ]

    def shipped(self) -> Decimal:
        return self._sum("shipment")

    def returned(self) -> Decimal:
        return -self._sum("return")

    def borne(self) -> Decimal:
        """Compensation that is the supplier's part."""
        return -self._sum("compensation")

    def reconciled(self) -> Decimal:
        return self._total(SETTLED)

    def in_statement(self) -> Decimal:
        return self._total(OPEN)

    def remaining(self) -> Decimal:
        return self.shipped() - self.returned() - self.borne() - self.reconciled()

    def ages(self, now: datetime) -> list[Age]:
        """Shipments in no statement by the days since they left."""
        found = {code: [0, Decimal(0)] for _, code in AGES}
        for line in self.free:
            if line["line_kind"] == "shipment":
                days = (now - line["owed_at"]) / timedelta(days=1)
                bucket = found[next(code for most, code in AGES if most is None or days <= most)]
                bucket[0] += 1
                bucket[1] += line["amount"]
        return [
            Age(code=code, count=int(n), amount=Decimal(total))
            for code, (n, total) in found.items()
        ]

    def _sum(self, kind: str) -> Decimal:
        return sum((line["amount"] for line in self.lines if line["line_kind"] == kind), Decimal(0))

    def _total(self, states: frozenset[str]) -> Decimal:
        mine = (one.total_amount for one in self.statements if one.status in states)
        return sum(mine, Decimal(0))


def total(lines: Sequence[Line]) -> Decimal:
    return sum((line["amount"] for line in lines), Decimal(0))
