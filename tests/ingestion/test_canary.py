"""Planted names, phones, addresses and remarks are nowhere in clear after everything went wrong."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest

from ingestion.mapping import load_mapping, source_names
from ingestion.parameters import FILE_NAME
from ingestion.store import open_warehouse
from orderhouse.privacy import open_privacy
from tests.ingestion.conftest import Home
from tests.support.canaries import (
    CANARIES,
    MAIL,
    NAME,
    PHONE,
    REMARK,
    STREET,
    personal_layouts,
    planted_files,
)

ORDERS = (
    "订单编号,买家会员名,买家支付宝账号,总金额,订单状态,买家留言,收货人姓名,收货地址,联系手机,"
    "订单创建时间,订单备注,新列\n"
)
CONTACTS = "ticket_no,order_no,type,event_time,note,agent\n"


def taobao(order: str, amount: str = "1.00", tail: str = "") -> str:
    return (
        f'="{order}",{NAME},{MAIL},{amount},等待买家付款,{REMARK},{NAME},'
        f"广东省 广州市 {STREET},'{PHONE},2026-11-01 10:00:00,{REMARK},{STREET}{tail}\n"
    )


def shopify(order: int, total: str) -> dict[str, object]:
    address = {"name": NAME, "phone": PHONE, "address1": STREET, "country_code": "CN"}
    return {
        "id": order, "created_at": "2026-11-01T10:00:00Z", "total_price": total, "email": MAIL,
        "financial_status": "paid", "note": REMARK, "shipping_address": address,
        "refunds": [{"id": 1, "created_at": "2026-11-02T10:00:00Z", "note": f"call {PHONE}"}],
    }  # fmt: skip


def plant(home: Home) -> None:
    """Good records, bad values, bad bytes, bad layouts, broken documents."""
    good = ORDERS + taobao("1") + taobao("2", amount="one") + taobao("3", tail=",ragged")
    home.land(good.encode("gb18030"), source="taobao")
    home.land(good.replace("订单编号", "编号").encode("gb18030"), source="taobao")
    home.land((ORDERS + taobao("4")).encode() + b"\xff\xfe\xff\n", source="taobao")
    documents = json.dumps([shopify(1, "1.00"), shopify(2, "x")], ensure_ascii=False)
    home.land(documents.encode(), source="shopify")
    home.land(documents[:-3].encode(), source="shopify")
    route = {"mailNo": "1", "acceptTime": "2026-11-01 10:00:00", "opcode": "50",
             "acceptAddress": "x", "remark": f"{NAME}:{PHONE}"}  # fmt: skip
    home.land(json.dumps({"head": {}, "body": [route]}).encode(), source="sf_express")
    note = f"T1,o1,COMPLAINT,2026-11-01 10:00:00,{REMARK} {PHONE},a\n"
    home.land((CONTACTS + note + note.replace("COMPLAINT", "X")).encode(), source="service_desk")


def spellings(text: str) -> set[bytes]:
    found = {text.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    found |= {base64.b64encode(raw).rstrip(b"=")[:-1] for raw in list(found)}
    found |= {raw.hex().encode() for raw in list(found)}
    found.add(json.dumps(text)[1:-1].encode())
    return found


def hits(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            for canary in CANARIES:
                found += [f"{canary} in {path.name}" for s in spellings(canary) if s in data]
    return found


def silent(home: Home) -> None:
    """No canary in any table, file or file name of the home."""
    # Compression could hide a text from the search, so the tables are read as well.
    with open_warehouse(home.settings) as warehouse:
        tables = warehouse.execute(
            "select schema_name, table_name from duckdb_tables() where schema_name <> 'main'"
        ).fetchall()
        dump = "\n".join(
            str(warehouse.execute(f"select * from {schema}.{table}").fetchall())
            for schema, table in tables
        )
        warehouse.execute("checkpoint")
    assert [canary for canary in CANARIES if canary in dump] == []
    assert hits(home.settings.root) == []


def test_no_canary_sings_anywhere_in_the_home(home: Home) -> None:
    plant(home)
    report = home.ingest()
    home.replay()
    assert report.quarantined >= 8
    home.check_accounts()
    silent(home)


def test_no_canary_of_any_layout_of_any_source_sings(
    home: Home, capfd: pytest.CaptureFixture[str]
) -> None:
    # Its trades say whom they are for only where they make the orders.
    home.settings.root.mkdir(parents=True)
    (home.settings.root / FILE_NAME).write_text(
        'shops: {s1: {taobao: {orders_from_trades: "yes"}}}', encoding="utf-8"
    )
    files = planted_files()
    assert personal_layouts() == set(files), "tests/support/canaries.py has no file of these"
    ids = {home.land(data, source=source): (source, layout)
           for (source, layout), data in files.items()}  # fmt: skip
    report = home.ingest()
    home.replay()
    home.check_accounts()
    assert report.failed == {}
    layouts = dict(home.rows("select file_id, layout from ops.loads where records_read > 0"))
    assert {ids[file]: layouts.get(file) for file in ids} == {
        (source, layout): layout for source, layout in ids.values()
    }
    # It is no silence of rows that never came so far: each layout has something to reveal.
    assert personal_layouts() - {ids[file] for file in sealed(home)} == set()
    silent(home)
    said = "".join(capfd.readouterr())
    assert [canary for canary in CANARIES if canary in said] == []


def test_accounts_on_lists_are_pseudonyms_where_those_of_orders_are() -> None:
    """Otherwise the list holds them in clear, and no order is ever found by it."""
    hidden = {
        mapping.channel or source
        for source in source_names()
        for mapping in [load_mapping(source)]
        for table in mapping.tables
        for stream in table.streams
        if stream.stream == "orders" and "buyer_id" in stream.pseudonyms
    }
    [table] = [t for t in load_mapping("risk_desk").tables if t.name == "entries"]
    listed = {text for stream in table.streams for text in re.findall("'([a-z]+)'", stream.where)}
    assert listed == hidden


def sealed(home: Home) -> set[str]:
    """The files that gave a record whose sealed or indexed values are there."""
    found: set[str] = set()
    for table, column in home.rows(
        "select table_name, column_name from duckdb_columns() where schema_name = 'records' "
        "and (column_name like '%\\_cipher' escape '\\' or column_name = 'buyer_id')"
    ):
        query = f"select distinct file_id from records.{table} where {column} is not null"
        found |= {file for (file,) in home.rows(query)}
    return found


def test_what_was_planted_can_be_revealed(home: Home) -> None:
    plant(home)
    home.ingest()
    privacy = open_privacy(home.settings)
    [(name, phone, address, remark)] = home.rows(
        "select buyer_name_cipher, buyer_phone_cipher, ship_address_cipher, buyer_remark_cipher"
        " from records.orders where order_id = 's1-1' and source = 'taobao'"
    )
    assert privacy.reveal(name, "orders.buyer_name") == NAME
    assert privacy.reveal(phone, "orders.buyer_phone") == PHONE
    assert privacy.reveal(address, "orders.ship_address").endswith(STREET)
    assert privacy.reveal(remark, "orders.buyer_remark") == REMARK
    [(extra,)] = home.rows(
        "select extra from records.orders where order_id = 's1-1' and source = 'taobao'"
    )
    sealed = base64.b64decode(json.loads(extra)["sealed"])
    assert json.loads(privacy.reveal(sealed, "orders.extra")) == {
        "买家支付宝账号": MAIL,
        "新列": STREET,
    }


def test_the_bytes_of_a_quarantined_record_can_be_revealed(home: Home) -> None:
    plant(home)
    home.ingest()
    privacy = open_privacy(home.settings)
    [(cipher,)] = home.rows(
        "select raw_cipher from ops.quarantine where reason_code = 'ragged_row' limit 1"
    )
    raw = privacy.reveal_bytes(cipher, "quarantine.raw")
    assert raw.decode("gb18030") == taobao("3", tail=",ragged")


def test_one_person_in_two_channels_has_one_index(home: Home) -> None:
    plant(home)
    home.ingest()
    assert home.rows("select count(distinct buyer_phone_index) from records.orders") == [(1,)]
