"""Stock decided in the house: two people, nothing below zero, every piece once, a whole chain."""

from __future__ import annotations

import secrets
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import update

from orderhouse.ledger import (
    ActResult,
    Conflict,
    Denied,
    IdempotencyMismatch,
    Invalid,
    Ledger,
    LedgerError,
    ObjectRef,
    act,
    audit_verify,
    decisions_after,
    head_seq,
    open_ledger,
    stock_counts_after,
    stock_movements_after,
    stock_requests_of,
)
from orderhouse.ledger.engine import HEAD_REVISION, MIGRATIONS
from orderhouse.ledger.stock import ENTITY, replayed
from orderhouse.ledger.tables import (
    CASE_LINKS,
    MENTIONS,
    OUTBOX,
    REFUND_REQUESTS,
    STOCK_MOVES,
    STOCK_REQUESTS,
)
from tests.support.people import CHEAP, NOW, add_person, signed_in

ONE, TWO = "OHS-0000000000A1", "OHS-0000000000A2"
PLACE = {"sku": "SKU1", "warehouse_id": "WH1"}


@pytest.fixture(autouse=True)
def _second_keeper(request: pytest.FixtureRequest) -> None:
    if "ledger" in request.fixturenames:
        ledger = request.getfixturevalue("ledger")
        add_person(ledger, "keeper2", "inventory")
        add_person(ledger, "packer", "warehouse")


def do(
    ledger: Ledger, person: str, verb: str, version: int, name: str = ONE, **args: Any
) -> ActResult:
    key = args.pop("key", secrets.token_hex(8))
    return act(
        ledger,
        signed_in(ledger, person, NOW),
        verb=verb,
        object=ObjectRef(queue_code=None, item_id=name, entity_type=ENTITY, entity_id=name),
        args=args,
        expected_version=version,
        idempotency_key=key,
        now=NOW,
        snapshot_id="build-1",
    )


def book(ledger: Ledger, pieces: object) -> dict[str, Any]:
    return {"book_quantity": str(pieces), "seen_seq": head_seq(ledger)}


def adjust(
    ledger: Ledger, pieces: object, there: object = 5, name: str = ONE, person: str = "keeper",
    **more: Any,
) -> ActResult:  # fmt: skip
    args = {**PLACE, "quantity": str(pieces), "reason_code": "damaged", **book(ledger, there)}
    return do(ledger, person, "stock_adjust", 0, name, **(args | more))


def transfer(ledger: Ledger, pieces: object, there: object = 10, name: str = ONE) -> ActResult:
    return do(
        ledger, "keeper", "stock_transfer", 0, name, **PLACE, to_warehouse_id="WH2",
        quantity=str(pieces), reason_code="rebalance", **book(ledger, there),
    )  # fmt: skip


def moves(ledger: Ledger) -> list[tuple[str, str, str, float]]:
    return [
        (row["reference"], row["warehouse_id"], row["movement_type"], float(row["quantity"]))
        for row in stock_movements_after(ledger, 0)
    ]


def test_an_adjustment_moves_nothing_until_a_second_person_agrees(ledger: Ledger) -> None:
    adjust(ledger, -2)
    assert moves(ledger) == []
    done = do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 5))
    assert (done.state, done.version) == ("approved", 2)
    assert moves(ledger) == [(ONE, "WH1", "adjust", -2.0)]
    assert audit_verify(ledger).ok


@pytest.mark.parametrize("verb", ["stock_approve", "stock_refuse"])
def test_whoever_asked_for_it_does_not_decide_about_it(ledger: Ledger, verb: str) -> None:
    adjust(ledger, -2)
    args = book(ledger, 5) if verb == "stock_approve" else {"reason_code": "not_convinced"}
    with pytest.raises(Denied) as refused:
        do(ledger, "keeper", verb, 1, **args)
    assert refused.value.code == "ledger.same_person"
    assert do(ledger, "keeper2", verb, 1, **args).version == 2


@pytest.mark.parametrize("person", ["reviewer", "purchaser", "packer", "clerk", "boss"])
def test_other_posts_neither_ask_nor_agree(ledger: Ledger, person: str) -> None:
    with pytest.raises(Denied):
        adjust(ledger, -1, person=person)
    adjust(ledger, -1)
    with pytest.raises(Denied):
        do(ledger, person, "stock_approve", 1, **book(ledger, 5))


def test_only_who_asked_takes_it_back_and_then_it_is_over(ledger: Ledger) -> None:
    adjust(ledger, -2)
    with pytest.raises(Denied) as refused:
        do(ledger, "keeper2", "stock_withdraw", 1)
    assert refused.value.code == "stock.not_yours"
    assert do(ledger, "keeper", "stock_withdraw", 1).state == "withdrawn"
    with pytest.raises(Invalid):
        do(ledger, "keeper2", "stock_approve", 2, **book(ledger, 5))
    assert moves(ledger) == []


def test_nothing_goes_below_zero_whatever_two_people_saw(ledger: Ledger) -> None:
    with pytest.raises(Invalid) as refused:
        adjust(ledger, -6)
    assert refused.value.code == "stock.below_zero"
    seen = book(ledger, 5)
    adjust(ledger, -3)
    adjust(ledger, -3, name=TWO)
    do(ledger, "keeper2", "stock_approve", 1, ONE, **seen)
    with pytest.raises(Invalid) as refused:
        do(ledger, "keeper2", "stock_approve", 1, TWO, **seen)
    assert (refused.value.code, refused.value.fields["n"]) == ("stock.below_zero", "2")
    assert len(moves(ledger)) == 1


def test_pieces_of_another_batch_or_house_are_not_there(ledger: Ledger) -> None:
    adjust(ledger, 4, there=0, lot="B")
    do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 0))
    with pytest.raises(Invalid):
        adjust(ledger, -1, there=0, name=TWO, lot="A")
    with pytest.raises(Invalid):
        adjust(ledger, -1, there=0, name=TWO, warehouse_id="WH2")


def test_above_the_posts_limit_the_lead_has_to_agree(ledger: Ledger) -> None:
    adjust(ledger, 201)
    with pytest.raises(Denied) as refused:
        do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 5))
    assert refused.value.code == "stock.above_limit"
    assert do(ledger, "lead", "stock_approve", 1, **book(ledger, 5)).state == "approved"


def test_a_count_moves_the_difference_to_the_book(ledger: Ledger) -> None:
    args = {**PLACE, "counted_quantity": "7", **book(ledger, 9)}
    do(ledger, "packer", "stock_count", 0, **args)
    do(ledger, "keeper", "stock_approve", 1, **book(ledger, 8))
    assert moves(ledger) == [(ONE, "WH1", "count_loss", -2.0)]
    told = [
        (row["count_step"], row["book_quantity"], row["counted_quantity"])
        for row in stock_counts_after(ledger, 0)
    ]
    assert told == [("counted", "9", "7"), ("approved", None, None)]
    with pytest.raises(Invalid) as refused:
        do(ledger, "packer", "stock_count", 0, TWO, **args)
    assert refused.value.code == "stock.book_changed"


def test_a_transfer_is_out_on_agreement_and_in_as_it_arrives(ledger: Ledger) -> None:
    transfer(ledger, 10)
    assert do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 10)).state == "under_way"
    assert moves(ledger) == [(ONE, "WH1", "transfer_out", -10.0)]
    assert do(ledger, "packer", "stock_receive", 2, quantity="6").state == "under_way"
    with pytest.raises(Invalid) as refused:
        do(ledger, "packer", "stock_receive", 3, quantity="5")
    assert (refused.value.code, refused.value.fields["n"]) == ("stock.more_than_sent", "4")
    assert do(ledger, "packer", "stock_receive", 3, quantity="4").state == "received"
    assert sum(quantity for *_, quantity in moves(ledger)) == 0


def test_a_short_receipt_stays_under_way_until_two_people_give_it_up(ledger: Ledger) -> None:
    transfer(ledger, 10)
    do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 10))
    do(ledger, "packer", "stock_receive", 2, quantity="8")
    [request] = stock_requests_of(ledger)
    assert request.under_way_quantity == 2
    with pytest.raises(Denied):
        do(ledger, "keeper", "stock_write_off", 3, quantity="2")
    assert do(ledger, "keeper2", "stock_write_off", 3, quantity="2").state == "short"
    assert Counter(moves(ledger)) == Counter([
        (ONE, "WH1", "transfer_out", -10.0), (ONE, "WH2", "transfer_in", 8.0),
        (ONE, "WH2", "transfer_in", 2.0), (ONE, "WH2", "adjust", -2.0),
    ])  # fmt: skip
    assert audit_verify(ledger).ok


def test_the_same_click_twice_is_one_request_and_one_movement(ledger: Ledger) -> None:
    seen = book(ledger, 5)
    for _ in range(2):
        args = {**PLACE, "quantity": "-2", "reason_code": "damaged", **seen}
        do(ledger, "keeper", "stock_adjust", 0, key="same-key-1", **args)
    again = [do(ledger, "keeper2", "stock_approve", 1, key="same-key-2", **seen) for _ in range(2)]
    assert [one.replayed for one in again] == [False, True]
    with pytest.raises(IdempotencyMismatch):
        do(ledger, "keeper2", "stock_approve", 1, key="same-key-2", **book(ledger, 6))
    with pytest.raises(Conflict):
        do(ledger, "lead", "stock_approve", 1, **seen)
    assert len(moves(ledger)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"quantity": "0"}, {"quantity": "much"}, {"quantity": "NaN"}, {"quantity": "0.00001"},
        {"sku": ""}, {"warehouse_id": None}, {"book_quantity": None}, {"seen_seq": "x"},
        {"reason_code": "because"}, {"reason_code": "other"}, {"name": "REF-1"},
    ],
)  # fmt: skip
def test_what_is_no_adjustment_is_refused(ledger: Ledger, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        adjust(ledger, **({"pieces": "1"} | changed))
    assert stock_requests_of(ledger) == []


def test_the_warehouse_is_told_what_to_book_under_our_number(ledger: Ledger) -> None:
    adjust(ledger, -2, lot="B")
    with ledger.reading() as connection:
        assert connection.execute(OUTBOX.select()).all() == []
    do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 5))
    with ledger.reading() as connection:
        [row] = connection.execute(OUTBOX.select()).mappings()
    for part in ('"entity_id":"' + ONE, '"quantity":"-2"', '"lot":"B"', '"kind":"adjustment"'):
        assert part in row["payload"]
    assert "keeper" not in row["payload"]


def test_a_decision_about_stock_is_a_decision_like_others(ledger: Ledger) -> None:
    adjust(ledger, -2)
    do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 5))
    told = [(row["verb"], row["entity_id"]) for row in decisions_after(ledger, 0)]
    assert told == [("stock_adjust", ONE), ("stock_approve", ONE)]


@pytest.mark.parametrize("table", [STOCK_MOVES, STOCK_REQUESTS])
def test_a_quantity_changed_behind_the_chain_is_found(ledger: Ledger, table: Any) -> None:
    adjust(ledger, -2)
    do(ledger, "keeper2", "stock_approve", 1, **book(ledger, 5))
    with ledger.writing() as connection:
        connection.execute(update(table).values(quantity="-1"))
    assert not audit_verify(ledger).ok


class StockMachine(RuleBasedStateMachine):
    """Any people doing anything: no place below zero, every transfer adds up."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "ledger.db"
        self.ledger = open_ledger(f"sqlite:///{path}", passwords=CHEAP)
        for login in ("keeper", "keeper2"):
            add_person(self.ledger, login, "inventory")

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    def at(self, warehouse: str) -> Decimal:
        start = Decimal(10) if warehouse == "WH1" else Decimal(0)
        with self.ledger.reading() as connection:
            rows = connection.execute(STOCK_MOVES.select()).mappings().all()
        mine = (Decimal(row["quantity"]) for row in rows if row["warehouse_id"] == warehouse)
        return sum(mine, start)

    @rule(
        person=st.sampled_from(["keeper", "keeper2"]),
        verb=st.sampled_from(["stock_adjust", "stock_transfer", "stock_approve", "stock_refuse",
                              "stock_withdraw", "stock_receive", "stock_write_off"]),
        name=st.sampled_from([ONE, TWO]),
        pieces=st.integers(-6, 6),
    )  # fmt: skip
    def anything(self, person: str, verb: str, name: str, pieces: int) -> None:
        known = {one.request_id: one for one in stock_requests_of(self.ledger)}
        version = known[name].version if name in known else 0
        args: dict[str, Any] = {}
        if verb in {"stock_adjust", "stock_transfer"}:
            args = {**PLACE, "quantity": pieces, "reason_code": "lost"}
            if verb == "stock_transfer":
                args |= {"to_warehouse_id": "WH2", "reason_code": "rebalance"}
        if verb in {"stock_adjust", "stock_transfer", "stock_approve"}:
            args |= book(self.ledger, self.at("WH1"))
        if verb in {"stock_receive", "stock_write_off"}:
            args = {"quantity": pieces}
        if verb == "stock_refuse":
            args = {"reason_code": "not_convinced"}
        try:
            do(self.ledger, person, verb, version, name, **args)
        except LedgerError:
            return

    @invariant()
    def no_place_is_below_zero(self) -> None:
        assert self.at("WH1") >= 0
        assert self.at("WH2") >= 0

    @invariant()
    def a_transfer_adds_up_with_what_is_under_way(self) -> None:
        rows = list(stock_movements_after(self.ledger, 0))
        for one in stock_requests_of(self.ledger):
            pair = sum(
                Decimal(row["quantity"]) for row in rows
                if row["reference"] == one.request_id
                and row["movement_type"].startswith("transfer")
            )  # fmt: skip
            assert pair == (-one.under_way_quantity if one.kind == "transfer" else 0)

    @invariant()
    def the_chain_tells_the_same(self) -> None:
        assert audit_verify(self.ledger).ok
        with self.ledger.reading() as connection:
            said, _ = replayed(connection)
        assert list(said.values()) == sorted(
            stock_requests_of(self.ledger), key=lambda one: list(said).index(one.request_id)
        )


TestStockMachine = StockMachine.TestCase
TestStockMachine.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)


def test_a_ledger_from_before_gets_its_new_tables_when_it_is_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    old = open_ledger(url, passwords=CHEAP)
    with old.engine.begin() as connection:
        for table in (STOCK_MOVES, STOCK_REQUESTS, REFUND_REQUESTS, MENTIONS, CASE_LINKS):
            connection.exec_driver_sql(f"drop table {table.name}")
        connection.exec_driver_sql("update ledger_version set version_num = '0003'")
    old.close()
    opened = open_ledger(url, passwords=CHEAP)
    assert stock_requests_of(opened) == []
    opened.close()


def test_the_newest_migration_is_the_one_a_ledger_is_opened_at() -> None:
    files = sorted(path.stem for path in (MIGRATIONS / "versions").glob("r*.py"))
    assert files[-1][1:5] == HEAD_REVISION
