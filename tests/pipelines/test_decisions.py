"""What a person decides counts at once in the ledger and for good in the next build's history."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from orderhouse.ledger import (
    NewUser,
    ObjectRef,
    act,
    create_user,
    open_ledger,
    session_for,
    start_session,
)
from orderhouse.settings import Settings
from tests.support.homes import (
    UNTIL,
    copy_of,
    quick_build,
    served,
    settings_of,
    small_built_template,
    templates_folder,
)


class Decided(NamedTuple):
    """One decision: about which case of which order, by whom, when."""

    item_id: str
    order_id: str
    user_id: str
    at: datetime


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    base = templates_folder(tmp_path_factory)
    return copy_of(small_built_template(base), tmp_path / "home")


def query(path: Path, sql: str, *values: object) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql, list(values)).fetchall()


def decided(settings: Settings, role: str, verb: str, reason: str, queue_code: str) -> Decided:
    """Somebody of a post claims and decides the first open case of a queue."""
    item_id, entity_type, entity_id, order_id = query(
        served(settings),
        "select item_id, entity_type, entity_id, order_id from marts.queue_items "
        "where queue_code = ? and closed_at is null and opened_at <= ? order by 1",
        queue_code,
        UNTIL,
    )[0]
    ledger = open_ledger(settings.ledger_address)
    at = settings.clock() + timedelta(minutes=5)
    new = NewUser(
        login=role.replace("_", "-"), display_name=role, roles=(role,), password="a long secret"
    )
    create_user(ledger, new, now=at)
    session = session_for(ledger, start_session(ledger, new.login, now=at), at)
    assert session is not None
    item = ObjectRef(
        queue_code=queue_code, item_id=item_id, entity_type=entity_type, entity_id=entity_id,
        order_id=order_id,
    )  # fmt: skip
    steps: list[tuple[str, dict[str, str]]] = [("claim", {}), (verb, {"reason_code": reason})]
    for number, (step, args) in enumerate(steps):
        act(
            ledger, session, verb=step, object=item, args=args, expected_version=number,
            idempotency_key=f"decision-of-{role}-{number}", now=at, snapshot_id="test",
        )  # fmt: skip
    ledger.close()
    return Decided(item_id, order_id, session.user_id, at)


def test_a_decided_case_leaves_its_queue_and_stands_in_the_order_history(home: Path) -> None:
    settings = settings_of(home)
    passed = decided(settings, "order_processor", "review_pass", "checked_ok", "Q07")
    justified = decided(settings, "ops_lead", "justify", "agreed_exception", "Q32")

    later = (passed.at + timedelta(minutes=10)).isoformat()
    rebuilt = quick_build(home, ORDERHOUSE_NOW=later)
    assert rebuilt.returncode == 0, rebuilt.stderr

    snapshot = served(settings)
    history = query(
        snapshot,
        "select states.event_type, states.review_status, events.actor_id "
        "from marts.fct_order_states as states "
        "join marts.fct_order_events as events using (event_id) "
        "where states.order_id = ? and states.occurred_at = ? order by state_number",
        passed.order_id,
        passed.at,
    )
    assert ("REVIEW_PASSED", "PASSED", passed.user_id) in history
    for decision in (passed, justified):
        sql = "select closed_at from marts.queue_items where item_id = ?"
        assert query(snapshot, sql, decision.item_id) == [(decision.at,)]
    order = "select order_status from marts.fct_orders where order_id = ?"
    assert query(snapshot, order, passed.order_id) == [("CONFIRMED",)]
