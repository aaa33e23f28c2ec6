"""One customer is one id, and what was recorded in clear before is rewritten without a trace."""

from __future__ import annotations

import json

import pytest
import yaml
from typer.testing import CliRunner

from ingestion.hiding import hide_accounts
from ingestion.mapping import load_mapping, source_names
from orderhouse.settings import get_settings
from pipelines.cli import app
from tests.ingestion.conftest import NOW, Home
from tests.support.hooks import shopify_order

HEADER = "entry_no,list,phone,address,channel,account,reason,valid_from,valid_to"
LISTS = "\n".join(
    [
        HEADER,
        "E1,black,,,taobao,CANARY-小红,r,2026-10-01 10:00:00,",
        "E2,black,,,shopify,CANARY-77,r,2026-10-01 10:00:00,",
        "E3,black,,,online_retail,12345,r,2026-10-01 10:00:00,",
        "E4,black,,,,,r,2026-10-01 10:00:00,",
    ]
)


def in_clear(home: Home) -> None:
    """The mapping as it was before it hid accounts, as one of the house's own."""
    from ingestion.mapping import SOURCES

    text = (SOURCES / "risk_desk" / "mapping.yml").read_text("utf-8")
    tree = yaml.safe_load(text)
    for stream in tree["tables"]["entries"]["streams"]:
        stream.pop("pseudonyms", None)
    folder = home.settings.sources_dir / "risk_desk"
    folder.mkdir(parents=True)
    (folder / "mapping.yml").write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")


def now_hidden(home: Home) -> None:
    path = home.settings.sources_dir / "risk_desk" / "mapping.yml"
    path.unlink()
    path.parent.rmdir()


def entries(home: Home) -> list[tuple]:
    return home.rows(
        "select distinct record_key, record_hash, buyer_id from records.risk_entries order by 1, 2"
    )


def test_the_layouts_of_a_channel_hide_accounts_or_none_does() -> None:
    told: dict[str, set[bool]] = {}
    for source in source_names():
        mapping = load_mapping(source)
        for table in mapping.tables:
            for stream in table.streams:
                if "buyer_id" in stream.values and stream.stream != "risk_entries":
                    hides = "buyer_id" in stream.pseudonyms
                    told.setdefault(mapping.channel or source, set()).add(hides)
    assert {channel for channel, ways in told.items() if len(ways) > 1} == set()
    assert told["shopify"] == {True}


def test_a_customer_of_a_shop_is_one_id_whichever_way_the_orders_come(home: Home) -> None:
    order = shopify_order(1, "2026-11-01T10:00:00Z", "9.00") | {"customer": {"id": 77}}
    home.land(json.dumps({"orders": [order]}).encode(), source="shopify")
    node = {
        "id": "gid://shopify/Order/2", "createdAt": "2026-11-01T10:00:00Z",
        "displayFinancialStatus": "PAID", "customer": {"id": "gid://shopify/Customer/77"},
        "totalPriceSet": {"shopMoney": {"amount": "9.00", "currencyCode": "USD"}},
    }  # fmt: skip
    home.land(json.dumps({"data": {"order": node}}).encode(), source="shopify", name="g")
    [table] = [t for t in load_mapping("shopify_tables").tables
               if any(s.stream == "orders" for s in t.streams)]  # fmt: skip
    cells = {ours: "" for ours in table.required}
    cells |= {"customer": "77", "id": "3", "created_at": "2026-11-01 10:00:00"}
    names = {**table.required, **{"customer": table.optional.get("customer", ("customer_id",))}}
    header = [heads[0] for heads in names.values()]
    row = [cells.get(ours, "") for ours in names]
    money = {"total_price", "subtotal_price", "total_tax", "total_discounts"}
    row = ["9.00" if head in money else cell for head, cell in zip(header, row, strict=True)]
    text = ",".join(header) + "\n" + ",".join(row) + "\n"
    home.land(text.encode(), source="shopify_tables", name="t.csv")
    report = home.ingest()
    found = home.rows("select source, buyer_id from records.orders order by order_id")
    assert len(found) == 3, (report, home.rows("select * from ops.quarantine"))
    assert len({buyer for _, buyer in found}) == 1
    assert found[0][1] != "77"


def test_what_was_recorded_in_clear_becomes_what_the_same_file_gives_today(home: Home) -> None:
    in_clear(home)
    home.land(LISTS.encode(), source="risk_desk")
    home.ingest()
    assert {row[2] for row in entries(home)} == {"CANARY-小红", "CANARY-77", "12345", None}
    now_hidden(home)
    done = hide_accounts(home.settings, NOW)
    assert (done.records, done.files, done.unread) == (2, 1, {})
    rewritten = entries(home)
    assert "CANARY" not in str(rewritten)
    assert {row[2] for row in rewritten} >= {"12345", None}
    # Sent again, it is no other version of anything.
    home.land(LISTS.encode() + b"\n", source="risk_desk", name="again")
    home.ingest()
    assert entries(home) == rewritten
    home.check_accounts()


def test_doing_it_again_changes_nothing(home: Home) -> None:
    in_clear(home)
    home.land(LISTS.encode(), source="risk_desk")
    home.ingest()
    now_hidden(home)
    hide_accounts(home.settings, NOW)
    before = home.content()
    assert hide_accounts(home.settings, NOW).records == 0
    assert home.content() == before


def test_nothing_in_clear_is_left_in_the_file_of_the_warehouse(home: Home) -> None:
    in_clear(home)
    home.land(LISTS.encode(), source="risk_desk")
    home.ingest()
    now_hidden(home)
    hide_accounts(home.settings, NOW)
    wal = home.settings.warehouse_path.with_name(home.settings.warehouse_path.name + ".wal")
    assert not wal.exists() or b"CANARY" not in wal.read_bytes()


def test_the_command_says_what_it_did_and_what_comes_next(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_clear(home)
    home.land(LISTS.encode(), source="risk_desk")
    home.ingest()
    now_hidden(home)
    monkeypatch.setattr("pipelines.cli.facts.get_settings", lambda: home.settings)
    said = CliRunner().invoke(app, ["hide-accounts"])
    assert said.exit_code == 0, said.output
    assert "2 records of 1 files rewritten" in said.output
    assert "orderhouse build --full" in said.output
    assert "0 records of 0 files" in CliRunner().invoke(app, ["hide-accounts"]).output
    get_settings.cache_clear()
