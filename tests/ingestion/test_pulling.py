"""Asking other systems: whatever goes wrong on the way, what is landed is what they have."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import stamina

from ingestion.connections import pulls_of
from ingestion.pulling.calls import AccessRefused, PullError
from ingestion.pulling.feeds import Parcel
from ingestion.pulling.progress import alone, load_progress
from orderhouse.connections import ConnectionsError
from orderhouse.settings import PROJECT_ROOT
from tests.ingestion.conftest import Home
from tests.support.amazon import Amazon
from tests.support.asking import NOW, START, Reader, no_waiting
from tests.support.providers import Kuaidi100, Stripe, Track17
from tests.support.systems import FAULTS, Shop, Shopify, WooCommerce, serving

__all__ = ["no_waiting"]

KINDS: dict[str, type[Shop]] = {
    "shopify": Shopify,
    "woocommerce": WooCommerce,
    "amazon_api": Amazon,
}


def filled(kind: str, seed: int, now: datetime = NOW) -> Shop:
    """A shop with 14 orders, some of which changed in the same second."""
    dice, shop = random.Random(seed), KINDS[kind](now=now)
    same = START + timedelta(days=5)
    for number in range(1, 15):
        at = START + timedelta(seconds=dice.randrange(18 * 86_400))
        shop.change(number, same if dice.random() < 0.3 else at)
    return shop


def read_through(reader: Reader, shop: Shop, skew: timedelta) -> None:
    """Pulls until there is nothing left to go wrong, then once more."""
    now = NOW
    for _ in range(20):
        try:
            reader.pull(now)
        except PullError:
            continue
        finally:
            now += timedelta(minutes=20)
            shop.now = max(shop.now, now + skew)
        if not shop.script:
            break
        shop.script = {len(shop.calls) + n: fault for n, fault in enumerate(shop.script.values())}
    assert not shop.script
    reader.pull(now)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(6))
def test_after_any_faults_the_records_are_those_of_a_reading_without(
    tmp_path: Path, kind: str, seed: int
) -> None:
    dice = random.Random(seed)
    skew = timedelta(minutes=dice.choice((-7, 0, 7)))
    shop = filled(kind, seed, NOW + skew)
    shop.script = {dice.randrange(40): dice.choice(FAULTS) for _ in range(8)}
    with serving(shop) as address:
        reader = Reader(tmp_path / "faults", kind, address)
        read_through(reader, shop, skew)
        assert shop.calls
        calm = Reader(tmp_path / "calm", kind, address)
        calm.pull(NOW + timedelta(days=1))
    assert reader.newest() == calm.newest() != []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_alone_loses_nothing(tmp_path: Path, kind: str, fault: str) -> None:
    shop = filled(kind, 99)
    shop.script = {2: fault}
    with serving(shop) as address:
        reader = Reader(tmp_path / "faults", kind, address)
        read_through(reader, shop, timedelta(0))
        calm = Reader(tmp_path / "calm", kind, address)
        calm.pull(NOW + timedelta(days=1))
    assert reader.newest() == calm.newest() != []


def test_access_that_is_refused_ends_the_reading_at_once_and_says_what_to_do(
    tmp_path: Path,
) -> None:
    shop = filled("shopify", 1)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "shopify", address, feeds=["orders"])
        reader.pull()
        calls, before = len(shop.calls), load_progress(reader.settings(NOW), "shop")
        shop.token = "another"
        with pytest.raises(AccessRefused, match=r"shop: .*HTTP 401.*pull --connection shop"):
            reader.pull(NOW + timedelta(hours=1))
    assert len(shop.calls) == calls + 1
    after = load_progress(reader.settings(NOW), "shop")
    assert after.read_until == before.read_until
    assert "HTTP 401" in after.error
    assert after.succeeded_at == before.succeeded_at
    assert "token-1" not in after.error


def test_a_long_reading_that_was_cut_off_goes_on_where_it_stood(tmp_path: Path) -> None:
    shop = filled("woocommerce", 2)
    # From some call on nothing works, longer than patience lasts.
    shop.script = dict.fromkeys(range(5, 40), "500")
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "woocommerce", address, feeds=["orders"])
        with pytest.raises(PullError, match=r"shop: .*8 times.*HTTP 500"):
            reader.pull()
        mark = load_progress(reader.settings(NOW), "shop").mark("orders")
        shop.script.clear()
        asked_before = len(shop.calls)
        reader.pull()
    assert mark is not None
    assert mark > START
    first = datetime.fromisoformat(shop.calls[asked_before][1]["modified_after"])
    assert timedelta(minutes=10) <= mark - first <= timedelta(minutes=11)


def test_what_has_not_changed_is_not_landed_again(tmp_path: Path) -> None:
    for kind in KINDS:
        shop = filled(kind, 3)
        with serving(shop) as address:
            reader = Reader(tmp_path / kind, kind, address, feeds=["orders"])
            first = reader.pull()
            again = reader.pull(since=START)
        assert first.files > 0
        assert again.files == 0
        assert again.rows >= 14


def test_reading_again_from_a_moment_never_skips_what_is_unread(tmp_path: Path) -> None:
    shop = filled("shopify", 4)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "shopify", address, feeds=["orders"])
        reader.pull(START + timedelta(days=3))
        reader.pull(since=START + timedelta(days=12))
        calm = Reader(tmp_path / "calm", "shopify", address, feeds=["orders"])
        calm.pull()
    assert reader.newest() == calm.newest()


def test_the_bucket_of_the_shop_is_never_filled(tmp_path: Path) -> None:
    shop = filled("shopify", 5)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "shopify", address, feeds=["orders"])
        report = reader.pull()
    # 39 of 40 used: seven calls have to leak, at two a second.
    assert reader.waited == [pytest.approx(3.5)] * report.pages


def test_it_waits_as_long_as_it_is_told_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamina.set_testing(False)
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", lambda s: waits.append(s) if s > 1 else None)
    shop = filled("woocommerce", 6)
    shop.script = {1: "storm"}
    with serving(shop) as address:
        Reader(tmp_path / "home", "woocommerce", address, feeds=["orders"]).pull()
    assert waits[:4] == [2.0] * 4


def test_a_reading_that_never_began_says_where_to_begin(tmp_path: Path) -> None:
    with serving(filled("shopify", 7)) as address:
        reader = Reader(tmp_path / "home", "shopify", address, since=None)
        with pytest.raises(PullError, match="--since 2026"):
            reader.pull()


def test_two_readings_of_one_connection_do_not_mix(tmp_path: Path) -> None:
    with serving(filled("shopify", 8)) as address:
        reader = Reader(tmp_path / "home", "shopify", address)
        with (
            alone(reader.settings(NOW), "shop"),
            pytest.raises(PullError, match="another process"),
        ):
            reader.pull()


@pytest.mark.parametrize("moment", ["pulling.after_page:3", "pulling.before_mark:1",
                                    "pulling.after_mark:2", "landing.after_write:4"])  # fmt: skip
def test_a_reading_that_is_killed_is_made_up_for_by_the_next(tmp_path: Path, moment: str) -> None:
    script = (
        "from orderhouse.settings import get_settings\n"
        "from ingestion.pulling.engine import pull\n"
        "pull(get_settings(), 'shop', sleep=lambda _: None)"
    )
    shop = filled("shopify", 9)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "shopify", address)
        killed = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT_ROOT, check=False, capture_output=True,
            env=os.environ | {
                "ORDERHOUSE_HOME": str(reader.folder), "ORDERHOUSE_NOW": NOW.isoformat(),
                "ORDERHOUSE_KEY_FILE": str(tmp_path / "key"), "ORDERHOUSE_FAILPOINT": moment,
            },
        )  # fmt: skip
        assert killed.returncode == -9, killed.stderr
        reader.pull()
        calm = Reader(tmp_path / "calm", "shopify", address)
        calm.pull()
    assert reader.newest() == calm.newest() != []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "wms"}, "client 'wms' not among"),
        ({"address": None}, "address is missing"),
        ({"credentials": {"key": "env:X"}}, "shopify takes token"),
        ({"feeds": ["orders", "refund"]}, "refund not among orders, transactions, payouts"),
    ],
)
def test_a_mistake_in_a_connection_names_it(tmp_path: Path, change: dict, said: str) -> None:
    reader = Reader(tmp_path / "home", "shopify", "https://x.example", **change)
    with pytest.raises(ConnectionsError, match=f"connections.shop: .*{said}"):
        pulls_of(reader.settings(NOW))


def test_payouts_come_with_what_they_are_made_of_and_are_read_until_they_have_arrived(
    tmp_path: Path,
) -> None:
    shop = Stripe(now=NOW, statuses={"po_9": "in_transit"})
    with serving(shop) as address:
        reader = Reader(
            tmp_path / "home", "stripe", address, credentials={"key": "env:SHOP_TOKEN"}, page_size=2
        )
        reader.pull()
        shop.statuses.clear()
        later = reader.pull(NOW + timedelta(days=1))
    home = Home(reader.settings(NOW + timedelta(days=1)))
    home.ingest(tolerance=None)
    home.check_accounts()
    assert later.files == 1, "the one page that changed"
    assert home.rows("select count(*), sum(amount) from (select distinct payout_id, amount from "
                     "records.payouts)") == [(10, 230)]  # fmt: skip
    assert home.rows(
        "select count(*), count(distinct payout_id), sum(net_amount) from records.settlement_lines"
        " where line_kind = 'payment'"
    ) == [(18, 9, 207)]
    states = "select payout_status from records.payouts where payout_id like '%po_9' order by 1"
    assert len(home.rows(states)) == 2
    assert home.rows("select refund_kind from records.refunds") == [("chargeback",)]


PARCELS = [Parcel(carrier="sf", tracking_number=f"SF{n}") for n in range(45)]


@pytest.mark.parametrize(("kind", "calls"), [("kuaidi100", 46), ("track17", 2)])
def test_parcels_on_their_way_are_asked_about(tmp_path: Path, kind: str, calls: int) -> None:
    shop = {"kuaidi100": Kuaidi100, "track17": Track17}[kind](now=NOW)
    credentials = {"token": "env:SHOP_TOKEN"}
    parcels = list(PARCELS)
    if kind == "kuaidi100":
        credentials = {"customer": "env:SHOP_KEY", "key": "env:SHOP_TOKEN"}
        parcels.append(Parcel(carrier="sf", tracking_number="SF-UNKNOWN"))
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", kind, address, credentials=credentials)
        reader.pull(parcels=lambda: parcels)
        assert len(shop.calls) == calls
        if kind == "kuaidi100":
            assert "shunfeng" in shop.calls[0][1]["body"]
            shop.token = "another"
            with pytest.raises(AccessRefused, match="return code 503"):
                reader.pull(parcels=lambda: parcels)
    home = Home(reader.settings(NOW))
    home.ingest(tolerance=None)
    home.check_accounts()
    assert home.rows("select count(distinct tracking_number) from records.tracking_events") == [
        (45,)
    ]
