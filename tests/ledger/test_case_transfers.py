"""Goods asked for from a case: one decision, one transfer that two people agree to."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from orderhouse.ledger import (
    ActResult,
    Denied,
    Invalid,
    Ledger,
    ObjectRef,
    act,
    audit_verify,
    case_states,
    decisions_after,
    stock_requests_of,
)
from orderhouse.ledger.stock import replayed
from tests.ledger.test_case_refunds import kept, messages, status
from tests.ledger.test_stock import book
from tests.ledger.test_stock import do as step
from tests.support.people import NOW, add_person, signed_in

CASE = ObjectRef(queue_code="Q11", item_id="item-1", entity_type="order", entity_id="tb-1",
                 order_id="tb-1", shop_id="tb")  # fmt: skip


@pytest.fixture(autouse=True)
def _keepers(request: pytest.FixtureRequest) -> None:
    if "ledger" in request.fixturenames:
        ledger = request.getfixturevalue("ledger")
        add_person(ledger, "keeper2", "inventory")
        add_person(ledger, "elsewhere", "inventory", shops=("tb",))


def decide(ledger: Ledger, person: str, verb: str, version: int, **args: Any) -> ActResult:
    return act(
        ledger, signed_in(ledger, person, NOW), verb=verb, object=CASE, args=args,
        expected_version=version, idempotency_key=secrets.token_hex(8), now=NOW,
        snapshot_id="build-1",
    )  # fmt: skip


def bring(ledger: Ledger, person: str = "keeper", quantity: object = 5, **more: Any) -> str:
    args = {"sku": "SKU1", "warehouse_id": "WH2", "to_warehouse_id": "WH1",
            "quantity": str(quantity), "reason_code": "replenish"}  # fmt: skip
    decide(ledger, person, "transfer_goods", 0, **(args | book(ledger, 8) | more))
    [request] = stock_requests_of(ledger)
    return request.request_id


def test_the_case_opens_a_transfer_that_a_second_person_agrees_to(ledger: Ledger) -> None:
    name = bring(ledger)
    [row] = [row for row in decisions_after(ledger, 0) if row["verb"] == "transfer_goods"]
    assert (row["request_number"], row["order_id"]) == (name, "tb-1")
    assert (status(ledger), messages(ledger)) == ("snoozed", [])
    with pytest.raises(Denied):
        step(ledger, "keeper", "stock_approve", 1, name, **book(ledger, 8))
    assert step(ledger, "keeper2", "stock_approve", 1, name, **book(ledger, 8)).state == "under_way"
    # The warehouse is told once, by the transfer itself; the case goes on waiting for the goods.
    assert messages(ledger) == [("stock_approve", "pending")]
    assert (status(ledger), kept(ledger)) == ("snoozed", ["transfer_goods"])
    assert audit_verify(ledger).ok


@pytest.mark.parametrize(
    "wrong", [{"quantity": "9"}, {"quantity": "0"}, {"to_warehouse_id": "WH2"}, {"sku": ""}]
)
def test_what_cannot_be_sent_leaves_no_trace(ledger: Ledger, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        bring(ledger, **wrong)
    assert (stock_requests_of(ledger), status(ledger), kept(ledger)) == ([], "open", [])


@pytest.mark.parametrize("person", ["reviewer", "purchaser", "elsewhere"])
def test_who_does_not_move_stock_does_not_bring_goods(ledger: Ledger, person: str) -> None:
    with pytest.raises(Denied):
        bring(ledger, person)
    assert stock_requests_of(ledger) == []


@pytest.mark.parametrize(
    ("person", "verb", "args"),
    [("keeper2", "stock_refuse", {"reason_code": "not_convinced"}),
     ("keeper", "stock_withdraw", {})],
)  # fmt: skip
def test_a_transfer_that_is_not_made_gives_the_case_back(
    ledger: Ledger, person: str, verb: str, args: dict[str, str]
) -> None:
    name = bring(ledger)
    step(ledger, person, verb, 1, name, **args)
    assert (status(ledger), kept(ledger)) == ("open", [])
    assert audit_verify(ledger).ok
    with ledger.reading() as connection:
        states, _ = replayed(connection)
    assert states == {one.request_id: one for one in stock_requests_of(ledger)}


def test_taken_back_before_anybody_agreed_the_transfer_is_withdrawn(ledger: Ledger) -> None:
    bring(ledger)
    decide(ledger, "keeper", "undo", 1)
    assert [one.status for one in stock_requests_of(ledger)] == ["withdrawn"]
    assert (status(ledger), kept(ledger)) == ("open", [])


def test_taken_back_by_the_lead_the_transfer_is_turned_down(ledger: Ledger) -> None:
    bring(ledger)
    decide(ledger, "lead", "undo", 1)
    assert [one.status for one in stock_requests_of(ledger)] == ["refused"]
    assert (status(ledger), kept(ledger)) == ("open", [])


def test_goods_on_their_way_are_not_taken_back(ledger: Ledger) -> None:
    name = bring(ledger)
    step(ledger, "keeper2", "stock_approve", 1, name, **book(ledger, 8))
    with pytest.raises(Invalid, match="already_sent"):
        decide(ledger, "keeper", "undo", 1)
    assert case_states(ledger, ["item-1"])["item-1"].status == "snoozed"
