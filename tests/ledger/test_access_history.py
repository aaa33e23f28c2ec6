"""What the ledger tells about accounts: rights and use, never names, never one's own approval."""

from __future__ import annotations

import pytest

from orderhouse.ledger import (
    Denied,
    Ledger,
    ObjectRef,
    access_events_after,
    act,
    list_users,
    set_active,
    set_roles,
)
from tests.support.people import NOW, signed_in


def _confirm(ledger: Ledger, who: str, account_id: str) -> None:
    item = ObjectRef(
        queue_code="Q37", item_id="item", entity_type="account", entity_id=account_id
    )  # fmt: skip
    act(
        ledger, signed_in(ledger, who), verb="confirm_access", object=item,
        args={"reason_code": "still_needed"}, expected_version=0, idempotency_key=f"look-{who}",
        now=NOW, snapshot_id="test",
    )  # fmt: skip


def test_changes_of_rights_and_sign_ins_are_told_without_names(ledger: Ledger) -> None:
    ids = {user.login: user.user_id for user in list_users(ledger)}
    clash = ("data_entry", "order_processor")
    set_roles(ledger, ids["second"], clash, shops=None, now=NOW)
    set_active(ledger, ids["keeper"], is_active=False, now=NOW)
    signed_in(ledger, "boss")
    told = list(access_events_after(ledger, 0))
    by_verb = {row["verb"]: row for row in told}
    changed, ended = by_verb["user_roles"], by_verb["user_disable"]
    assert (changed["account_id"], changed["roles"]) == (ids["second"], "|".join(clash))
    assert changed["role_conflict"] == "data_entry+order_processor"
    assert (ended["account_id"], ended["account_state"]) == (ids["keeper"], "disabled")
    assert any(row["verb"].startswith("sign_in") and row["roles"] is None for row in told)
    assert not any(login in str(list(row.values())) for row in told for login in ("boss", "keeper"))


def test_reading_on_from_a_number_tells_the_rest_once(ledger: Ledger) -> None:
    told = list(access_events_after(ledger, 0))
    for at, row in enumerate(told):
        assert list(access_events_after(ledger, row["seq"])) == told[at + 1 :]
        assert list(access_events_after(ledger, row["seq"], overlap=1))[-1:] == told[-1:]


def test_nobody_confirms_their_own_rights(ledger: Ledger) -> None:
    ids = {user.login: user.user_id for user in list_users(ledger)}
    with pytest.raises(Denied, match="not_yourself"):
        _confirm(ledger, "boss", ids["boss"])
    _confirm(ledger, "lead", ids["boss"])


def test_only_the_administrator_and_the_lead_look_at_rights(ledger: Ledger) -> None:
    ids = {user.login: user.user_id for user in list_users(ledger)}
    with pytest.raises(Denied, match="not_allowed"):
        _confirm(ledger, "reviewer", ids["second"])
