"""Real files of real systems, with the totals their publishers state. Skipped where absent."""

from __future__ import annotations

import json
import random
import tarfile
from decimal import Decimal
from pathlib import Path

import pytest

from benchmarks.real_data import rows, table
from ingestion.landing import Landing
from orderhouse.privacy import open_privacy
from orderhouse.settings import PROJECT_ROOT
from tests.ingestion.conftest import RECEIVED, Home


def land(home: Home, path: Path, source: str) -> None:
    privacy = open_privacy(home.settings)
    landing = Landing(home.settings.landing_dir, privacy)
    landing.land(path, source=source, shop="s1", received_at=RECEIVED)
    privacy.vault.close()


def retail_days(real_data: Path) -> list[bytes]:
    with tarfile.open(real_data / "online_retail" / "online_retail_by_day.tar.gz") as archive:
        return [archive.extractfile(m).read() for m in archive if m.isfile()]


def retail_money(home: Home) -> Decimal:
    [(total,)] = home.rows(
        "select (select sum(line_amount) from records.order_lines)"
        " - (select sum(amount) from records.refunds)"
        " + (select sum(gross_amount) from records.settlement_lines)"
    )
    return total


@pytest.mark.slow
def test_every_line_and_every_penny_of_online_retail(home: Home, real_data: Path) -> None:
    land(home, real_data / "online_retail" / "online_retail_by_day.tar.gz", "online_retail")
    report = home.ingest()
    assert report.files == 305
    assert report.read == report.recorded + report.quarantined == 541_909
    assert retail_money(home) == Decimal("9747747.934")
    home.check_accounts()


def test_days_of_online_retail_in_any_order_are_the_same(homes, real_data: Path) -> None:
    days = random.Random(7).sample(retail_days(real_data), 9)
    straight, mixed = homes(), homes()
    for day in days:
        straight.land(day, source="online_retail")
    straight.ingest()
    shuffled = random.Random(8).sample(days + days[:4], 13)
    for number, part in enumerate((shuffled[:5], shuffled[5:])):
        for place, day in enumerate(part):
            mixed.land(day, source="online_retail", name=f"{number}-{place}.csv")
        mixed.ingest()
    assert mixed.content() == straight.content()


def test_olist_is_complete(home: Home, real_data: Path) -> None:
    land(home, real_data / "olist", "olist")
    report = home.ingest()
    assert report.quarantined == 0
    rows = report.stream_rows
    assert (rows["orders"], rows["order_lines"], rows["payments"]) == (10_000, 11_513, 10_415)
    home.check_accounts()


def test_shopify_orders_are_accounted_for(home: Home, real_data: Path) -> None:
    for path in sorted((real_data / "shopify" / "rest").glob("order*.json")):
        land(home, path, "shopify")
    for name in ("refund", "transactions", "transaction", "fulfillment"):
        land(home, real_data / "shopify" / "rest" / f"{name}.json", "shopify")
    report = home.ingest()
    assert report.quarantined == 0
    assert report.stream_rows == {
        "orders": 2, "order_lines": 3, "payments": 2, "refunds": 1, "shipments": 2,
        "shipment_lines": 2, "order_risks": 3, "channel_status": 3,
    }  # fmt: skip
    assert home.rows("select amount::varchar, quantity::int from records.refunds") == [
        ("209.0000", 2)
    ]
    home.check_accounts()


def test_payouts_of_shopify_and_their_transactions_are_taken_whole(
    home: Home, real_data: Path
) -> None:
    for name in ("payout", "payouts", "payouts_transactions"):
        land(home, real_data / "shopify" / "rest" / f"{name}.json", "shopify")
    report = home.ingest()
    assert report.quarantined == 0
    # The documentation's example of one payout; its lines do not add up to its amount.
    assert report.stream_rows == {"payouts": 7, "settlement_lines": 25}
    assert home.rows("select sum(net_amount)::varchar from records.settlement_lines") == [
        ("39.4800",)
    ]
    home.check_accounts()


def test_settlements_of_amazon_are_taken_whole(home: Home, real_data: Path) -> None:
    """A sample with short rows, a V2 report of the US, and a report in the old form."""
    for path in sorted((real_data / "amazon" / "reports").glob("*.tsv")):
        land(home, path, "amazon")
    report = home.ingest()
    assert (report.files, report.quarantined) == (3, 0)
    assert report.stream_rows == {"payouts": 3, "settlement_lines": 11}
    lines = home.rows(
        "select statement_id, currency_code, count(*), sum(net_amount)::varchar, "
        "sum(gross_amount) filter (where line_kind = 'payment')::varchar "
        "from records.settlement_lines where line_kind <> 'payout' group by all order by 1"
    )
    # Only the first row of the report of the US says whose rows they are, and in what currency.
    assert lines == [
        ("12345678901", "USD", 2, "16.7700", "19.9900"),
        ("18906543210", "GBP", 7, "-16.3200", "33.9800"),
        ("25829544191", "USD", 1, "26.0000", "26.0000"),
    ]
    # None of the samples is complete: each says a total that its rows do not come to.
    totals = home.rows(
        "select stated::varchar, computed::varchar, is_equal from ops.control_totals"
    )
    assert sorted(totals) == [
        ("1234.5600", "16.7700", False),
        ("1847.3200", "-16.3200", False),
        ("649.1200", "26.0000", False),
    ]
    home.check_accounts()


def test_the_merchant_bill_adds_up_to_its_own_totals(home: Home, real_data: Path) -> None:
    for path in sorted((real_data / "merchant_bills").glob("alipay*.csv")):
        land(home, path, "alipay")
    report = home.ingest()
    assert (report.files, report.recorded, report.quarantined) == (2, 3, 0)
    assert home.rows("select name, stated::varchar, is_equal from ops.control_totals") == [
        ("lines", "3.0000", True),
        ("received", "9.9300", True),
    ]
    home.check_accounts()


def test_routes_of_real_parcels(home: Home, real_data: Path) -> None:
    for path in sorted((real_data / "tracking").glob("sf_route*.json")):
        land(home, path, "sf_express")
    home.ingest()
    assert home.rows(
        "select tracking_number, count(*), count(distinct record_key) from records.tracking_events"
        " group by 1 order by 1"
    ) == [("238836512256", 14, 14), ("802498488925", 18, 18)]
    home.check_accounts()


@pytest.mark.parametrize(
    ("source", "files", "parcels"),
    [
        ("kuaidi100", "kuaidi100_push_in_transit.json", {"V030344422": 2}),
        # One parcel, told twice in two nestings: the same five scans.
        ("track17", "17track*.json", {"1Z0000000000000000": 5}),
    ],
)
def test_scans_told_by_services_for_many_carriers(
    home: Home, real_data: Path, source: str, files: str, parcels: dict[str, int]
) -> None:
    for path in sorted((real_data / "tracking").glob(files)):
        land(home, path, source)
    assert home.ingest().quarantined == 0
    found = home.rows(
        "select tracking_number, count(distinct record_key) from records.tracking_events group by 1"
    )
    assert dict(found) == parcels
    home.check_accounts()


def test_trade_bills_of_wechat_add_up_to_their_last_line(home: Home, real_data: Path) -> None:
    for path in sorted((real_data / "merchant_bills").glob("wechat*")):
        land(home, path, "wechatpay")
    report = home.ingest()
    assert report.quarantined == 0
    assert report.stream_rows == {"settlement_lines": 5, "refunds": 2}
    totals = home.rows("select name, stated::varchar, is_equal from ops.control_totals")
    assert sorted(totals) == [
        ("fees", "0.0000", True), ("fees", "0.0004", True),
        ("lines", "2.0000", True), ("lines", "3.0000", True),
        ("refunds", "0.0000", True), ("refunds", "0.0000", True),
        ("settled", "0.0200", True), ("settled", "0.0300", True),
    ]  # fmt: skip
    # A refund that is not done has the year one; it is dated by when it was asked for.
    assert home.rows(
        "select refund_status, refunded_at::varchar, amount::varchar"
        " from records.refunds order by 1"
    ) == [("sent", "2021-02-01 07:13:10", "0.0100"), ("succeeded", "2020-12-01 08:18:12", "1.0000")]
    home.check_accounts()


def test_tables_of_stripe_keep_every_coin(home: Home, real_data: Path) -> None:
    for path in sorted((real_data / "stripe" / "tables" / "seeds").glob("*.csv")):
        land(home, path, "stripe")
    report = home.ingest()
    assert report.quarantined == 0
    assert report.stream_rows == {"settlement_lines": 9, "payouts": 15, "refunds": 22}
    assert home.rows(
        "select count(*) from records.settlement_lines"
        " where gross_amount - fee_amount <> net_amount"
    ) == [(0,)]
    assert home.rows(
        "select refund_status, count(*), sum(amount)::varchar from records.refunds"
        " where refund_kind = 'chargeback' group by 1 order by 1"
    ) == [("rejected", 3, "78.9800"), ("requested", 12, "6688.9800"), ("succeeded", 7, "6595.9900")]
    # Two are still argued about; the other ten were opened before they ended.
    home.check_accounts()


def test_an_order_of_woocommerce_is_the_same_alone_and_in_a_movers_file(
    homes, real_data: Path
) -> None:
    found = []
    for name in ("order_45.json", "orders.airbyte.jsonl"):
        home = homes()
        land(home, real_data / "woocommerce" / name, "woocommerce")
        assert home.ingest().quarantined == 0
        found.append(home.rows("select record_key, record_hash from records.orders"))
    assert found[0] == found[1]


WALLETS = "alipay_wechat_wallet_bills"


def test_wallets_are_accounts_whose_bills_say_how_many_lines_they_have(
    home: Home, real_data: Path
) -> None:
    for path in sorted((real_data / WALLETS).glob("*/美团*")):
        land(home, path, "wallets")
    home.ingest()
    # The head of the bill sums money another way and says so; its number of lines is exact.
    assert home.rows("select name, stated::int, is_equal from ops.control_totals") == [
        ("lines", 29, True)
    ]
    assert home.rows(
        "select amount > 0, count(*), sum(abs(amount))::varchar from records.bank_lines"
        " group by 1 order by 1"
    ) == [(False, 23, "1223.8000"), (True, 6, "209.7300")]
    home.check_accounts()


def test_a_push_published_broken_is_quarantined(home: Home, real_data: Path) -> None:
    name = "kuaidi100_push_malformed_trailing_comma.txt"
    land(home, real_data / "tracking" / name, "kuaidi100")
    home.ingest()
    assert home.rows("select reason_code from ops.quarantine") == [("broken_json",)]


def test_the_published_taobao_row(home: Home, real_data: Path) -> None:
    [path] = (real_data / "taobao_jd_orders").glob("*.csv")
    land(home, path, "taobao")
    home.ingest()
    assert home.rows(
        "select order_id, payable_amount::varchar, buyer_phone_masked, ship_address_masked,"
        " ship_city from records.orders"
    ) == [("s1-00000000000000001", "201.1200", "138****0000", "广东省 广州市 ****", "广州市")]


def test_every_generation_of_the_taobao_header_gives_the_same_order(homes, real_data: Path) -> None:
    path = real_data / "taobao_jd_orders" / "taobao_ExportOrderList_headers.json"
    cells = {"订单编号": '="77"', "订单状态": "交易成功", "订单创建时间": "2026-01-02 10:00:00",
             "总金额": "12.50", "订单付款时间": "2026-01-02 10:05:00", "买家实际支付金额": "12.50",
             "物流单号": "No:SF1", "物流公司": "顺丰速运", "收货人姓名": "张三"}  # fmt: skip
    found = []
    for header in json.loads(path.read_text()).values():
        home = homes()
        row = ",".join(cells.get(name.strip(), "") for name in header)
        home.land("\r\n".join([",".join(header), row, ""]).encode("gb18030"), source="taobao")
        assert home.ingest().recorded == 1
        found.append(
            home.rows(
                "select order_id, placed_at, payable_amount, buyer_name_masked from records.orders"
                " union all select payment_id, paid_at, amount, provider from records.payments"
                " union all select shipment_id, null, 0, carrier from records.shipments"
            )
        )
    assert len(found) == 4
    assert all(rows == found[0] and len(rows) == 3 for rows in found)


@pytest.mark.slow
def test_what_is_told_of_real_files_is_what_becomes_of_them(real_data: Path) -> None:
    told = (PROJECT_ROOT / "docs" / "real-data.md").read_text("utf-8")
    assert table(rows(real_data)) == told


def test_orders_of_amazon_to_be_shipped_are_read_from_their_markup(
    home: Home, real_data: Path
) -> None:
    for path in (real_data / "amazon" / "reports").glob("*.xml"):
        land(home, path, "amazon")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select item_quantity::int, line_amount::varchar, quantity::int, lines.currency_code"
        " from records.orders inner join records.order_lines as lines using (order_id)"
        " order by all"
    ) == [(2, "222.0000", 2, "USD"), (11, "111.0000", 11, "USD")]
    home.check_accounts()
