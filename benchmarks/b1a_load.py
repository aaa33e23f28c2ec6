"""B1a: loading a file of facts without personal data, against a typed `create table as`."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from benchmarks.measure import Comparison, compare
from ingestion.ingest import ingest
from ingestion.landing import land
from ingestion.warehouse import init_warehouse
from orderhouse.settings import Settings

_NOW = datetime(2026, 7, 1)
_EVENTS = ("RELEASED", "WMS_ACCEPTED", "PICK_STARTED", "PICKED", "PACKED", "HANDED_OVER")
_TYPES = (
    "{'event_no': 'varchar', 'order_no': 'varchar', 'event': 'varchar', 'event_time': 'timestamp', "
    "'line_no': 'varchar', 'sku': 'varchar', 'qty': 'decimal(18,4)', 'warehouse': 'varchar', "
    "'carrier': 'varchar', 'tracking_no': 'varchar', 'reason': 'varchar', 'operator': 'varchar'}"
)


def write_file(path: Path, rows: int) -> None:
    """A warehouse's event export of `rows` rows."""
    number = pl.int_range(rows, eager=True)
    pl.select(
        event_no=pl.format("E{}", number),
        order_no=pl.format("tb-41{}", number // 6),
        event=pl.Series(_EVENTS).gather(number % 6),
        event_time=(pl.datetime(2026, 1, 1) + pl.duration(seconds=number)).dt.strftime(
            "%Y-%m-%d %H:%M:%S"
        ),
        line_no=pl.lit(""),
        sku=pl.format("SKU{}", number % 997),
        qty=(number % 5 + 1).cast(pl.String),
        warehouse=pl.lit("WH1"),
        carrier=pl.lit("sf"),
        tracking_no=pl.format("SF{}", 100_000_000 + number // 6),
        reason=pl.lit(""),
        operator=pl.format("w{}", number % 9),
    ).write_csv(path)


def run(orders: int, pairs: int) -> list[Comparison]:
    """Four events an order, loaded by both sides into an empty file."""
    folder = Path(tempfile.mkdtemp(prefix="b1a-"))
    try:
        source = folder / "fulfilment.csv"
        write_file(source, orders * 4)
        landed = Settings(home=folder / "landed")
        init_warehouse(landed.warehouse_path)
        land(landed, source, source="wms", shop="tb", received_at=_NOW)
        number = iter(range(10_000))

        def ours() -> None:
            home = folder / f"ours-{next(number)}"
            shutil.copytree(landed.root, home)
            report = ingest(Settings(home=home), now=_NOW)
            assert report.recorded == orders * 4, report
            shutil.rmtree(home)

        def baseline() -> None:
            target = folder / f"base-{next(number)}.duckdb"
            with duckdb.connect(str(target), config={"threads": 2}) as con:
                con.execute(
                    f"create table events as select * from read_csv(?, columns = {_TYPES})",
                    [str(source)],
                )
                row = con.execute("select count(*) from events").fetchone()
                assert row is not None
                assert row[0] == orders * 4
            target.unlink()

        size = source.stat().st_size / 1e6
        return [
            compare("A/A (noise floor)", baseline, baseline, pairs),
            compare(f"B1a load {size:.0f} MB of CSV", ours, baseline, pairs),
        ]
    finally:
        shutil.rmtree(folder)
