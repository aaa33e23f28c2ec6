"""A ledger per test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from orderhouse.ledger import Ledger, ObjectRef, open_ledger
from tests.support.people import CHEAP, add_person
from tests.support.postgres import running_postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    server = request.getfixturevalue("postgres_url")
    name = f"ledger_{secrets.token_hex(6)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """A ledger with one person of each trade the tests need."""
    opened = open_ledger(ledger_url, passwords=CHEAP)
    add_person(opened, "reviewer", "order_processor")
    add_person(opened, "second", "order_processor")
    add_person(opened, "lead", "ops_lead")
    add_person(opened, "boss", "admin")
    add_person(opened, "keeper", "inventory")
    add_person(opened, "purchaser", "purchasing")
    add_person(opened, "clerk", "finance")
    add_person(opened, "clerk2", "finance")
    add_person(opened, "auditor", "finance_supervisor")
    add_person(opened, "twohats", "finance", "finance_supervisor")
    yield opened
    opened.close()


@pytest.fixture
def case() -> Callable[..., ObjectRef]:
    """Makes the reference of a case in the review queue."""

    def make(number: int = 1, **changes: object) -> ObjectRef:
        values: dict[str, object] = {
            "queue_code": "Q07",
            "item_id": f"item-{number}",
            "entity_type": "order",
            "entity_id": f"shop-{number}",
            "order_id": f"shop-{number}",
            "shop_id": "shop",
            "amount": "100.00",
            "currency_code": "CNY",
        }
        return ObjectRef(**(values | changes))  # type: ignore[arg-type]

    return make
