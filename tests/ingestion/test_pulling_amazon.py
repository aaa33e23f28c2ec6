"""Amazon: access that ends, calls that are rationed, reports that are made to order."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import stamina

from ingestion.connections import pulls_of
from ingestion.pulling import amazon, engine
from ingestion.pulling.calls import AccessRefused, PullError
from ingestion.pulling.pacing import Pace, Rate
from ingestion.pulling.progress import load_progress
from orderhouse.connections import ConnectionsError
from tests.ingestion.conftest import Home
from tests.support.amazon import MOVED, SETTLED, Amazon
from tests.support.asking import NOW, START, Reader, no_waiting
from tests.support.systems import FAULTS, serving

__all__ = ["no_waiting"]

STOCK = {"feeds": ["stock"]}


def movement(first: datetime, last: datetime) -> str:
    """A receipt on each day of the window, whoever asks."""
    days = [first.date() + timedelta(days=n) for n in range((last.date() - first.date()).days + 1)]
    return MOVED + "".join(
        f"{day:%m/%d/%Y}\tX01\tB01\tSKU-1\tPot\tReceipts\tFBA{day:%d}\t5\tONT8\tSELLABLE\t\tUS\t5\t0\n"
        for day in days
    )


def known(reader: Reader, query: str) -> list[tuple]:
    home = Home(reader.settings(NOW))
    home.ingest(tolerance=None)
    home.check_accounts()
    return home.rows(query)


def grants(shop: Amazon) -> int:
    return sum(path == "/auth/o2/token" for path, _ in shop.calls)


def test_access_is_asked_for_once_and_again_when_it_has_ended(tmp_path: Path) -> None:
    shop = Amazon(now=NOW)
    for number in range(1, 8):
        shop.change(number, START + timedelta(days=number))
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon_api", address)
        reader.pull()
        assert grants(shop) == 1
        # From some call on the access that was given is good for nothing.
        shop.script = {len(shop.calls) + 6: "revoked"}
        reader.pull(NOW + timedelta(minutes=1), since=START)
    assert grants(shop) == 3
    assert shop.grants == 3


def test_access_that_was_taken_back_needs_a_person(tmp_path: Path) -> None:
    shop = Amazon(now=NOW, token="another")
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon_api", address)
        with pytest.raises(AccessRefused, match=r"shop: .*no access token: HTTP 400.*pull --conn"):
            reader.pull()
    assert len(shop.calls) == 1
    assert "token-1" not in load_progress(reader.settings(NOW), "shop").error


@pytest.mark.parametrize("skew", [timedelta(minutes=-40), timedelta(minutes=40)])
def test_another_clock_than_ours_hides_no_order(tmp_path: Path, skew: timedelta) -> None:
    """Amazon refuses to be asked about what its own clock calls the future."""
    shop = Amazon(now=NOW + skew)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon_api", address)
        reader.pull()
        shop.change(1)
        mark = load_progress(reader.settings(NOW), "shop").mark("orders")
        assert mark is not None
        assert mark <= min(NOW, shop.now) - timedelta(minutes=2)
        shop.now += timedelta(hours=1)
        reader.pull(NOW + timedelta(hours=1))
    assert known(reader, "select count(*) from records.orders") == [(1,)]


def test_calls_are_spread_once_the_burst_is_used_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No time passes but that which is waited.
    monkeypatch.setattr(engine, "Pace", partial(Pace, clock=lambda: 0.0))
    shop = Amazon(now=NOW)
    for number in range(1, 36):
        shop.change(number, START + timedelta(hours=number))
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon_api", address, page_size=100)
        reader.pull()
    items = sum(path.endswith("orderItems") for path, _ in shop.calls)
    assert items == 35
    # Thirty at once, then one in two seconds.
    assert len(reader.waited) == items - 30
    assert set(reader.waited) == {2.0}


def test_what_the_seller_is_really_allowed_counts_more_than_what_is_promised() -> None:
    waits: list[float] = []
    rate = Rate(operation="x", burst=2, per_second=1.0)
    pace = Pace(waits.append, clock=lambda: 100.0)
    for told in ("0.25", None, "nonsense", "0"):
        pace.take(rate)
        pace.learn(rate, told)
    assert waits == [4.0, 4.0]


def test_a_bucket_fills_up_while_nobody_calls() -> None:
    waits: list[float] = []
    now = [0.0]
    rate = Rate(operation="x", burst=2, per_second=0.5)
    pace = Pace(waits.append, clock=lambda: now[0])
    for at in (0.0, 0.0, 2.0, 3.0, 100.0, 100.0, 100.0):
        now[0] = at
        pace.take(rate)
    assert waits == [1.0, 2.0]


def test_a_refused_call_waits_for_its_own_bucket(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stamina.set_testing(False)
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", lambda s: waits.append(s) if s > 1 else None)
    shop = Amazon(now=NOW)
    shop.change(1, START + timedelta(days=1))
    shop.quota_at = 2
    with serving(shop) as address:
        Reader(tmp_path / "home", "amazon_api", address).pull()
    assert waits == [pytest.approx(1 / 0.5)]


def test_settlements_come_as_amazon_makes_them_and_add_up(tmp_path: Path) -> None:
    shop = Amazon(now=NOW, settled={"71": NOW - timedelta(days=9), "72": NOW - timedelta(days=2)})
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon", address, feeds=["settlements"])
        first = reader.pull()
        again = reader.pull(NOW + timedelta(hours=1))
    assert (first.files, again.files) == (2, 0)
    assert known(reader, "select payout_id, amount::double from records.payouts order by 1") == [
        ("s1-71", 16.3), ("s1-72", 16.3)
    ]  # fmt: skip
    assert known(reader, "select distinct is_equal from ops.control_totals") == [(True,)]


def test_a_pulled_report_and_the_same_report_as_a_file_are_one_file(tmp_path: Path) -> None:
    shop = Amazon(now=NOW, settled={"71": NOW - timedelta(days=9)})
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon", address, feeds=["settlements"])
        Home(reader.settings(NOW)).land(SETTLED.format(n="71").encode(), source="amazon")
        assert reader.pull().files == 0
    assert known(reader, "select count(*) from ops.loads") == [(1,)]


def test_what_amazon_keeps_no_longer_is_not_asked_for(tmp_path: Path) -> None:
    shop = Amazon(now=NOW, settled={"71": NOW - timedelta(days=9)})
    with serving(shop) as address:
        reader = Reader(
            tmp_path / "home", "amazon", address, feeds=["settlements"], since="2026-01-01",
            window_days=30,
        )  # fmt: skip
        assert reader.pull().files == 1


def days_of(shop: Amazon) -> int:
    """The days that were asked for, all windows together."""
    days: set[object] = set()
    for report in shop.made.values():
        first, last = (datetime.fromisoformat(report[f"data{k}Time"]) for k in ("Start", "End"))
        days |= {
            first.date() + timedelta(days=n) for n in range((last.date() - first.date()).days + 1)
        }
    return len(days)


def test_reports_are_ordered_waited_for_and_read(tmp_path: Path) -> None:
    shop = Amazon(now=NOW, rows=movement, looks=2)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon", address, **STOCK)
        reader.pull()
    assert reader.waited.count(30.0) == 2 * len(shop.made)
    # From before the beginning, because of what is told late, to this very day.
    [(count, first, last)] = known(
        reader, "select count(distinct movement_id), min(moved_at)::date, max(moved_at)::date "
        "from records.stock_movements"
    )  # fmt: skip
    assert count == days_of(shop)
    assert first <= START.date() - timedelta(days=3)
    assert last == NOW.date()


def test_a_report_without_rows_is_nothing_and_a_failed_one_is_told(tmp_path: Path) -> None:
    for end, files in (("CANCELLED", 0), ("FATAL", None)):
        shop = Amazon(now=NOW, rows=movement, end=end)
        with serving(shop) as address:
            reader = Reader(tmp_path / end, "amazon", address, **STOCK)
            if files is None:
                with pytest.raises(PullError, match=r"shop: .*could not make .*LEDGER_DETAIL"):
                    reader.pull()
            else:
                assert reader.pull().files == files


def test_a_report_that_takes_too_long_is_taken_up_by_the_next_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amazon, "_LOOKS", 3)
    shop = Amazon(now=NOW, rows=movement, looks=4)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon", address, **STOCK)
        with pytest.raises(PullError, match=r"not made yet\. Pull again later"):
            reader.pull()
        while True:
            try:
                reader.pull(NOW + timedelta(minutes=20))
                break
            except PullError:
                continue
    spans = [(made["dataStartTime"], made["dataEndTime"]) for made in shop.made.values()]
    assert len(set(spans)) == len(spans) > 1
    assert known(reader, "select count(distinct movement_id) from records.stock_movements") == [
        (days_of(shop),)
    ]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "drift"])
def test_no_fault_on_the_way_to_a_report_loses_a_row(tmp_path: Path, fault: str) -> None:
    """At access, lists, orders, documents and their bytes: a report is six calls."""
    script = dict.fromkeys(range(0, 24, 5), fault)
    shop = Amazon(now=NOW, rows=movement, looks=0, script=script)
    with serving(shop) as address:
        reader = Reader(tmp_path / "home", "amazon", address, **STOCK)
        for _ in range(12):
            try:
                reader.pull()
            except PullError as error:
                assert "signature" not in str(error)
                continue
            break
        else:
            pytest.fail("it never came through")
    assert not shop.script
    assert known(reader, "select count(distinct movement_id) from records.stock_movements") == [
        (days_of(shop),)
    ]


def test_a_connection_must_say_which_marketplaces(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "home", "amazon", "https://x.example", marketplaces=[])
    with pytest.raises(ConnectionsError, match=r"connections\.shop: marketplaces: say which"):
        pulls_of(reader.settings(NOW))
