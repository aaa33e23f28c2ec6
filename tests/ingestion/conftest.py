"""A home per test, small files of the house's own formats, and the content of its records."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from ingestion.ingest import IngestReport, ingest
from ingestion.landing import Landing
from ingestion.records import STREAMS
from ingestion.records.schema import table_columns
from ingestion.store import open_warehouse, replay_quarantine
from orderhouse.privacy import open_privacy
from orderhouse.settings import PROJECT_ROOT, Settings
from tests.support.disk import small_disk

__all__ = ["small_disk"]

NOW = datetime(2026, 11, 21, 8)
RECEIVED = datetime(2026, 11, 20)

MOVEMENTS = "movement_no,sku,warehouse,lot,type,qty,moved_at,order_no,reference,reason"


def movement(number: int, quantity: str = "5", moved_at: str = "2026-11-01 10:00:00") -> str:
    return f"M{number},SKU{number % 3},WH1,,RECEIPT,{quantity},{moved_at},,,"


def movements(lines: Iterable[str]) -> bytes:
    return "\n".join([MOVEMENTS, *lines, ""]).encode()


@dataclass
class Home:
    """An Orderhouse home in a folder of its own."""

    settings: Settings

    def land(
        self, data: bytes, source: str = "wms", name: str = "file", received_at: datetime = RECEIVED
    ) -> str:
        privacy = open_privacy(self.settings)
        try:
            landing = Landing(self.settings.landing_dir, privacy)
            [file_id] = landing.land_bytes(
                name, data, source=source, shop="s1", received_at=received_at
            )
        finally:
            privacy.vault.close()
        return file_id

    def ingest(self, **options) -> IngestReport:
        return ingest(self.settings, NOW, **options)

    def replay(self) -> int:
        return replay_quarantine(self.settings, NOW)

    def rows(self, query: str) -> list[tuple]:
        with open_warehouse(self.settings) as warehouse:
            return warehouse.execute(query).fetchall()

    def content(self) -> dict[str, tuple]:
        """A fingerprint of each stream's records, without the load they came by."""
        prints = {}
        for stream in STREAMS.values():
            names = ", ".join(n for n, _ in table_columns(stream) if n != "load_seq")
            [prints[stream.name]] = self.rows(
                f"select count(*), bit_xor(hash(({names}))), sum(hash(({names}))::hugeint)"
                f" from records.{stream.name}"
            )
        return prints

    def check_accounts(self) -> None:
        """Every record read is recorded, quarantined or skipped, and the tables agree."""
        assert self.rows(
            "select count(*) from ops.loads where records_read"
            " <> records_recorded + records_quarantined + records_skipped"
        ) == [(0,)]
        assert self.rows("select count(*) from ops.quarantine where state = 'open'") == self.rows(
            "select coalesce(sum(records_quarantined), 0)::bigint -"
            " (select count(*) from ops.quarantine where state = 'replayed') from ops.loads"
        )


def deliver(home: Home) -> None:
    """Two files, each with two good rows and a bad one."""
    for first in (0, 3):
        home.land(movements([movement(first), movement(first + 1), movement(first + 2, "x")]))
    home.ingest()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(Settings(home=tmp_path / "home"))


@pytest.fixture
def homes(tmp_path: Path):
    """Makes homes that share a key file, so that their indexes are comparable."""
    made = []

    def make() -> Home:
        made.append(Home(Settings(home=tmp_path / f"home{len(made)}", key_file=tmp_path / "key")))
        return made[-1]

    return make


@pytest.fixture(scope="session")
def real_data() -> Path:
    path = Path(os.environ.get("ORDERHOUSE_REAL_DATA", PROJECT_ROOT / "../shared/data")).resolve()
    if not path.is_dir():
        pytest.skip(f"no real data at {path}; set ORDERHOUSE_REAL_DATA")
    return path
