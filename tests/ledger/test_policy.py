"""The policy as a matrix: what an independent reading of `policy.yml` allows, and nothing else."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
import yaml

from orderhouse import access
from orderhouse.access import get_policy, parse_policy

RAW = yaml.safe_load(Path(access.POLICY_FILE).read_text(encoding="utf-8"))
QUEUES = [f"Q{number:02d}" for number in range(1, 38)]
ROLES = [*RAW["roles"], "stranger"]
VERBS = [*RAW["verbs"], "drop_table"]
MONEY_QUEUES = {"Q06", "Q08", "Q29", "Q33", "Q34"}


def _expected(role: str, verb: str, queue: str | None) -> bool:
    """The same file read by other code: rules as sets of triples."""
    if role not in RAW["roles"] or verb not in RAW["verbs"]:
        return False
    owned = RAW["roles"][role].get("queues", [])
    owns = owned == "all" or queue in owned
    rule = RAW["verbs"][verb]
    if "queues" in rule and queue not in rule["queues"]:
        return False
    if queue in rule.get("but", []):
        return False
    if rule["by"] == "owners":
        return owns and queue is not None
    return role in rule["by"] and (queue is None or owns)


def test_every_role_verb_and_queue_is_allowed_or_refused_as_written() -> None:
    policy = get_policy()
    cells = list(product(ROLES, VERBS, [*QUEUES, None]))
    wrong = [cell for cell in cells if policy.allows(*cell) != _expected(*cell)]
    assert len(cells) > 2_000
    assert wrong == []


def test_the_administrator_acts_on_accounts_only_and_sees_no_plain_person() -> None:
    policy = get_policy()
    case_verbs = [verb for verb in RAW["verbs"] if RAW["verbs"][verb]["by"] != ["admin"]]
    of_orders = [queue for queue in QUEUES if queue != "Q37"]
    allowed = {(v, q) for v in case_verbs for q in of_orders if policy.allows("admin", v, q)}
    assert not allowed
    assert policy.roles["admin"].reveals == frozenset()


def test_only_finance_and_the_operations_lead_decide_about_money() -> None:
    policy = get_policy()
    able = {r for r in RAW["roles"] for q in MONEY_QUEUES if policy.allows(r, "resolve", q)}
    assert able == {"finance", "finance_supervisor", "ops_lead"}


@pytest.mark.parametrize("role", list(RAW["roles"]))
def test_columns_follow_the_post(role: str) -> None:
    policy = get_policy()
    columns = set(policy.visible_columns(role, "fct_orders"))
    sees = set(RAW["roles"][role]["sees"])
    assert ("buyer_phone_masked" in columns) == ("masked" in sees)
    assert ("payable_amount" in columns) == ("money" in sees)
    assert ("buyer_phone_index" in columns) == ("hashed" in sees)
    for relation in RAW["relations"]:
        shown = policy.visible_columns(role, relation)
        assert not [name for name in shown if re.search(r"_cipher$", name)]


def test_a_relation_or_role_that_is_not_listed_shows_nothing() -> None:
    policy = get_policy()
    assert policy.visible_columns("ops_lead", "contacts") == ()
    assert policy.visible_columns("stranger", "fct_orders") == ()
    assert not policy.may_open(["stranger"], "overview")


def test_a_policy_that_names_an_unknown_role_does_not_load() -> None:
    broken = RAW | {"verbs": RAW["verbs"] | {"claim": {"by": ["wizard"]}}}
    with pytest.raises(ValueError, match="wizard"):
        parse_policy(broken)
