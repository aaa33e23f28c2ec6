"""What is done about a case, queue by queue: by whom, what becomes of the case, who is told."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest
from sqlalchemy import select

from orderhouse.access import get_policy, parse_policy
from orderhouse.ledger import (
    Conflict,
    Denied,
    Invalid,
    Ledger,
    ObjectRef,
    Session,
    case_states,
    decisions_after,
    done_about,
)
from orderhouse.ledger.cases import CaseState
from orderhouse.ledger.compensation import compensations_after, proposed
from orderhouse.ledger.tables import OUTBOX, USERS
from orderhouse.ledger.verbs import CASE_VERBS, DOCUMENT_VERBS, HANDLERS, PARTS, Move, handler_of
from tests.ledger.test_act import do
from tests.ledger.test_policy import RAW
from tests.support.people import NOW, add_person, signed_in

Case = Callable[..., ObjectRef]
SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"


def _seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_queue_offers_exactly_what_its_row_promises() -> None:
    """The verbs a row names exist and work there; what the policy has for a queue is in its row."""
    policy = get_policy()
    for row in _seed("queues"):
        code, named = row["queue_code"], set(row["actions"].split("|"))
        assert set(policy.work_of(code)) <= named, code
        for verb in named - set(policy.work_of(code)):
            known = policy.verbs[verb]
            assert verb in CASE_VERBS or verb.startswith("user_"), (code, verb)
            assert known.queues is None or code in known.queues, (code, verb)


def test_every_verb_has_somebody_whose_post_works_the_queue() -> None:
    policy = get_policy()
    lonely = [
        (verb.code, code)
        for verb in policy.verbs.values()
        for code in verb.queues or ()
        if not any(policy.allows(role, verb.code, code) for role in policy.roles)
    ]
    assert lonely == []


def test_what_the_fold_is_told_of_is_work_or_nothing_is() -> None:
    policy, events = get_policy(), {row["event_type"] for row in _seed("event_types")}
    for row in _seed("decision_events"):
        assert row["event_type"] in events, row
        work = policy.work(row["verb"])
        assert work is not None and work.queues is not None, row
        assert row["queue_code"] == "*" or row["queue_code"] in work.queues, row


def test_a_noted_contact_leaves_the_case_open_and_is_known_to_the_fold(
    ledger: Ledger, case: Case
) -> None:
    ref = case(queue_code="Q23", entity_type="shipment", entity_id="shop-1-SF1")
    who = add_and_sign_in(ledger, "helen", "cs")
    result = do(ledger, who, "contact_carrier", ref, 0)
    assert (result.state, result.version) == ("open", 1)
    do(ledger, who, "contact_customer", ref, 1)
    told = [(row["verb"], row["entity_id"]) for row in decisions_after(ledger, 0)]
    assert told == [("contact_carrier", "shop-1-SF1"), ("contact_customer", "shop-1-SF1")]


def test_work_that_waits_comes_back_and_work_that_settles_does_not(
    ledger: Ledger, case: Case
) -> None:
    who = add_and_sign_in(ledger, "helen", "cs")
    waiting = case(1, queue_code="Q26", entity_type="case")
    do(ledger, who, "ask_evidence", waiting, 0)
    state = case_states(ledger, [waiting.item_id])[waiting.item_id]
    assert (state.status, state.snoozed_until) == ("snoozed", NOW + timedelta(hours=48))
    settled = case(2, queue_code="Q26", entity_type="case")
    assert do(ledger, who, "approve_case", settled, 0).state == "resolved"
    with pytest.raises(Invalid):
        do(ledger, who, "reject_case", settled, 1, reason_code="too_late")


def test_work_of_another_post_or_queue_is_refused(ledger: Ledger, case: Case) -> None:
    packer = add_and_sign_in(ledger, "paul", "warehouse")
    returned = case(1, queue_code="Q28", entity_type="case")
    with pytest.raises(Denied):
        do(ledger, packer, "approve_refund", returned, 0)
    assert do(ledger, packer, "inspect_pass", returned, 0).state == "open"
    with pytest.raises(Denied):
        do(ledger, packer, "contact_carrier", returned, 1)


def test_an_amount_is_asked_for_told_outside_and_needs_a_second_person_above_the_limit(
    ledger: Ledger, case: Case
) -> None:
    who = add_and_sign_in(ledger, "helen", "cs")
    ref = case(1, queue_code="Q25")
    for amount in ("", "0", "-5", "nan", "many"):
        with pytest.raises(Invalid, match="needs_amount"):
            do(ledger, who, "compensate", ref, 0, **agreed(amount))
    assert do(ledger, who, "compensate", ref, 0, **agreed("20.00")).state == "resolved"
    with ledger.reading() as connection:
        payload = json.loads(connection.execute(select(OUTBOX.c.payload)).scalar_one())
    assert (payload["verb"], payload["amount"], payload["currency_code"]) == (
        "compensate", "20.00", "CNY",
    )  # fmt: skip
    dear = case(2, queue_code="Q25")
    assert do(ledger, who, "compensate", dear, 0, **agreed("200.01")).state == "proposed"
    other = add_and_sign_in(ledger, "harry", "cs")
    assert do(ledger, other, "approve", dear, 1).state == "resolved"


def agreed(amount: str, supplier: str = "0", platform: str = "0", **more: str) -> dict[str, str]:
    """A compensation of which the shop bears the rest."""
    try:
        rest = Decimal(amount) - Decimal(supplier) - Decimal(platform)
    except InvalidOperation:
        rest = Decimal(0)
    return {
        "reason_code": "goods_faulty", "amount": amount, "supplier_amount": supplier,
        "ecom_amount": f"{rest}", "platform_amount": platform, "currency_code": "CNY", **more,
    }  # fmt: skip


def test_who_bears_a_compensation_adds_up_or_is_refused(ledger: Ledger, case: Case) -> None:
    who, ref = add_and_sign_in(ledger, "helen", "cs"), case(1, queue_code="Q25")
    of = {"supplier_id": "S1", "sku": "SKU1"}
    for wrong, refusal in (
        ({"ecom_amount": "19.99"}, "parts_differ"),
        ({"platform_amount": "0.01"}, "parts_differ"),
        ({"ecom_amount": "25", "platform_amount": "-5"}, "needs_parts"),
        ({"ecom_amount": "nan"}, "needs_parts"),
        ({"ecom_amount": "19.995", "platform_amount": "0.005"}, "needs_parts"),
        ({"ecom_amount": "15", "supplier_amount": "5"}, "no_supplier"),
        ({"currency_code": "USD"}, "needs_currency"),
    ):
        with pytest.raises(Invalid, match=refusal):
            do(ledger, who, "compensate", ref, 0, **agreed("20.00") | wrong)
    with pytest.raises(Invalid, match="above_your_limit"):
        do(ledger, who, "compensate", ref, 0, **agreed("1000.01"))
    assert do(ledger, who, "compensate", ref, 0, **agreed("20.00", "5", "3.50", **of))
    [step] = list(compensations_after(ledger, 0))
    assert (step["case_step"], step["amount"]) == ("compensation_agreed", "20.00")
    assert [Decimal(step[part]) for part in PARTS] == [5, Decimal("11.50"), Decimal("3.50")]
    assert (step["case_id"], step["sku"]) == (f"{ref.order_id}-compensation", "SKU1")


def test_a_compensation_taken_back_is_the_same_step_over_nothing(
    ledger: Ledger, case: Case
) -> None:
    who = add_and_sign_in(ledger, "helen", "cs")
    ref = case(1, queue_code="Q30", entity_type="complaint", entity_id="K1")
    do(ledger, who, "make_good", ref, 0, **agreed("20.00"))
    # The message has not left: nobody outside has been told.
    do(ledger, who, "undo", ref, 1)
    first, second = list(compensations_after(ledger, 0))
    key = ("case_id", "case_step", "attempt_number", "event_at")
    assert [first[name] for name in key] == [second[name] for name in key]
    assert second["seq"] > first["seq"]
    assert [Decimal(second[name]) for name in ("amount", *PARTS)] == [0, 0, 0, 0]


def test_who_is_liable_is_proposed_to_bear_it_all() -> None:
    policy = get_policy()
    reasons = policy.reasons["compensate"]
    assert set(policy.liable) == set(reasons)
    for reason in reasons:
        for has_supplier in (True, False):
            parts = proposed(policy, reason, Decimal("9.99"), has_supplier=has_supplier)
            assert sum(parts.values()) == Decimal("9.99")
            assert has_supplier or not parts["supplier_amount"]
    faulty = proposed(policy, "goods_faulty", Decimal(5), has_supplier=True)
    assert faulty["supplier_amount"] == 5


def test_a_score_is_one_to_five_and_the_fold_knows_it(ledger: Ledger, case: Case) -> None:
    who = add_and_sign_in(ledger, "helen", "cs")
    ref = case(1, queue_code="Q30", entity_type="complaint", entity_id="K1")
    with pytest.raises(Invalid, match="needs_score"):
        do(ledger, who, "close_with_score", ref, 0, score="6")
    do(ledger, who, "close_with_score", ref, 0, score="4")
    [row] = list(decisions_after(ledger, 0))
    assert (row["verb"], row["quantity"]) == ("close_with_score", "4")


def test_an_order_that_was_entered_is_not_taken_back_with_its_decision(
    ledger: Ledger, case: Case
) -> None:
    who, ref = add_and_sign_in(ledger, "clara", "data_entry"), case(1, queue_code="Q01")
    assert do(ledger, who, "import_manually", ref, 0).state == "snoozed"
    with pytest.raises(Invalid, match="already_handed_in"):
        do(ledger, who, "undo", ref, 1)


def test_a_code_is_explained_with_all_there_is_to_it(ledger: Ledger, case: Case) -> None:
    who, ref = add_and_sign_in(ledger, "dana", "data_team"), case(1, queue_code="Q36",
                                                                   entity_type="file")  # fmt: skip
    whole = {"code_stream": "tracking_events", "code_party": "sf", "code_raw": "X9",
             "code_meaning": "DELIVERED"}  # fmt: skip
    for name in whole:
        for wrong in ("", " ", 7, "x" * 201):
            with pytest.raises(Invalid, match="needs_code"):
                do(ledger, who, "map_code", ref, 0, **(whole | {name: wrong}))
    assert do(ledger, who, "map_code", ref, 0, **whole).state == "snoozed"
    [told] = list(decisions_after(ledger, 0))
    assert {name: told[name] for name in whole} == whole


def test_a_ticket_has_a_number_which_stays_with_the_case(ledger: Ledger, case: Case) -> None:
    who, ref = signed_in(ledger, "reviewer"), case(1, queue_code="Q31", entity_type="conflict")
    for wrong in ("", "  ", "Li Na called, see mail", "x" * 41, "=1+1"):
        with pytest.raises(Invalid, match="needs_ticket"):
            do(ledger, who, "open_ticket", ref, 0, ticket=wrong)
    assert do(ledger, who, "open_ticket", ref, 0, ticket="TK-2026/118").state == "snoozed"
    [done] = done_about(ledger, [ref.item_id], ["open_ticket"])[ref.item_id]
    assert (done.verb, done.number) == ("open_ticket", "TK-2026/118")


def test_who_agreed_to_a_refund_does_not_pay_it(ledger: Ledger, case: Case) -> None:
    ref = case(1, queue_code="Q28", entity_type="case")
    do(ledger, signed_in(ledger, "clerk"), "approve_refund", ref, 0)
    with pytest.raises(Denied, match="same_person"):
        do(ledger, signed_in(ledger, "clerk"), "pay_refund", ref, 1)
    assert do(ledger, signed_in(ledger, "clerk2"), "pay_refund", ref, 1).state == "snoozed"


def test_a_case_is_handed_up_to_who_may_assign_it_and_to_nobody_else(
    ledger: Ledger, case: Case
) -> None:
    who, ref = signed_in(ledger, "reviewer"), case(1)
    with ledger.reading() as connection:
        ids = dict(connection.execute(select(USERS.c.login, USERS.c.user_id)).tuples().all())
    with pytest.raises(Invalid, match="not_above"):
        do(ledger, who, "escalate", ref, 0, to=ids["second"], reason_code="needs_decision")
    do(ledger, who, "escalate", ref, 0, to=ids["lead"], reason_code="needs_decision")
    state = case_states(ledger, [ref.item_id])[ref.item_id]
    assert (state.status, state.holder(NOW)) == ("open", ids["lead"])
    do(ledger, signed_in(ledger, "lead"), "review_pass", ref, 1, reason_code="checked_ok")
    other = case(2)
    do(ledger, signed_in(ledger, "second"), "claim", other, 0)
    with pytest.raises(Conflict):
        do(ledger, who, "escalate", other, 1, to=ids["lead"], reason_code="needs_decision")


def test_a_policy_whose_work_says_not_what_becomes_of_the_case_does_not_load() -> None:
    for wrong in ({"does": "vanish"}, {"does": "wait"}, {"does": "note", "minutes": 5}):
        broken = {**RAW["verbs"], "resend": {"by": "owners", "queues": ["Q18"], **wrong}}
        with pytest.raises(ValueError, match="resend"):
            parse_policy(RAW | {"verbs": broken})


def add_and_sign_in(ledger: Ledger, login: str, *roles: str) -> Session:
    add_person(ledger, login, *roles)
    return signed_in(ledger, login)


def test_what_a_verb_makes_of_a_case_is_told_the_fold_as_the_handlers_have_it() -> None:
    """Each verb that may be used on a case has its effect in the seed, and the one it has here."""
    policy, at = get_policy(), timedelta(minutes=5)
    told = {row["verb"]: row["effect_code"] for row in _seed("decision_effects")}
    documents = {"comment", "approve", "refuse", "undo"} | DOCUMENT_VERBS
    verbs = {verb.code for verb in policy.verbs.values() if verb.does} | set(HANDLERS)
    back = {verb for verb, effect in told.items() if effect == "take_back"}
    assert set(told) - back == verbs - documents - {
        "stock_short",
        "stock_reached",
        "breach_likely",
    }
    for verb, effect in told.items():
        if verb in back:
            continue
        resolved = CaseState(item_id="c", status="resolved")
        held = CaseState(item_id="c", claimed_by="me", claim_expires_at=NOW + at)
        before = {"reopen": resolved, "free": held}.get(effect, CaseState(item_id="c"))
        move = Move(
            verb=verb, actor_id="me", reason_code=None, now=NOW, policy=policy,
            args={"to": "you", "until": (NOW + at).isoformat()},
        )  # fmt: skip
        after = handler_of(verb, policy)(before, move)
        shown = {
            "hold": after.claimed_by is not None and after.status == "open",
            "free": after.claimed_by is None and after.status == "open",
            "note": after == before,
            "put_off": after.status == "snoozed",
            "wait": after.status == "snoozed",
            "settle": after.is_decided,
            "reopen": after.status == "open",
        }
        assert shown[effect], (verb, effect)
