"""A compensation agreed in the app is, from the next build on, one the desk told of."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.ingest import load_records
from orderhouse.ledger import (
    NewUser,
    ObjectRef,
    act,
    compensations_after,
    create_user,
    open_ledger,
    session_for,
    start_session,
)
from orderhouse.settings import Settings
from pipelines.lease import writer_lease
from tests.support.homes import (
    copy_of,
    quick_build,
    served,
    settings_of,
    small_built_template,
    templates_folder,
)

# What follows from a compensation, without where it was read and how its rows are numbered.
FOLLOWS = {
    "fct_after_sales_cases": "* exclude (_file_id, _row_number)",
    "fct_supplier_lines": "*",
    "agg_supplier_balances": "*",
    "fct_order_money": "*",
    "fct_order_costs": "*",
    "fct_order_events": "order_id, case_id, event_type, occurred_at, amount, actor_id",
    "fct_recon_breaks": "recon_code, match_key, break_type, left_amount, right_amount, opened_at",
}


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


def _follows(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    path = served(settings)
    # That somebody acted stays in the log of the house, whatever came of it.
    kept = {"fct_order_events": "where event_type <> 'ACTION_TAKEN'"}
    return {
        name: _rows(path, f"select {columns} from marts.{name} {kept.get(name, '')} order by all")
        for name, columns in FOLLOWS.items()
    }


@pytest.fixture
def homes(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> tuple[Path, Path]:
    template = small_built_template(templates_folder(tmp_path_factory))
    return copy_of(template, tmp_path / "app"), copy_of(template, tmp_path / "desk")


def _supplied(settings: Settings) -> tuple[str, str, str, str]:
    """An article of an order that has a supplier."""
    return _rows(
        served(settings),
        "select l.order_id, l.sku, p.supplier_id, l.currency_code from marts.fct_order_lines as l "
        "join marts.dim_products as p on p.sku = l.sku join marts.fct_orders as o "
        "on o.order_id = l.order_id where p.supplier_id is not null and l.shipped_quantity > 0 "
        "order by 1 limit 1",
    )[0]  # type: ignore[return-value]


def _build(home: Path, at: datetime) -> None:
    result = quick_build(home, ORDERHOUSE_NOW=(at + timedelta(minutes=10)).isoformat())
    assert result.returncode == 0, result.stderr


def test_it_is_what_the_desk_would_have_told_and_taken_back_it_never_was(
    homes: tuple[Path, Path],
) -> None:
    app, desk = homes
    settings = settings_of(app)
    order_id, sku, supplier_id, currency = _supplied(settings)
    case_id = f"{order_id}-C9"
    before = _follows(settings)
    at = settings.clock() + timedelta(minutes=5)
    ledger = open_ledger(settings.ledger_address)
    new = NewUser(login="amy", display_name="Amy", roles=("ops_lead",), password="a long secret")
    create_user(ledger, new, now=at)
    session = session_for(ledger, start_session(ledger, "amy", now=at), at)
    assert session is not None
    item = ObjectRef(
        queue_code="Q26", item_id="case-of-a-compensation", entity_type="case",
        entity_id=case_id, order_id=order_id, currency_code=currency,
    )  # fmt: skip
    told = {
        "reason_code": "goods_faulty", "amount": "20.00", "supplier_amount": "12.50",
        "ecom_amount": "5.00", "platform_amount": "2.50", "currency_code": currency, "sku": sku,
        "supplier_id": supplier_id,
    }  # fmt: skip

    def does(verb: str, args: dict[str, str], version: int) -> None:
        act(
            ledger, session, verb=verb, object=item, args=args, expected_version=version,
            idempotency_key=f"compensation-{version}", now=at, snapshot_id="test",
        )  # fmt: skip
        _build(app, at)

    does("agree_compensation", told, 0)
    here = _follows(settings)
    [step] = [dict(row) for row in compensations_after(ledger, 0)]
    does("undo", {}, 1)
    taken_back = _follows(settings)
    ledger.close()

    there = settings_of(desk)
    step |= {"event_at": str(step["event_at"]), "source_sequence": step.pop("seq")}
    with writer_lease(there):
        load_records(there, "after_sales", [step], source="service_desk", now=at)
    _build(desk, at)
    assert here == _follows(there)
    assert here != before
    # What was different for a while has been told: the life of a difference is not taken back.
    for name in FOLLOWS.keys() - {"fct_recon_breaks"}:
        assert taken_back[name] == before[name], name
    _is_charged(here, before, case_id, order_id)


def _is_charged(
    here: dict[str, list[tuple[Any, ...]]], before: dict[str, list[tuple[Any, ...]]],
    case_id: str, order_id: str,
) -> None:  # fmt: skip
    """The supplier's part is owed by the supplier, and each bears its own in the waterfall."""
    new = set(here["fct_supplier_lines"]) - set(before["fct_supplier_lines"])
    assert len(new) == 1
    [line] = new
    assert case_id in line
    assert Decimal("-12.50") in line
    money = set(here["fct_order_money"]) - set(before["fct_order_money"])
    assert {Decimal(part) for part in ("12.5", "5", "2.5", "-20")} == {row[-1] for row in money}
    assert all(row[0] == order_id for row in money)
    assert any(row[0] == "RC9" and row[1] == case_id for row in here["fct_recon_breaks"])
