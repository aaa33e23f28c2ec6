"""A table nobody has seen becomes a source: what is proposed holds, and says what it cannot do."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest
import yaml

from ingestion.errors import MappingError
from ingestion.mapping import load_mapping, parse_mapping
from ingestion.proposing import Unreadable, look_at, propose, try_out
from orderhouse.settings import Settings
from tests.ingestion.conftest import NOW, Home
from tests.support.homes import run_cli

ORDERS = [
    {"Order No": "A1", "Order Date": "2026-11-02 10:15", "Status": "paid", "Customer": "Ann",
     "Phone": "13800000000", "SKU": "CUP", "Qty": "2", "Unit Price": "9.50", "Total": "24.00",
     "Paid at": "2026-11-02 10:20", "Tracking No": "", "Gift wrap": "no"},
    {"Order No": "A1", "Order Date": "2026-11-02 10:15", "Status": "paid", "Customer": "Ann",
     "Phone": "13800000000", "SKU": "POT", "Qty": "1", "Unit Price": "5.00", "Total": "24.00",
     "Paid at": "2026-11-02 10:20", "Tracking No": "", "Gift wrap": "no"},
    {"Order No": "A2", "Order Date": "2026-11-02 11:00", "Status": "new", "Customer": "Bo",
     "Phone": "13900000000", "SKU": "CUP", "Qty": "1", "Unit Price": "9.50", "Total": "9.50",
     "Paid at": "", "Tracking No": "", "Gift wrap": "yes"},
]  # fmt: skip


def written(rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("preamble", ["", "Export of our shop\n\n"])
def test_a_table_of_orders_becomes_orders_lines_and_payments(delimiter: str, preamble: str) -> None:
    data = preamble.encode() + written(ORDERS, delimiter)
    proposal = propose("corner", look_at(data), zone="Asia/Shanghai", currency="CNY")
    assert proposal.streams == ("orders", "order_lines", "payments", "shipments")
    assert proposal.left == ("Gift wrap",)
    assert proposal.missing == ()
    trial = try_out("corner", proposal.text, data, now=NOW)
    assert trial.records == {"orders": 2, "order_lines": 3, "payments": 1}
    assert trial.quarantine == {}
    assert trial.examples["payments"][0]["amount"] == "24.0000"
    # A sample is shown as it will be kept: masked.
    assert "Ann" not in json.dumps(trial.examples)


def test_the_order_of_columns_and_rows_does_not_change_what_is_recorded() -> None:
    rng, found = random.Random(3), []
    for _ in range(3):
        names = rng.sample(list(ORDERS[0]), len(ORDERS[0]))
        rows = [{name: row[name] for name in names} for row in rng.sample(ORDERS, len(ORDERS))]
        data = written(rows)
        trial = try_out("corner", propose("corner", look_at(data)).text, data, now=NOW)
        found.append(sorted(r["line_id"] for r in trial.examples["order_lines"]))
    assert found[0] == found[1] == found[2]


def test_an_order_that_has_moved_on_keeps_its_lines(home: Home) -> None:
    proposal = propose("corner", look_at(written(ORDERS)), zone="Asia/Shanghai", currency="CNY")
    target = home.settings.sources_dir / "corner" / "mapping.yml"
    target.parent.mkdir(parents=True)
    target.write_text(proposal.text)
    later = [row | {"Status": "shipped", "Tracking No": "T1"} for row in ORDERS]
    home.land(written(ORDERS), source="corner", name="early")
    home.land(written(later), source="corner", name="later")
    report = home.ingest()
    assert (report.quarantined, report.failed) == (0, {})
    assert home.rows("select count(distinct line_id), count(*) from records.order_lines") == [
        (3, 6)
    ]
    assert home.rows("select count(distinct shipment_id) from records.shipments") == [(2,)]


def test_chinese_headers_in_chinese_encoding_are_known() -> None:
    rows = [
        {"订单编号": "77", "下单时间": "2026-11-02 10:00:00", "订单状态": "已付款",
         "收货人": "张三", "手机": "13800000000", "商家编码": "S1", "购买数量": "2",
         "应付金额": "12.50"},
    ]  # fmt: skip
    data = written(rows, encoding="gb18030")
    proposal = propose("corner", look_at(data), currency="CNY")
    assert {"orders", "order_lines"} <= set(proposal.streams)
    assert proposal.left == ()
    assert try_out("corner", proposal.text, data, now=NOW).quarantine == {}


def test_documents_are_found_inside_what_surrounds_them() -> None:
    body = {"data": {"orders": [
        {"number": "9", "date_created": "2026-11-02T10:00:00Z", "status": "paid", "total": "5.00",
         "currency": "EUR", "customer": {"phone": "+49 30 1234567"}, "tags": ["a"]},
    ]}}  # fmt: skip
    data = json.dumps(body).encode()
    sample = look_at(data)
    assert sample.document == "data.orders[]"
    trial = try_out("corner", propose("corner", sample).text, data, now=NOW)
    assert trial.records == {"orders": 1}
    assert trial.examples["orders"][0]["placed_at"] == "2026-11-02 10:00:00"


@pytest.mark.parametrize(
    ("name", "streams"),
    [
        ("stripe/tables/seeds/payout_data.csv", {"payouts"}),
        ("olist/delivered10k__olist_order_items_dataset.csv.gz", {"order_lines"}),
    ],
)
def test_real_tables_are_taken_for_what_they_are(real_data: Path, name: str, streams: set) -> None:
    import gzip

    data = (real_data / name).read_bytes()
    data = gzip.decompress(data)[:50_000].rpartition(b"\n")[0] if name.endswith("gz") else data
    proposal = propose("corner", look_at(data), streams=streams)
    parse_mapping("corner", proposal.text)
    trial = try_out("corner", proposal.text, data, now=NOW)
    assert trial.read == trial.recorded + trial.skipped + sum(trial.quarantine.values())


def test_what_a_record_needs_and_nobody_says_is_named() -> None:
    rows = [{"SKU": "A", "Stock": "5"}]
    proposal = propose("corner", look_at(written(rows)), streams=["stock_snapshots"])
    assert set(proposal.missing) == {"stock_snapshots.warehouse_id", "stock_snapshots.taken_at"}
    trial = try_out("corner", proposal.text, written(rows), now=NOW)
    assert [reason for reason, _ in trial.quarantine] == ["required_missing"]


@pytest.mark.parametrize("data", [b"", b"only words", b"1,2,3\n4,5,6\n", b"[]", b"{", b"\x00\x01"])
def test_what_holds_no_table_is_said_so(data: bytes) -> None:
    with pytest.raises(Unreadable):
        look_at(data)


def test_a_proposal_is_a_mapping_whatever_the_headers_are_called() -> None:
    names = [
        "order no",
        'x": y',
        "order",
        "Order-No",
        "document",
        "shop",
        "日期",
        "a" * 80,
        "#",
        "- q",
    ]
    rows = [{name: str(i) for i, name in enumerate(names)}]
    proposal = propose("corner", look_at(written(rows)), streams=["orders"])
    assert list(yaml.safe_load(proposal.text)["tables"]) == ["rows"]
    parse_mapping("corner", proposal.text)
    try_out("corner", proposal.text, written(rows), now=NOW)


def test_a_changed_mapping_is_read_again(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    target = settings.sources_dir / "corner" / "mapping.yml"
    target.parent.mkdir(parents=True)
    text = propose("corner", look_at(written(ORDERS))).text
    target.write_text(text)
    first = load_mapping("corner", settings.sources_dir)
    target.write_text(text + "# changed\n")
    assert load_mapping("corner", settings.sources_dir).version != first.version
    with pytest.raises(MappingError):
        load_mapping("corner")


def test_a_new_source_lands_in_three_commands(tmp_path: Path) -> None:
    sample, home = tmp_path / "orders.csv", tmp_path / "home"
    sample.write_bytes(written(ORDERS))
    said = run_cli(home, "source", "new", "corner", "--sample", str(sample), "--currency", "CNY")
    assert "Order No  ->  orders.channel_order_id" in said.stdout
    assert "3 rows: 3 taken" in said.stdout
    again = run_cli(home, "source", "new", "corner", "--sample", str(sample), check=False)
    assert again.returncode and "--force" in again.stderr
    run_cli(home, "init")
    run_cli(home, "land", str(sample), "--source", "corner", "--shop", "c1")
    run_cli(home, "ingest")
    tried = run_cli(home, "source", "try", "corner", str(sample))
    assert "order_lines: 3" in tried.stdout
