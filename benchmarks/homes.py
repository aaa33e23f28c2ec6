"""Homes of a given size for the benchmarks: made once, copied for each use."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from ingestion.demo import DemoPlan
from ingestion.landing import land
from orderhouse.settings import Settings, get_settings
from pipelines.build import build_once, take_in
from pipelines.demo import land_demo
from pipelines.home import prepare_home
from pipelines.lease import writer_lease

UNTIL = datetime(2026, 6, 30, 9)
ROOT = Path(tempfile.gettempdir()) / "orderhouse-bench"


def settings_for(home: Path, minutes: int = 30) -> Settings:
    """The home's settings, its clock `minutes` after the present of its business.

    One process plays several homes in turn here; code that reads the environment must see the same
    one, or a build ends up in another home.
    """
    os.environ["ORDERHOUSE_HOME"] = str(home)
    get_settings.cache_clear()
    return Settings(home=home, now=UNTIL + timedelta(minutes=minutes), snapshots_kept=2)


def loaded_home(orders: int) -> Path:
    """A home with the business loaded and nothing folded."""
    home = ROOT / f"loaded-{orders}"
    done = home / "done"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        settings = settings_for(home)
        prepare_home(settings)
        land_demo(settings, DemoPlan(orders=orders, until=UNTIL), print)
        with writer_lease(settings):
            take_in(settings)
        done.touch()
    return home


def built_home(orders: int) -> Path:
    """A home with the business folded and published."""
    home = ROOT / f"built-{orders}"
    done = home / "done-built"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(loaded_home(orders), home)
        settings = settings_for(home)
        with writer_lease(settings):
            build_once(settings, full=True, with_checks=False)
        done.touch()
    return home


def land_change(settings: Settings, rows: int, mark: str) -> None:
    """Lands one warehouse event for each of the `rows` orders placed last."""
    with duckdb.connect(str(settings.warehouse_path), read_only=True) as con:
        orders = con.sql(
            "select order_id from (select distinct order_id, placed_at from records.orders) "
            f"order by placed_at desc, order_id limit {rows}"
        ).pl()
    path = settings.root / f"change-{mark}.csv"
    moment = (UNTIL + timedelta(hours=8) - timedelta(minutes=20)).strftime("%Y-%m-%d %H:%M:%S")
    orders.select(
        event_no=pl.format("X{}-{}", pl.lit(mark), "order_id"),
        order_no="order_id", event=pl.lit("CHECKED"), event_time=pl.lit(moment), line_no=pl.lit(""),
        sku=pl.lit(""), qty=pl.lit(""), warehouse=pl.lit("WH1"), carrier=pl.lit(""),
        tracking_no=pl.lit(""), reason=pl.lit(""), operator=pl.lit("w1"),
    ).write_csv(path)  # fmt: skip
    land(settings, path, source="wms", shop="tb", received_at=settings.clock())
    path.unlink()
