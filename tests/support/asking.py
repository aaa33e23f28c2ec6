"""A home that asks one shop of this machine, and what it knows then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import stamina
import yaml

from ingestion.pulling.engine import PullReport, pull
from orderhouse.connections import FILE_NAME
from orderhouse.settings import Settings
from tests.ingestion.conftest import Home

START = datetime(2026, 11, 1)
NOW = datetime(2026, 11, 19, 12)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As many attempts as in earnest, without the time between them."""
    monkeypatch.setenv("SHOP_TOKEN", "token-1")
    monkeypatch.setenv("SHOP_KEY", "key")
    stamina.set_testing(True, attempts=8)
    yield
    stamina.set_testing(False)


class Reader:
    """A home that asks one shop."""

    def __init__(self, folder: Path, kind: str, address: str, /, **changes: object) -> None:
        self.folder, self.kind = folder, kind
        folder.mkdir(parents=True)
        credentials = {"token": "env:SHOP_TOKEN"}
        if kind == "woocommerce":
            credentials = {"key": "env:SHOP_KEY", "secret": "env:SHOP_TOKEN"}
        if kind.startswith("amazon"):
            credentials = {"client_id": "env:SHOP_KEY", "client_secret": "env:SHOP_TOKEN",
                           "refresh_token": "env:SHOP_TOKEN"}  # fmt: skip
            changes = {"marketplaces": ["ATVPDKIKX0DER"],
                       "token_address": f"{address}/auth/o2/token"} | changes  # fmt: skip
        entry = {
            "kind": "pull", "source": kind, "shop": "s1", "address": address,
            "credentials": credentials, "since": START.date(), "page_size": 3,
        }  # fmt: skip
        text = yaml.safe_dump({"connections": {"shop": entry | changes}})
        (folder / FILE_NAME).write_text(text)
        self.waited: list[float] = []

    def settings(self, now: datetime) -> Settings:
        key = self.folder.parent / "key"
        return Settings(home=self.folder, key_file=key, now=now, pull_timeout_seconds=0.2)

    def pull(self, now: datetime = NOW, **options) -> PullReport:
        return pull(self.settings(now), "shop", sleep=self.waited.append, **options)

    def newest(self) -> list[tuple]:
        """The version of every order, line and payment that staging would take."""
        home = Home(self.settings(NOW))
        home.ingest(tolerance=None)
        home.check_accounts()
        rows: list[tuple] = []
        for stream in ("orders", "order_lines", "payments"):
            rows += home.rows(
                f"select '{stream}', record_key, max_by(record_hash, (observed_at, record_hash))"
                f" from records.{stream} group by 2 order by 2"
            )
        return rows
