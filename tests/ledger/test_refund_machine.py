"""Any people, any refunds of one order, in any order: money goes back once and never too much."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orderhouse.ledger import Answer, LedgerError, audit_verify, open_ledger, refund_requests_of
from orderhouse.ledger.refund_requests import LIVE
from orderhouse.ledger.refunds import replayed
from tests.ledger.test_refunds import ONE, THREE, TWO, account, answered, do, sent
from tests.support.people import CHEAP, add_person


class RefundMachine(RuleBasedStateMachine):
    """Any people doing anything to one order: never more than was captured, never sent twice."""

    CAPTURED = Decimal(250)

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "ledger.db"
        self.ledger = open_ledger(f"sqlite:///{path}", passwords=CHEAP)
        for login, role in (("desk", "cs"), ("clerk", "finance"), ("clerk2", "finance")):
            add_person(self.ledger, login, role)

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    @rule(
        person=st.sampled_from(["desk", "clerk", "clerk2"]),
        verb=st.sampled_from(["refund_ask", "refund_approve", "refund_refuse", "refund_withdraw",
                              "refund_stop", "refund_void"]),
        name=st.sampled_from([ONE, TWO, THREE]),
        cents=st.integers(1, 20_000),
        refused=st.booleans(),
    )  # fmt: skip
    def anything(self, person: str, verb: str, name: str, cents: int, refused: bool) -> None:
        known = {one.request_id: one for one in refund_requests_of(self.ledger)}
        version = known[name].version if name in known else 0
        if verb == "refund_void" and refused:
            answered(self.ledger, Answer(outcome="refused", code="422"))
        args: dict[str, Any] = {
            "refund_ask": {"amount": str(Decimal(cents) / 100), "currency_code": "CNY",
                           "reason_code": "goodwill"} | account(self.CAPTURED),
            "refund_approve": account(self.CAPTURED),
            "refund_refuse": {"reason_code": "not_due"},
            "refund_void": {"reason_code": "shop_refused"},
        }.get(verb, {})  # fmt: skip
        try:
            do(self.ledger, person, verb, version, name, **args)
        except LedgerError:
            return

    @invariant()
    def no_more_than_was_captured(self) -> None:
        live = [one.amount for one in refund_requests_of(self.ledger) if one.status in LIVE]
        assert sum(live, Decimal(0)) <= self.CAPTURED

    @invariant()
    def each_agreed_refund_is_sent_once_and_two_people_agreed_above_the_limit(self) -> None:
        agreed = [one for one in refund_requests_of(self.ledger)
                  if one.status in {"approved", "failed"}]  # fmt: skip
        payloads = sent(self.ledger)
        assert len(payloads) == len(agreed)
        for one in agreed:
            assert sum(f'"{one.request_id}"' in payload for payload in payloads) == 1
            assert one.is_alone or one.status == "failed" or one.asked_by != one.decided_by

    @invariant()
    def the_chain_tells_the_same(self) -> None:
        assert audit_verify(self.ledger).ok
        with self.ledger.reading() as connection:
            said = replayed(connection)
        assert {one.request_id: one for one in refund_requests_of(self.ledger)} == said


TestRefundMachine = RefundMachine.TestCase
TestRefundMachine.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
