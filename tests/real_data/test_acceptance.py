"""Two real businesses from files to marts: nothing lost, and the order of delivery changes nothing.

The files are not part of the project; the tests skip where they are absent.
"""

from __future__ import annotations

import os
import random
import shutil
import tarfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.landing import land
from orderhouse.settings import PROJECT_ROOT, Settings, get_settings
from pipelines.build import build_once
from pipelines.home import prepare_home
from pipelines.lease import writer_lease
from tests.support.homes import mart_hashes, served

REAL_DATA = Path(os.environ.get("ORDERHOUSE_REAL_DATA", PROJECT_ROOT.parent / "shared" / "data"))
RECEIVED = datetime(2026, 1, 5, 8)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL_DATA.exists(), reason=f"no real data at {REAL_DATA}"),
]


# What came when is what these tell, so they differ in the number and the hour of each load.
DELIVERY_LOG = ("fct_loads", "fct_load_streams", "fct_entity_events")
LOADS = (
    "select loads.file_id, loads.records_read, loads.records_recorded, loads.records_quarantined, "
    "loads.records_skipped, parts.stream, parts.row_count from marts.fct_loads as loads "
    "join marts.fct_load_streams as parts using (load_id) order by all"
)


def without(hashes: dict[str, tuple[int, int]], names: tuple[str, ...]) -> dict:
    return {name: value for name, value in hashes.items() if name not in names}


def new_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("ORDERHOUSE_HOME", str(folder))
    get_settings.cache_clear()
    settings = Settings(home=folder, now=RECEIVED)
    prepare_home(settings)
    return settings


def build(settings: Settings) -> Path:
    with writer_lease(settings):
        build_once(settings, with_checks=False)
    return served(settings)


def rows(path: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(query).fetchall()


def test_online_retail_is_accounted_for_to_the_last_digit_in_any_order_of_delivery(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = REAL_DATA / "online_retail" / "online_retail_by_day.tar.gz"
    at_once = new_home(tmp_path / "once", monkeypatch)
    land(at_once, archive, source="online_retail", shop="uk", received_at=RECEIVED)
    first = build(at_once)

    read, recorded, quarantined = rows(
        at_once.warehouse_path,
        "select sum(records_read), sum(records_recorded), sum(records_quarantined) from ops.loads",
    )[0]
    assert (read, recorded + quarantined) == (541_909, 541_909)
    total = rows(
        at_once.warehouse_path,
        "select (select sum(quantity * unit_price_amount) from records.order_lines)"
        " - (select sum(amount) from records.refunds)"
        " + (select sum(gross_amount) from records.settlement_lines)",
    )[0][0]
    assert quarantined == 0
    assert total == Decimal("9747747.934")

    (tmp_path / "files").mkdir()
    with tarfile.open(archive) as tar:
        for member in filter(tarfile.TarInfo.isfile, tar):
            with tar.extractfile(member) as packed:
                (tmp_path / "files" / Path(member.name).name).write_bytes(packed.read())
    files = sorted((tmp_path / "files").rglob("*.csv"))
    draw = random.Random(5)
    draw.shuffle(files)
    twice = draw.sample(files, 50)
    in_parts = new_home(tmp_path / "parts", monkeypatch)
    # The blind indexes depend on the key, so both homes have the same one.
    shutil.copyfile(at_once.master_key_path, in_parts.master_key_path)
    for part in (files[:100], files[100:200] + twice[:25], files[200:] + twice[25:]):
        for number, path in enumerate(part):
            copy = tmp_path / f"renamed-{number}.csv"
            shutil.copyfile(path, copy)
            land(in_parts, copy, source="online_retail", shop="uk", received_at=RECEIVED)
        last = build(in_parts)
    assert without(mart_hashes(last), DELIVERY_LOG) == without(mart_hashes(first), DELIVERY_LOG)
    assert rows(last, LOADS) == rows(first, LOADS)


def test_olist_mismatches_are_found_by_reconciliation_and_by_hand_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_home(tmp_path / "olist", monkeypatch)
    land(settings, REAL_DATA / "olist", source="olist", shop="br", received_at=RECEIVED)
    path = build(settings)
    streams = dict(
        rows(settings.warehouse_path, "select stream, sum(rows) from ops.load_streams group by 1")
    )
    assert (streams["orders"], streams["order_lines"], streams["payments"]) == (
        10_000,
        11_513,
        10_415,
    )
    with duckdb.connect() as con:
        by_hand = con.execute(
            "with items as (select order_id, sum(price + freight_value) as due from "
            "read_csv($items, types = {'price': 'decimal(18,4)', 'freight_value': 'decimal(18,4)'})"
            " group by 1), paid as (select order_id, sum(payment_value) as got from "
            "read_csv($paid, types = {'payment_value': 'decimal(18,4)'}) group by 1) "
            "select 'br-' || order_id from items join paid using (order_id) "
            "where abs(due - got) > 0.01",
            {
                "items": str(REAL_DATA / "olist/delivered10k__olist_order_items_dataset.csv.gz"),
                "paid": str(REAL_DATA / "olist/delivered10k__olist_order_payments_dataset.csv.gz"),
            },
        ).fetchall()
    found = rows(
        path,
        "select order_id from marts.fct_recon_breaks where recon_code = 'RC1' "
        "and abs(difference_amount) > 0.01",
    )
    assert sorted(found) == sorted(by_hand)
    assert len(found) > 0
