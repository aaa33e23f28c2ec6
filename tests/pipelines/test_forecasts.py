"""Likely breaches are said once, of promises that are in no queue, with what they rest on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orderhouse.access import get_policy
from orderhouse.ledger import decisions_after, list_users, open_ledger
from orderhouse.settings import Settings
from pipelines.forecasts import item_id, say_likely_breaches
from tests.support.people import NOW
from tests.support.snapshot import publish
from tests.support.world import World

HOUR = timedelta(hours=1)
STARTED = NOW - 20 * HOUR  # of 48 hours: the fifth tenth runs
TENTH = 4


@dataclass
class House:
    """A home with a ledger and a snapshot of promises that run."""

    home: Path
    builds: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, now=NOW + timedelta(minutes=self.builds))  # type: ignore[call-arg]

    def shows(self, *orders: str, probability: float = 0.6, queued: tuple[str, ...] = (),
              as_of: str | None = None, **given: Any) -> None:  # fmt: skip
        world = World()
        clock = {
            "sla_code": "S07", "entity_type": "order", "episode_number": 1, "channel": "taobao",
            "shop_id": "tb", "started_at": STARTED, "warn_at": STARTED + 38 * HOUR,
            "due_at": STARTED + 48 * HOUR, **given,
        }  # fmt: skip
        for name in orders:
            world.add(
                "fct_sla_clocks", clock_id=f"c-{name}", entity_id=name, order_id=name, **clock
            )
        for name in queued:
            world.add("queue_items", item_id=f"q-{name}", queue_code="Q17", order_id=name,
                      entity_type="order", entity_id=name, opened_at=NOW - HOUR)  # fmt: skip
        for weekday in range(1, 8):
            for quarter in range(4):
                for tenth in range(10):
                    says = probability if tenth == TENTH else 0.01
                    world.add("agg_breach_rates", sla_code="S07", segment="taobao", weekday=weekday,
                              day_quarter=quarter, tenth=tenth, at_risk_count=5, breach_count=2,
                              breach_probability=says)  # fmt: skip
        self.builds += 1
        path = publish(self.home, world, build_id=f"b{self.builds:03d}")
        manifest = path.with_suffix(".json")
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"as_of": as_of}))

    def said(self) -> list[dict[str, Any]]:
        ledger = open_ledger(self.settings.ledger_address)
        rows = list(decisions_after(ledger, 0))
        ledger.close()
        return rows


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_likely_breach_is_said_with_its_probability_basis_and_number(house: House) -> None:
    house.shows("a")
    assert say_likely_breaches(house.settings) == 1
    [row] = house.said()
    assert (row["verb"], row["queue_code"], row["order_id"]) == ("breach_likely", "Q17", "a")
    assert row["item_id"] == item_id({"order_id": "a", "episode_number": 1})
    assert float(row["forecast_probability"]) == 0.6
    assert float(row["forecast_limit"]) == get_policy().limits["breach_likely_percent"] / 100
    # Of the channel at this tenth: every hour of the week.
    assert int(row["forecast_count"]) == 7 * 4 * 5
    weekday, quarter = STARTED.isoweekday(), STARTED.hour // 6
    assert row["forecast_basis"] == f"taobao/weekday-{weekday}/quarter-{quarter}/tenth-{TENTH}"


@pytest.mark.parametrize("moved", [0.6, 0.7, 0.4])
def test_it_is_said_once_however_the_rates_move(house: House, moved: float) -> None:
    for probability in (0.6, moved, 0.8):
        house.shows("a", probability=probability)
        say_likely_breaches(house.settings)
    assert [float(row["forecast_probability"]) for row in house.said()] == [0.6]


def test_another_episode_of_the_promise_is_said_again(house: House) -> None:
    for episode in (1, 2):
        house.shows("a", episode_number=episode)
        assert say_likely_breaches(house.settings) == 1
    assert len({row["item_id"] for row in house.said()}) == 2


def test_half_is_not_more_likely_than_not(house: House) -> None:
    house.shows("a", probability=0.5)
    assert say_likely_breaches(house.settings) == 0


@pytest.mark.parametrize(
    "given",
    [
        {"stopped_at": NOW - HOUR, "_ended_at": NOW - HOUR},
        {"cancelled_at": NOW - HOUR, "_ended_at": NOW - HOUR},
        {"warn_at": NOW - HOUR},  # the warning has opened the case
        {"warn_at": None, "due_at": None},  # paused: nobody knows when it is due
        {"started_at": datetime(2027, 1, 1), "warn_at": datetime(2027, 1, 2)},
        {"sla_code": "S08"},
    ],
    ids=["kept", "cancelled", "warned", "paused", "to come", "another promise"],
)
def test_what_is_over_or_in_the_queue_by_itself_is_not_said(
    house: House, given: dict[str, Any]
) -> None:
    house.shows("a", **given)
    assert say_likely_breaches(house.settings) == 0


def test_an_order_that_is_in_the_queue_is_not_said(house: House) -> None:
    house.shows("a", "b", queued=("a",))
    assert say_likely_breaches(house.settings) == 1
    assert [row["order_id"] for row in house.said()] == ["b"]


def test_a_look_at_the_past_is_no_ground_to_act(house: House) -> None:
    house.shows("a", as_of="2026-01-01 00:00:00")
    assert say_likely_breaches(house.settings) == 0


def test_before_the_first_snapshot_there_is_nothing_to_say(house: House) -> None:
    assert say_likely_breaches(house.settings) == 0
    ledger = open_ledger(house.settings.ledger_address)
    assert list_users(ledger) == []
    ledger.close()
