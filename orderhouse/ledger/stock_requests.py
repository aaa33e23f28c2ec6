"""Adjustments, counts and transfers of stock that people ask for and a second person agrees to.

    new -> proposed -> approved                      an adjustment, a counted quantity
              |------> under_way -> received | short   a transfer: sent, then what arrived
              |------> refused | withdrawn

What is agreed becomes movements in the same transaction, each once, under the request's number.
That number goes out to the warehouse and comes back in its own movements, which then do not count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from orderhouse.ledger.errors import Invalid

# Of what the warehouse carries back; the fold finds its bookings of our movements by it.
NUMBER = re.compile(r"OHS-[0-9A-F]{12}")
ADJUSTMENT, COUNT, TRANSFER = "adjustment", "count", "transfer"
PROPOSALS: Mapping[str, str] = {
    "stock_adjust": ADJUSTMENT,
    "stock_count": COUNT,
    "stock_transfer": TRANSFER,
}
# verb -> the states it begins in.
BEGINS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(PROPOSALS, frozenset({"new"})),
    "stock_approve": frozenset({"proposed"}),
    "stock_refuse": frozenset({"proposed"}),
    "stock_withdraw": frozenset({"proposed"}),
    "stock_receive": frozenset({"under_way"}),
    "stock_write_off": frozenset({"under_way"}),
}
LOST = "lost_in_transit"
_PLACES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMove:
    """One movement a request led to. `quantity` is signed."""

    movement_id: str
    request_id: str
    sku: str
    warehouse_id: str
    lot: str | None
    movement_type: str
    quantity: Decimal
    moved_at: datetime
    reason_code: str | None
    to_warehouse_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockRequest:
    """One request as its steps so far add up. A transfer's quantity is what leaves: positive."""

    request_id: str
    version: int = 0
    status: str = "new"
    kind: str = ""
    sku: str = ""
    warehouse_id: str = ""
    to_warehouse_id: str | None = None
    lot: str | None = None
    quantity: Decimal = Decimal(0)
    counted_quantity: Decimal | None = None
    reason_code: str | None = None
    proposed_by: str | None = None
    proposed_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    received_quantity: Decimal = Decimal(0)
    lost_quantity: Decimal = Decimal(0)
    last_action_id: str | None = None

    @property
    def leaves(self) -> Decimal:
        """What the place it begins at gains (or loses, below zero) once it is agreed to."""
        return -self.quantity if self.kind == TRANSFER else self.quantity

    @property
    def under_way_quantity(self) -> Decimal:
        """Sent and neither arrived nor given up."""
        if self.kind != TRANSFER or self.status not in {"under_way", "received", "short"}:
            return Decimal(0)
        return self.quantity - self.received_quantity - self.lost_quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done to a request: what, by whom, when, as which row, with which arguments."""

    verb: str
    actor_id: str
    action_id: str
    now: datetime
    reason_code: str | None
    args: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """A request after a step, and the movements the step makes."""

    request: StockRequest
    moves: tuple[StockMove, ...] = ()


def pieces(value: Any) -> Decimal:
    """A quantity as it is stored: finite, with at most four places."""
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Invalid("stock.bad_quantity") from error
    if (
        not number.is_finite()
        or abs(number) >= Decimal(10) ** 12
        or number != round(number, _PLACES)
    ):
        raise Invalid("stock.bad_quantity")
    return number


def moved(state: StockRequest, step: Step) -> Moved:
    """The state after a step. Pure: what the chain says, replayed, gives the same states."""
    if state.status not in BEGINS[step.verb]:
        raise Invalid("stock.wrong_state", verb=step.verb, state=state.status)
    after = replace(state, version=state.version + 1, last_action_id=step.action_id)
    if step.verb in PROPOSALS:
        return Moved(_proposed(after, step))
    if step.verb == "stock_receive":
        return _received(after, step)
    if step.verb == "stock_write_off":
        return _written_off(after, step)
    after = replace(after, decided_by=step.actor_id, decided_at=step.now)
    if step.verb == "stock_approve":
        return _approved(after, step)
    ended = {"stock_refuse": "refused", "stock_withdraw": "withdrawn"}[step.verb]
    return Moved(replace(after, status=ended))


def _proposed(after: StockRequest, step: Step) -> StockRequest:
    kind, args = PROPOSALS[step.verb], step.args
    sku, warehouse = _name(args.get("sku")), _name(args.get("warehouse_id"))
    to_warehouse = _name(args.get("to_warehouse_id"))
    if not NUMBER.fullmatch(after.request_id):
        raise Invalid("stock.bad_number")
    if sku is None or warehouse is None:
        raise Invalid("stock.needs_place")
    if kind == TRANSFER and to_warehouse in (None, warehouse):
        raise Invalid("stock.needs_other_warehouse")
    counted = None
    if kind == COUNT:
        counted = pieces(args.get("counted_quantity"))
        if counted < 0:
            raise Invalid("stock.bad_quantity")
        quantity = counted - pieces(args.get("book_quantity"))
    else:
        quantity = pieces(args.get("quantity"))
    if quantity == 0 or (kind == TRANSFER and quantity < 0):
        raise Invalid("stock.moves_nothing")
    return replace(
        after,
        status="proposed",
        kind=kind,
        sku=sku,
        warehouse_id=warehouse,
        to_warehouse_id=to_warehouse if kind == TRANSFER else None,
        lot=_name(args.get("lot")),
        quantity=quantity,
        counted_quantity=counted,
        reason_code=step.reason_code,
        proposed_by=step.actor_id,
        proposed_at=step.now,
    )


def _name(value: Any) -> str | None:
    return str(value or "").strip() or None


def _approved(after: StockRequest, step: Step) -> Moved:
    if after.kind == TRANSFER:
        sent = _move(after, step, "transfer_out", -after.quantity, to=after.to_warehouse_id)
        return Moved(replace(after, status="under_way"), (sent,))
    if after.kind == COUNT:
        kind = "count_gain" if after.quantity > 0 else "count_loss"
    else:
        kind = "adjust"
    return Moved(replace(after, status="approved"), (_move(after, step, kind, after.quantity),))


def _received(after: StockRequest, step: Step) -> Moved:
    """What has arrived, at once or in parts; the rest stays under way, where everybody sees it."""
    arrived = pieces(step.args.get("quantity"))
    if arrived <= 0:
        raise Invalid("stock.moves_nothing")
    if arrived > after.under_way_quantity:
        raise Invalid("stock.more_than_sent", n=str(after.under_way_quantity.normalize()))
    after = replace(after, received_quantity=after.received_quantity + arrived)
    after = replace(after, status="under_way" if after.under_way_quantity else "received")
    return Moved(after, (_move(after, step, "transfer_in", arrived, at=after.to_warehouse_id),))


def _written_off(after: StockRequest, step: Step) -> Moved:
    """What never arrived: in on paper, so that the transfer adds up to nothing, and lost there."""
    lost = pieces(step.args.get("quantity"))
    if lost <= 0:
        raise Invalid("stock.moves_nothing")
    if lost > after.under_way_quantity:
        raise Invalid("stock.more_than_sent", n=str(after.under_way_quantity.normalize()))
    place = after.to_warehouse_id
    moves = (
        _move(after, step, "transfer_in", lost, at=place, reason=LOST),
        _move(after, step, "adjust", -lost, at=place, reason=LOST),
    )
    after = replace(after, lost_quantity=after.lost_quantity + lost)
    return Moved(replace(after, status="under_way" if after.under_way_quantity else "short"), moves)


def _move(  # noqa: PLR0913  a movement is what it is
    state: StockRequest,
    step: Step,
    kind: str,
    quantity: Decimal,
    *,
    at: str | None = None,
    to: str | None = None,
    reason: str | None = None,
) -> StockMove:
    return StockMove(
        movement_id=f"{state.request_id}|{kind}|{step.action_id}",
        request_id=state.request_id,
        sku=state.sku,
        warehouse_id=at or state.warehouse_id,
        lot=state.lot,
        movement_type=kind,
        quantity=quantity,
        moved_at=step.now,
        reason_code=reason or state.reason_code,
        to_warehouse_id=to,
    )


def place_of(state: StockRequest) -> dict[str, str]:
    """What a receiver needs to book it, and what the chain keeps beside a decision about it."""
    told = {
        "kind": state.kind,
        "sku": state.sku,
        "warehouse_id": state.warehouse_id,
        "to_warehouse_id": state.to_warehouse_id,
        "lot": state.lot,
        "quantity": f"{state.quantity:f}",
    }
    return {name: value for name, value in told.items() if value is not None}
