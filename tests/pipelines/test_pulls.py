"""Connected systems as the command line shows them, and the parcels they are asked about."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from ingestion.pulling.feeds import Parcel
from orderhouse.connections import FILE_NAME
from orderhouse.settings import Settings, get_settings
from pipelines.cli import app
from pipelines.pulls import find_pull, parcels_of, reaches
from tests.support.systems import Shopify, serving

NOW = datetime(2026, 11, 19, 12)


def write(folder: Path, **entries: dict) -> Settings:
    (folder / FILE_NAME).write_text(yaml.safe_dump({"connections": entries}))
    return Settings(home=folder, now=NOW)


def entry(address: str, token: str = "env:SHOP_TOKEN") -> dict:
    return {
        "kind": "pull", "source": "shopify", "shop": "s1", "address": address,
        "credentials": {"token": token}, "feeds": ["orders"], "since": NOW.date(),
    }  # fmt: skip


def test_one_system_that_cannot_be_asked_does_not_keep_us_from_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "token-1")
    monkeypatch.setenv("OLD_TOKEN", "token-0")
    shop = Shopify(now=NOW)
    shop.change(1, NOW)
    with serving(shop) as address:
        news = {"kind": "hook", "source": "wms", "shop": "s1", "secrets": ["env:X"]}
        settings = write(
            tmp_path, closed=entry(address, "env:OLD_TOKEN"), unset=entry(address, "env:NOBODY"),
            open=entry(address), fresh=entry(address) | {"shop": "s2"}, news=news,
        )  # fmt: skip
        monkeypatch.setattr("pipelines.cli.network.get_settings", lambda: settings)
        asked = ["--connection", "closed", "--connection", "unset", "--connection", "open"]
        done = CliRunner().invoke(app, ["pull", *asked])
        said = CliRunner().invoke(app, ["connections"])
    assert done.exit_code == 1
    assert "closed: access was refused (HTTP 401)" in done.output
    assert "NOBODY" in done.output
    assert "1 rows, 1 new files" in done.output
    assert said.exit_code == 0
    assert "pushes to /hooks/wms/s1" in said.output
    assert "last success 2026-11-19T12:00:00 UTC, 0 minutes behind" in said.output
    far = {reach.name: reach for reach in reaches(settings)}
    assert (far["open"].error, far["open"].lag_minutes) == ("", 0)
    assert "HTTP 401" in far["closed"].error
    assert (far["fresh"].succeeded_at, far["fresh"].lag_minutes) == ("", None)
    assert "token-" not in done.output + said.output
    get_settings.cache_clear()


def test_parcels_to_ask_about_are_those_of_the_shop_that_have_left_and_not_arrived(
    tmp_path: Path,
) -> None:
    one = entry("https://x.example") | {"since": datetime(2026, 11, 1).date()}
    settings = write(tmp_path, parcels=one)
    connection = find_pull(settings, "parcels")
    assert parcels_of(settings, connection) == []
    settings.serving_dir.mkdir()
    with duckdb.connect(str(settings.serving_dir / "serving-b1.duckdb")) as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.fct_orders as select * from (values ('o1', 's1'), ('o2', 's2')) "
            "as t (order_id, shop_id)"
        )
        con.execute(
            "create table marts.fct_shipments as select order_id, carrier, tracking_number, "
            "shipped_at::timestamp as shipped_at, delivered_at::timestamp as delivered_at from "
            "(values ('o1', 'sf', 'ON-ITS-WAY', '2026-11-10', null), "
            "('o1', 'sf', 'ARRIVED', '2026-11-10', '2026-11-12'), "
            "('o1', 'sf', 'NOT-LEFT', null, null), ('o1', 'sf', null, '2026-11-10', null), "
            "('o1', 'sf', 'LONG-AGO', '2026-10-01', null), "
            "('o2', 'sf', 'OTHER-SHOP', '2026-11-10', null)) "
            "as t (order_id, carrier, tracking_number, shipped_at, delivered_at)"
        )
    (settings.serving_dir / "current").write_text("serving-b1.duckdb\n")
    assert parcels_of(settings, connection) == [Parcel(carrier="sf", tracking_number="ON-ITS-WAY")]
