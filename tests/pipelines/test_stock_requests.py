"""An adjustment two people agreed to, all the way: folded once, told once, booked back once."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.landing import land
from orderhouse.ledger import (
    NewUser,
    ObjectRef,
    act,
    create_user,
    head_seq,
    open_ledger,
    session_for,
    start_session,
)
from orderhouse.settings import Settings
from pipelines.decisions import pull_decisions
from pipelines.delivery.run import deliver_once
from tests.support.homes import (
    copy_of,
    quick_build,
    served,
    settings_of,
    small_built_template,
    templates_folder,
)

NUMBER = "OHS-00000000ABCD"


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    return copy_of(small_built_template(templates_folder(tmp_path_factory)), tmp_path / "home")


def query(settings: Settings, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(served(settings)), read_only=True) as con:
        return con.execute(sql, list(values)).fetchall()


def agree(settings: Settings, sku: str, warehouse: str, there: Decimal) -> None:
    """One keeper asks for two pieces less, another agrees."""
    ledger, at = open_ledger(settings.ledger_address), settings.clock() + timedelta(minutes=1)
    book = {"book_quantity": str(there), "seen_seq": head_seq(ledger)}
    place = {"sku": sku, "warehouse_id": warehouse, "quantity": "-2", "reason_code": "damaged"}
    steps: list[tuple[str, dict[str, Any]]] = [
        ("stock_adjust", {**place, **book}), ("stock_approve", book),
    ]  # fmt: skip
    for number, (verb, args) in enumerate(steps):
        login = f"keeper{number}"
        new = NewUser(
            login=login, display_name=login, roles=("inventory",), password="a long secret"
        )
        create_user(ledger, new, now=at)
        session = session_for(ledger, start_session(ledger, login, now=at), at)
        assert session is not None
        act(
            ledger, session, verb=verb, args=args, expected_version=number, now=at,
            object=ObjectRef(
                queue_code=None, item_id=NUMBER, entity_type="stock_request", entity_id=NUMBER
            ),
            idempotency_key=f"stock-step-{number}", snapshot_id="test",
        )  # fmt: skip
    ledger.close()


def test_an_agreed_adjustment_is_folded_once_although_the_warehouse_books_it(home: Path) -> None:
    settings = settings_of(home)
    [(sku, warehouse, there, total)] = query(
        settings,
        "select sku, warehouse_id, on_hand_quantity, "
        "(select sum(on_hand_quantity) from marts.fct_stock_positions) "
        "from marts.fct_stock_positions where on_hand_quantity > 5 order by 1, 2 limit 1",
    )
    agree(settings, sku, warehouse, there)
    later = settings_of(home, now=settings.clock() + timedelta(minutes=5))

    deliver_once(later)
    [told] = (settings.outbox_dir / "decisions").glob("*.json")
    [message] = json.loads(told.read_text(encoding="utf-8"))["messages"]
    assert (message["entity_id"], message["quantity"], message["sku"]) == (NUMBER, "-2", sku)

    # The warehouse books it and carries our number back.
    path = home / "movements-booked.csv"
    path.write_text(
        "movement_no,sku,warehouse,type,qty,moved_at,reference\n"
        f"WM-1,{sku},{warehouse},ADJUST,{message['quantity']},2026-06-01 10:00:00,"
        f"{message['entity_id']}\n",
        encoding="utf-8",
    )
    assert land(later, path, source="wms", shop="tb", received_at=later.clock())
    rebuilt = quick_build(home, ORDERHOUSE_NOW=later.clock().isoformat())
    assert rebuilt.returncode == 0, rebuilt.stderr

    rows = query(
        settings,
        "select source, quantity, is_counted from marts.fct_stock_movements "
        "where reference = ? order by source",
        NUMBER,
    )
    assert rows == [("ledger", -2, True), ("wms", -2, False)]
    [(now_there, now_total)] = query(
        settings,
        "select sum(on_hand_quantity) filter (where sku = ? and warehouse_id = ?), "
        "sum(on_hand_quantity) from marts.fct_stock_positions",
        sku, warehouse,
    )  # fmt: skip
    assert (now_there, now_total) == (there - 2, total - 2)
    # Read again, the ledger has nothing new to say.
    assert pull_decisions(later) == 0
