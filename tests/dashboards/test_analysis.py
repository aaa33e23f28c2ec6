"""Hours, baskets, buyers and reasons are what plain loops over the rows of the marts make them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.queries.analysis import baskets, buyers, hours, reasons
from dashboards.queries.analysis.asked import Asked
from dashboards.queries.overview import Period, Slice
from dashboards.reader import Reader
from dashboards.warehouse import Snapshot, current_snapshot
from orderhouse.access import get_policy
from orderhouse.ledger import Denied
from tests.support.homes import built_template, settings_of, templates_folder
from tests.support.rows import Marts, Row, net, share

ZONE = "Asia/Shanghai"
SHANGHAI = ZoneInfo(ZONE)
MONTHS = Period(first=date(2026, 3, 1), last=date(2026, 6, 30))
JUNE = Period(first=date(2026, 6, 1), last=date(2026, 6, 30))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return current_snapshot(settings_of(built_template(templates_folder(tmp_path_factory))))


@pytest.fixture(scope="module")
def marts(snapshot: Snapshot) -> Iterator[Marts]:
    con = snapshot.connection.cursor()
    yield Marts(con, snapshot.manifest.as_of or snapshot.manifest.published_at, "CNY")
    con.close()


def asking(
    snapshot: Snapshot, period: Period = MONTHS, role: str = "ops_lead",
    mine: tuple[str, ...] | None = None, **given: tuple[str, ...],
) -> Asked:  # fmt: skip
    reader = Reader(snapshot, get_policy(), (role,), mine)
    return Asked(reader=reader, wanted=Slice(period=period, currency="CNY", **given), zone=ZONE)


def local(at: datetime, zone: str = ZONE) -> datetime:
    return at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))


def within(day: date | None, period: Period) -> bool:
    return day is not None and period.first <= day <= period.last


def zones(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    rows = snapshot.rows("select channel, shop_id, zone from policies.channels")
    return {(row["channel"], row["shop_id"]): row["zone"] for row in rows}


def test_the_week_counts_every_order_once_at_its_shops_own_clock(
    snapshot: Snapshot, marts: Marts
) -> None:
    rows, known = hours.hours(asking(snapshot)), zones(snapshot)
    expected: Counter[tuple[str, int, int]] = Counter()
    for order in marts.orders:
        if within(order["placed_date"], MONTHS):
            channel, shop = order["channel"], order["shop_id"]
            zone = known.get((channel, shop)) or known.get((channel, "*")) or known["*", "*"]
            at = local(order["placed_at"], zone)
            expected[channel, at.isoweekday(), at.hour] += 1
    found = {(r["channel"], r["weekday_number"], r["hour_number"]): r["order_count"] for r in rows}
    assert found == dict(expected)
    assert len({known.get((c, "*")) for c, _, _ in expected}) > 1, "one zone proves nothing"
    cells = hours.grid_of(rows, None)
    assert len(cells) == 168
    assert sum(cell["order_count"] for cell in cells) == sum(expected.values())
    for row in hours.busiest(rows):
        mine = {key: n for key, n in expected.items() if key[0] == row["channel"]}
        assert row["order_count"] == sum(mine.values())
        night = sum(n for key, n in mine.items() if key[2] < 6)
        assert row["night_ratio"] == pytest.approx(night / sum(mine.values()))


def test_one_more_monday_makes_no_busier_monday(snapshot: Snapshot) -> None:
    period = Period(first=date(2026, 6, 1), last=date(2026, 6, 8))  # two Mondays, one of the others
    assert hours.weekdays(period) == {1: 2, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1}
    for row in hours.hours(asking(snapshot, period)):
        days = 2 if row["weekday_number"] == 1 else 1
        assert row["per_day"] == pytest.approx(row["order_count"] / days)


def _baskets(marts: Marts, period: Period) -> list[set[str]]:
    valid = {o["order_id"] for o in marts.valid if within(o["placed_date"], period)}
    found: dict[str, set[str]] = defaultdict(set)
    for line in marts.rows("fct_order_lines"):
        is_bought = line["line_kind"] == "goods" and line["quantity"] > line["cancelled_quantity"]
        if line["order_id"] in valid and line["sku"] and is_bought:
            found[line["order_id"]].add(line["sku"])
    return list(found.values())


def test_pairs_are_counted_by_hand_and_none_is_below_the_least(
    snapshot: Snapshot, marts: Marts
) -> None:
    asked, least = asking(snapshot), 3
    orders = _baskets(marts, MONTHS)
    single = Counter(sku for order in orders for sku in order)
    both = Counter(pair for order in orders for pair in combinations(sorted(order), 2))
    found = {(r["sku"], r["other_sku"]): r for r in baskets.pairs(asked, least=least, limit=10_000)}
    assert set(found) == {pair for pair, n in both.items() if n >= least}
    assert found, "the demo business has pairs in three orders"
    total = len(orders)
    for (one, other), row in found.items():
        n, a, b = both[one, other], single[one], single[other]
        assert row["pair_count"] == n
        assert row["support_ratio"] == pytest.approx(n / total)
        assert row["confidence_ratio"] == pytest.approx(n / a)
        assert row["reverse_ratio"] == pytest.approx(n / b)
        assert row["lift_factor"] == pytest.approx((n / a) / (b / total))
        spread = math.sqrt(max(0, 1 / n - 1 / a - 1 / b + 2 * n / (a * b) - 1 / total))
        assert row["lift_low_factor"] == pytest.approx(row["lift_factor"] / math.exp(1.96 * spread))
    told = baskets.summary(asked)
    assert (told["order_count"], told["sku_count"]) == (total, len(single))
    assert told["mixed_count"] == sum(len(order) > 1 for order in orders)
    assert baskets.largest_pair(asked) == max(both.values())


def _buyers(marts: Marts) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for order in sorted(marts.valid, key=lambda o: (o["placed_at"], o["order_id"])):
        if order["buyer_phone_index"]:
            found[order["buyer_phone_index"]].append(order)
    return found


def _month(day: date) -> date:
    return day.replace(day=1)


def test_new_and_repeat_orders_are_those_of_first_orders_and_later_ones(
    snapshot: Snapshot, marts: Marts
) -> None:
    rows = {row["month_date"]: row for row in buyers.by_month(asking(snapshot))}
    new, again = Counter(), Counter()
    sales: dict[date, list[Row]] = defaultdict(list)
    for of in _buyers(marts).values():
        for place, order in enumerate(of):
            if within(order["placed_date"], MONTHS):
                (again if place else new)[_month(order["placed_date"])] += 1
                if place and order["currency_code"] == "CNY":
                    sales[_month(order["placed_date"])].append(order)
    assert {m: r["new_count"] for m, r in rows.items() if r["new_count"]} == dict(new)
    assert {m: r["repeat_count"] for m, r in rows.items() if r["repeat_count"]} == dict(again)
    assert sum(again.values()) > 0
    for month, row in rows.items():
        assert float(row["repeat_amount"]) == pytest.approx(net(sales[month]))
    nobody = [o for o in marts.valid if within(o["placed_date"], MONTHS)
              and not o["buyer_phone_index"]]  # fmt: skip
    assert buyers.unknown(asking(snapshot)) == len(nobody)


def test_cohorts_are_counted_by_hand_and_only_finished_months_are_mature(
    snapshot: Snapshot, marts: Marts
) -> None:
    cells = {(c["cohort_date"], c["month_number"]): c for c in buyers.cohorts(asking(snapshot))}
    size, back = Counter(), defaultdict(set)
    worth: dict[tuple[date, int], float] = defaultdict(float)
    mine: Counter[date] = Counter()
    for buyer, of in _buyers(marts).items():
        cohort = _month(of[0]["placed_date"])
        size[cohort] += 1
        is_mine = of[0]["currency_code"] == "CNY"
        mine[cohort] += is_mine
        for order in of:
            month = _month(order["placed_date"])
            number = (month.year - cohort.year) * 12 + month.month - cohort.month
            back[cohort, number].add(buyer)
            if is_mine and order["currency_code"] == "CNY":
                worth[cohort, number] += net([order])
    assert {cohort for cohort, _ in cells} == set(size)
    assert any(number for _, number in back), "somebody came back in a later month"
    for (cohort, number), cell in cells.items():
        assert cell["buyer_count"] == size[cohort]
        assert cell["active_count"] == len(back[cohort, number])
        assert cell["retention_ratio"] == pytest.approx(len(back[cohort, number]) / size[cohort])
        so_far = sum(worth[cohort, month] for month in range(number + 1))
        assert float(cell["value_amount"]) == pytest.approx(so_far / mine[cohort])
        # The present is 30 June, a day that is not over.
        month = cohort.month + number
        assert cell["is_mature"] == (month < 6)


def _asked_for(marts: Marts, period: Period) -> list[Row]:
    return [
        c for c in marts.cases
        if c["requested_at"] and within(local(c["requested_at"]).date(), period)
    ]  # fmt: skip


@pytest.mark.parametrize("part", reasons.PARTS)
def test_reasons_share_the_cases_of_their_part(snapshot: Snapshot, marts: Marts, part: str) -> None:
    category = {a["sku"]: a["category"] for a in marts.rows("dim_products")}

    def key(case: Row) -> Any:
        return category.get(case["sku"]) if part == "category" else case.get(part)

    now = Counter((key(c), c["reason"]) for c in _asked_for(marts, JUNE))
    before = Counter((key(c), c["reason"]) for c in _asked_for(marts, JUNE.before()))
    asked = asking(snapshot, JUNE)
    rows = {(r["part"], r["reason"]): r for r in reasons.reasons(asked, part, limit=10_000)}
    assert {k: r["case_count"] for k, r in rows.items()} == dict(now)
    for (code, reason), row in rows.items():
        whole = sum(n for (other, _), n in now.items() if other == code)
        earlier = sum(n for (other, _), n in before.items() if other == code)
        assert row["share_ratio"] == pytest.approx(now[code, reason] / whole)
        was = before[code, reason] / earlier if earlier else None
        assert row["before_ratio"] == (was if was is None else pytest.approx(was))
        assert row["is_small"] == (whole < 30)
        listed = reasons.cases(asked, part, code, reason, limit=10_000)
        assert len(listed) == row["case_count"]


def test_weeks_of_the_leading_reasons_add_up_to_their_cases(
    snapshot: Snapshot, marts: Marts
) -> None:
    weeks = reasons.by_week(asking(snapshot, JUNE), top=5)
    leading = Counter(c["reason"] for c in _asked_for(marts, JUNE)).most_common(5)
    for reason, n in leading:
        assert sum(w["case_count"] for w in weeks if w["reason"] == reason) == n
    assert {w["week_date"].isoweekday() for w in weeks} == {1}


def test_channels_and_shops_cut_an_analysis_down(snapshot: Snapshot, marts: Marts) -> None:
    shop = Counter(o["shop_id"] for o in marts.orders).most_common()[-1][0]
    orders = [o for o in marts.orders if within(o["placed_date"], MONTHS) and o["shop_id"] == shop]
    for asked in (asking(snapshot, shops=(shop,)), asking(snapshot, mine=(shop,))):
        assert sum(row["order_count"] for row in hours.hours(asked)) == len(orders)
    of_one = buyers.by_month(asking(snapshot, mine=(shop,)))
    known = [o for o in marts.valid if o["shop_id"] == shop and o["buyer_phone_index"]
             and within(o["placed_date"], MONTHS)]  # fmt: skip
    assert sum(row["order_count"] for row in of_one) == len(known)
    assert share(orders, marts.orders) not in (0, 1)


def test_who_sees_no_money_is_not_told_what_buyers_bring(snapshot: Snapshot) -> None:
    with pytest.raises(Denied):
        buyers.by_month(asking(snapshot, role="warehouse"))
