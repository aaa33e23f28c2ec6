"""Any sequence of actions: the ledger agrees with a model of a few lines, and the chain holds."""

from __future__ import annotations

import secrets
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orderhouse.ledger import (
    LedgerError,
    ObjectRef,
    act,
    audit_verify,
    case_states,
    decisions_after,
    open_ledger,
)
from tests.support.people import CHEAP, NOW, add_person, signed_in

ITEMS = st.sampled_from(["i1", "i2"])
PEOPLE = st.sampled_from(["one", "two"])


class LedgerMachine(RuleBasedStateMachine):
    """The model keeps, per case, the version and whether it is decided."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'ledger.db'}"
        self.ledger = open_ledger(url, passwords=CHEAP)
        for name in ("one", "two"):
            add_person(self.ledger, name + "-x", "order_processor")
        self.now = NOW
        self.versions = {"i1": 0, "i2": 0}
        self.decided: dict[str, bool] = {"i1": False, "i2": False}
        self.effects = 0

    def _do(self, person: str, verb: str, item: str, key: str | None = None, **args: str) -> bool:
        who = signed_in(self.ledger, person + "-x", self.now)
        ref = ObjectRef(queue_code="Q07", item_id=item, entity_type="order", entity_id=item)
        try:
            done = act(
                self.ledger,
                who,
                verb=verb,
                object=ref,
                args=args,
                expected_version=self.versions[item],
                idempotency_key=key or secrets.token_hex(8),
                now=self.now,
                snapshot_id="b",
            )
        except LedgerError:
            return False
        assert done.version == self.versions[item] + 1
        self.versions[item] = done.version
        self.effects += 1
        return True

    @rule(person=PEOPLE, item=ITEMS)
    def claim(self, person: str, item: str) -> None:
        assert not (self._do(person, "claim", item) and self.decided[item])

    @rule(person=PEOPLE, item=ITEMS)
    def release(self, person: str, item: str) -> None:
        self._do(person, "release", item)

    @rule(person=PEOPLE, item=ITEMS)
    def decide(self, person: str, item: str) -> None:
        if self._do(person, "review_pass", item, reason_code="checked_ok"):
            assert not self.decided[item]
            self.decided[item] = True

    @rule(person=PEOPLE, item=ITEMS)
    def undo(self, person: str, item: str) -> None:
        if self._do(person, "undo", item):
            state = case_states(self.ledger, [item])[item]
            self.decided[item] = state.is_decided
            assert not state.is_decided

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def the_ledger_agrees_with_the_model(self) -> None:
        states = case_states(self.ledger, self.versions)
        assert {name: state.version for name, state in states.items()} == self.versions
        assert {name: state.is_decided for name, state in states.items()} == self.decided
        assert len(list(decisions_after(self.ledger, 0))) == self.effects

    def teardown(self) -> None:
        report = audit_verify(self.ledger)
        assert report.ok, report
        self.ledger.close()
        self.folder.cleanup()


LedgerMachine.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
test_any_sequence_of_actions = LedgerMachine.TestCase
