"""A ledger per test, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
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


def _created(server: str, name: str, template: str = "template1") -> str:
    """The address of a new database on the server."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"create database {name} template {template}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _hire(url: str) -> None:
    """One person of each trade the tests need."""
    opened = open_ledger(url, passwords=CHEAP)
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
    opened.close()


@pytest.fixture(scope="session")
def peopled_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of SQLite with its people: copied, because tables and people take half a second."""
    path = tmp_path_factory.mktemp("peopled") / "ledger.db"
    _hire(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def peopled_database(postgres_url: str) -> str:
    """The name of its like on PostgreSQL."""
    _hire(_created(postgres_url, "peopled"))
    return "peopled"


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind: empty, or with its people where the test asks for a `ledger`."""
    has_people = "ledger" in request.fixturenames
    if request.param == "sqlite":
        path = tmp_path / "ledger.db"
        if has_people:
            shutil.copyfile(request.getfixturevalue("peopled_file"), path)
        return f"sqlite:///{path}"
    server, name = request.getfixturevalue("postgres_url"), f"ledger_{secrets.token_hex(6)}"
    if has_people:
        return _created(server, name, request.getfixturevalue("peopled_database"))
    return _created(server, name)


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    """A ledger with one person of each trade the tests need."""
    opened = open_ledger(ledger_url, passwords=CHEAP)
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
