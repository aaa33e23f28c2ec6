"""One published snapshot and one ledger of people for all tests of the app."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from orderhouse.access import get_policy
from orderhouse.ledger import Ledger, open_ledger, start_session
from orderhouse.settings import get_settings
from tests.support.people import CHEAP, NOW, add_person
from tests.support.snapshot import publish

APP = str(Path(__file__).resolve().parents[2] / "dashboards" / "app.py")
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a snapshot and one person of every role, made once."""
    home = tmp_path_factory.mktemp("built")
    publish(home)
    ledger = open_ledger(f"sqlite:///{home / 'ledger.db'}", passwords=CHEAP)
    for role in get_policy().roles:
        add_person(ledger, role.replace("_", "-"), role)
    add_person(ledger, "outlet", "order_processor", shops=("tb-outlet",))
    with ledger.engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    ledger.close()
    return home


@pytest.fixture
def home(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own for each test; the app's clock stands still."""
    copy = tmp_path / "home"
    shutil.copytree(built, copy)
    monkeypatch.setenv("ORDERHOUSE_HOME", str(copy))
    monkeypatch.setenv("ORDERHOUSE_NOW", NOW.isoformat())
    get_settings.cache_clear()
    yield copy
    get_settings.cache_clear()


@pytest.fixture
def ledger(home: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{home / 'ledger.db'}", passwords=CHEAP)
    yield opened
    opened.close()


@pytest.fixture
def open_page(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a page as somebody, through the entry script."""

    def opened(page: str, login: str, language: str = "zh", **params: Any) -> AppTest:
        token = start_session(ledger, login, now=NOW)
        monkeypatch.setattr("dashboards.context.request_token", lambda: token)
        at = AppTest.from_file(APP, default_timeout=60)
        at.session_state["language"] = language
        at.run()
        at.switch_page(f"views/{page}.py")
        for name, value in params.items():
            at.query_params[name] = str(value)
        return at.run()

    return opened
