"""The page of what every action does is the one the policy makes."""

from __future__ import annotations

from orderhouse.access import get_policy
from orderhouse.settings import PROJECT_ROOT
from pipelines.actions_page import acts_of, as_markdown


def test_the_page_of_actions_is_the_one_the_policy_makes() -> None:
    page = (PROJECT_ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    assert page == as_markdown(get_policy()), (
        "write it anew: orderhouse actions --write docs/actions.md"
    )


def test_every_verb_about_a_case_is_on_the_page_of_its_queue() -> None:
    policy = get_policy()
    for verb in policy.verbs.values():
        for queue in verb.queues or () if verb.does else ():
            assert verb.code in {act.verb for act in acts_of(policy, queue)}, (queue, verb.code)


def test_a_verb_that_is_only_a_note_does_not_settle_what_others_wait_for() -> None:
    """What neither the fold nor anybody outside hears of is left to people, and there is little."""
    policy = get_policy()
    notes = {
        (queue, act.verb)
        for queue in sorted({q for v in policy.verbs.values() for q in v.queues or ()})
        for act in acts_of(policy, queue)
        if act.is_note
    }
    assert notes <= {
        ("Q03", "keep_both"),
        ("Q06", "mark_verified"),
        ("Q21", "mark_verified"),
    }, notes  # fmt: skip
