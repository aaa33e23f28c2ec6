"""Messages leave when nobody can take them back, once for each system, in the order decided."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from orderhouse.ledger import (
    Answer,
    Invalid,
    Ledger,
    Message,
    ObjectRef,
    act,
    audit_verify,
    claim,
    decisions_after,
    deliveries,
    delivery_counts,
    due_systems,
    hand_over,
    put_back,
    settle,
)
from tests.support.people import NOW, signed_in

Case = Callable[..., ObjectRef]
MINUTE = timedelta(minutes=1)
LATER = NOW + MINUTE * 11
YES, NO = (
    Answer(outcome="answered", code="200", reference="r1"),
    Answer(outcome="failed", code="503"),
)
NEVER = Answer(outcome="refused", code="422")


def decide(ledger: Ledger, verb: str, item: ObjectRef, version: int, *, now: datetime = NOW,
           who: str = "reviewer", **args: Any) -> str:  # fmt: skip
    return act(
        ledger, signed_in(ledger, who, now), verb=verb, object=item, args=args,
        expected_version=version, idempotency_key=secrets.token_hex(8), now=now, snapshot_id="b",
    ).action_id  # fmt: skip


def passed(ledger: Ledger, item: ObjectRef, version: int = 0, now: datetime = NOW) -> str:
    return decide(ledger, "review_pass", item, version, now=now, reason_code="checked_ok")


def told(*systems: str) -> Callable[[str, str | None], list[str]]:
    return lambda _verb, _shop: list(systems)


def sent(ledger: Ledger, system: str = "wms", now: datetime = LATER) -> list[Message]:
    return claim(ledger, system, now, limit=20)


def test_nothing_leaves_while_it_can_be_taken_back(ledger: Ledger, case: Case) -> None:
    passed(ledger, case())
    at_the_limit = NOW + MINUTE * 10
    assert hand_over(ledger, at_the_limit, told("wms")) == 0
    decide(ledger, "undo", case(), 1, now=at_the_limit)
    assert hand_over(ledger, LATER, told("wms")) == 0
    assert delivery_counts(ledger) == {}


def test_what_was_handed_over_is_not_taken_back(ledger: Ledger, case: Case) -> None:
    passed(ledger, case())
    assert hand_over(ledger, NOW + MINUTE * 10 + MINUTE / 60, told("wms")) == 1
    with pytest.raises(Invalid, match="already_sent"):
        decide(ledger, "undo", case(), 1, now=NOW + MINUTE * 9)


def test_every_system_is_told_and_the_folder_where_there_is_none(
    ledger: Ledger, case: Case
) -> None:
    passed(ledger, case(1))
    hand_over(ledger, LATER, told("wms", "shop"))
    assert due_systems(ledger, LATER) == ["shop", "wms"]
    [to_shop], [to_wms] = sent(ledger, "shop"), sent(ledger, "wms")
    assert to_shop.payload == to_wms.payload
    assert (to_wms.payload["verb"], to_wms.payload["shop_id"]) == ("review_pass", "shop")
    assert to_shop.key != to_wms.key
    passed(ledger, case(2))
    hand_over(ledger, LATER, told())
    assert due_systems(ledger, LATER) == ["outbox"]


def test_a_claim_keeps_others_away_until_it_runs_out(ledger: Ledger, case: Case) -> None:
    passed(ledger, case())
    hand_over(ledger, LATER, told("wms"))
    [first] = sent(ledger)
    assert sent(ledger, now=LATER + MINUTE * 9) == []
    [again] = sent(ledger, now=LATER + MINUTE * 10)
    assert (again.key, again.batch_id, again.attempts) == (first.key, first.batch_id, 2)
    # The one that was thought dead comes back: what it says counts no more.
    assert settle(ledger, first, NEVER, LATER + MINUTE * 11) == "sent"
    assert settle(ledger, again, YES, LATER + MINUTE * 11) == "answered"
    assert settle(ledger, again, YES, LATER + MINUTE * 12) == "answered"
    assert [row["verb"] for row in decisions_after(ledger, 0)] == [
        "review_pass", "delivery_answered",
    ]  # fmt: skip


def test_waits_grow_until_it_is_given_up_and_every_try_is_in_the_chain(
    ledger: Ledger, case: Case
) -> None:
    passed(ledger, case())
    hand_over(ledger, LATER, told("wms"))
    now, waits, state = LATER, [], ""
    while state != "given_up":
        [message] = sent(ledger, now=now)
        state = settle(ledger, message, NO, now)
        [row] = deliveries(ledger)
        if row.next_try_at:
            waits.append((row.next_try_at - now) / MINUTE)
            assert sent(ledger, now=row.next_try_at - MINUTE / 60) == []
            now = row.next_try_at
    assert waits == [2, 4, 8, 16, 32]
    ended = list(decisions_after(ledger, 0))[-1]
    assert (ended["verb"], ended["entity_type"], ended["entity_id"]) == (
        "delivery_given_up", "message", message.key,
    )  # fmt: skip
    assert (ended["order_id"], ended["reason_code"]) == ("shop-1", "503")
    assert sent(ledger, now=now + MINUTE * 100) == []
    assert audit_verify(ledger).ok
    assert delivery_counts(ledger) == {"given_up": 1}


def test_a_refusal_is_not_repeated(ledger: Ledger, case: Case) -> None:
    passed(ledger, case())
    hand_over(ledger, LATER, told("wms"))
    [message] = sent(ledger)
    assert settle(ledger, message, NEVER, LATER) == "given_up"


def _two_of_one_order(ledger: Ledger, case: Case) -> None:
    decide(ledger, "review_hold", case(1), 0, reason_code="ask_customer")
    passed(ledger, case(2, entity_id="shop-1", order_id="shop-1"))
    passed(ledger, case(3))
    hand_over(ledger, LATER, told("wms"))


def test_of_one_order_the_younger_waits_for_the_older(ledger: Ledger, case: Case) -> None:
    _two_of_one_order(ledger, case)
    hold, other = sent(ledger)
    assert (hold.verb, other.order_id) == ("review_hold", "shop-3")
    assert sent(ledger) == []
    settle(ledger, hold, NO, LATER)
    settle(ledger, other, YES, LATER)
    assert sent(ledger) == []
    [hold] = sent(ledger, now=LATER + MINUTE * 2)
    settle(ledger, hold, YES, LATER + MINUTE * 2)
    [release] = sent(ledger, now=LATER + MINUTE * 2)
    assert (release.verb, release.order_id) == ("review_pass", "shop-1")
    assert release.seq > hold.seq


def test_sending_again_reopens_a_message_that_was_given_up(ledger: Ledger, case: Case) -> None:
    passed(ledger, case())
    hand_over(ledger, LATER, told("wms"))
    [message] = sent(ledger)
    settle(ledger, message, NEVER, LATER)
    undelivered = case(9, queue_code="Q21", entity_type="message", entity_id=message.key)
    decide(ledger, "re_push", undelivered, 0, who="lead", now=LATER)
    assert due_systems(ledger, LATER) == []
    later = LATER + MINUTE * 11
    assert hand_over(ledger, later, told("wms")) == 1
    [again] = sent(ledger, now=later)
    assert (again.key, again.attempts) == (message.key, 1)
    settle(ledger, again, YES, later)
    assert delivery_counts(ledger) == {"answered": 1}


def test_what_is_overtaken_is_never_sent_again(ledger: Ledger, case: Case) -> None:
    _two_of_one_order(ledger, case)
    hold, other = sent(ledger)
    settle(ledger, hold, NEVER, LATER)
    settle(ledger, other, YES, LATER)
    [release] = sent(ledger)
    settle(ledger, release, YES, LATER)
    undelivered = case(9, queue_code="Q21", entity_type="message", entity_id=hold.key)
    decide(ledger, "re_push", undelivered, 0, who="lead", now=LATER)
    hand_over(ledger, LATER + MINUTE * 11, told("wms"))
    assert due_systems(ledger, LATER + MINUTE * 11) == []
    last = list(decisions_after(ledger, 0))[-1]
    assert (last["verb"], last["entity_id"]) == ("delivery_superseded", hold.key)


def test_what_was_put_back_is_not_counted_as_a_try(ledger: Ledger, case: Case) -> None:
    passed(ledger, case())
    hand_over(ledger, LATER, told("wms"))
    put_back(ledger, sent(ledger), LATER)
    [again] = sent(ledger, now=LATER + MINUTE * 2)
    assert again.attempts == 1


def test_a_message_says_nothing_of_who_decided_or_what_they_noted(
    ledger: Ledger, case: Case
) -> None:
    decide(ledger, "review_pass", case(), 0, reason_code="force_pass", comment="calls from 138...")
    hand_over(ledger, LATER, told("wms"))
    [message] = sent(ledger)
    assert set(message.payload) == {
        "decision_id", "verb", "order_id", "entity_type", "entity_id", "shop_id", "reason_code",
        "decided_at",
    }  # fmt: skip
