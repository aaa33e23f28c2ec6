"""What a person decides counts at once in the ledger and for good in the next build's history."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

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
from tests.support.homes import (
    UNTIL,
    copy_of,
    quick_build,
    served,
    settings_of,
    small_built_template,
    templates_folder,
)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    base = templates_folder(tmp_path_factory)
    return copy_of(small_built_template(base), tmp_path / "home")


def query(path: Path, sql: str, *values: object) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql, list(values)).fetchall()


def test_a_passed_review_leaves_the_queue_and_stands_in_the_order_history(home: Path) -> None:
    settings = settings_of(home)
    item_id, order_id = query(
        served(settings),
        "select item_id, order_id from marts.queue_items where queue_code = 'Q07' "
        "and closed_at is null and opened_at <= ? order by 1",
        UNTIL,
    )[0]
    ledger = open_ledger(settings.ledger_address)
    decided_at = settings.clock() + timedelta(minutes=5)
    new = NewUser(
        login="anna", display_name="Anna", roles=("order_processor",), password="a long secret"
    )
    create_user(ledger, new, now=decided_at)
    session = session_for(ledger, start_session(ledger, "anna", now=decided_at), decided_at)
    assert session is not None
    item = ObjectRef(
        queue_code="Q07", item_id=item_id, entity_type="order", entity_id=order_id,
        order_id=order_id,
    )  # fmt: skip
    steps: list[tuple[str, dict[str, str]]] = [
        ("claim", {}),
        ("review_pass", {"reason_code": "checked_ok"}),
    ]
    for number, (verb, args) in enumerate(steps):
        act(
            ledger, session, verb=verb, object=item, args=args, expected_version=number,
            idempotency_key=f"decision-number-{number}", now=decided_at, snapshot_id="test",
        )  # fmt: skip
    ledger.close()

    later = (decided_at + timedelta(minutes=10)).isoformat()
    rebuilt = quick_build(home, ORDERHOUSE_NOW=later)
    assert rebuilt.returncode == 0, rebuilt.stderr

    snapshot = served(settings)
    history = query(
        snapshot,
        "select states.event_type, states.review_status, events.actor_id "
        "from marts.fct_order_states as states "
        "join marts.fct_order_events as events using (event_id) "
        "where states.order_id = ? and states.occurred_at = ? order by state_number",
        order_id,
        decided_at,
    )
    assert ("REVIEW_PASSED", "PASSED", session.user_id) in history
    closed = query(snapshot, "select closed_at from marts.queue_items where item_id = ?", item_id)
    assert closed == [(decided_at,)]
    order = "select order_status from marts.fct_orders where order_id = ?"
    assert query(snapshot, order, order_id) == [("CONFIRMED",)]
