"""RV01 acts by itself: once an order, while the rule is in force, never over a person's word."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from orderhouse.ledger import (
    ObjectRef,
    act,
    decisions_after,
    list_users,
    open_ledger,
    sign_in,
)
from orderhouse.settings import Settings
from pipelines.automation import hold_short_orders
from tests.support.people import CHEAP, NOW, add_person, signed_in
from tests.support.snapshot import publish
from tests.support.world import World


@dataclass
class House:
    """A home with a ledger and a snapshot of orders in the line for stock."""

    home: Path
    builds: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, now=NOW + timedelta(minutes=self.builds))  # type: ignore[call-arg]

    def shows(self, *, as_of: str | None = None, **orders: tuple[bool, bool, str]) -> None:
        """Serve a snapshot: order -> (served, held, fulfilment status)."""
        world = World()
        for name, (is_served, is_held, fulfilment) in orders.items():
            shortfall = Decimal(0 if is_served else 2)
            world.add("fct_orders", order_id=name, shop_id="tb", fulfilment_status=fulfilment,
                      review_status="HELD" if is_held else "AUTO_PASSED")  # fmt: skip
            world.add("fct_stock_demand", line_id=f"{name}-1", order_id=name, is_served=is_served,
                      is_held=is_held, shortfall_quantity=shortfall)  # fmt: skip
            world.add("queue_items", item_id=f"item-{name}", queue_code="Q11", order_id=name,
                      entity_type="order", entity_id=name, shop_id="tb")  # fmt: skip
        self.builds += 1
        path = publish(self.home, world, build_id=f"b{self.builds:03d}")
        manifest = path.with_suffix(".json")
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"as_of": as_of}))

    def said(self) -> list[tuple[str, str, str | None]]:
        ledger = open_ledger(self.settings.ledger_address)
        rows = [(r["verb"], r["order_id"], r["quantity"]) for r in decisions_after(ledger, 0)]
        ledger.close()
        return rows


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


SHORT, SERVED = (False, False, "RESERVED"), (True, False, "RESERVED")
HELD_SHORT, HELD_SERVED = (False, True, "NONE"), (True, True, "NONE")


def test_an_order_below_the_cut_line_is_held_and_others_are_not(house: House) -> None:
    house.shows(a=SHORT, b=SERVED, c=(False, False, "PICKING"))
    assert hold_short_orders(house.settings) == 1
    [(verb, order_id, quantity)] = house.said()
    assert (verb, order_id, float(quantity or 0)) == ("stock_short", "a", 2)


def test_the_same_shortage_is_said_once_however_often_it_is_seen(house: House) -> None:
    for _ in range(3):
        house.shows(a=SHORT)
        hold_short_orders(house.settings)
    house.shows(a=HELD_SHORT)
    hold_short_orders(house.settings)
    assert [row[0] for row in house.said()] == ["stock_short"]


def test_the_order_is_let_go_when_stock_reaches_it_and_may_be_held_again(house: House) -> None:
    for shown in (SHORT, HELD_SHORT, HELD_SERVED, SERVED, SHORT):
        house.shows(a=shown)
        hold_short_orders(house.settings)
    assert [row[0] for row in house.said()] == ["stock_short", "stock_reached", "stock_short"]


def test_what_a_person_released_stays_released(house: House) -> None:
    house.shows(a=SHORT)
    hold_short_orders(house.settings)
    ledger = open_ledger(house.settings.ledger_address, passwords=CHEAP)
    add_person(ledger, "lead", "ops_lead")
    held = ObjectRef(queue_code="Q09", item_id="held", entity_type="order", entity_id="a",
                     order_id="a", shop_id="tb")  # fmt: skip
    act(ledger, signed_in(ledger, "lead"), verb="release_hold", object=held,
        args={"reason_code": "checked_ok", "hold_type": "stock"}, expected_version=0,
        idempotency_key="release-a", now=NOW, snapshot_id="b001")  # fmt: skip
    ledger.close()
    house.shows(a=SHORT)
    assert hold_short_orders(house.settings) == 0


def test_a_rule_that_is_not_in_force_holds_nothing(house: House) -> None:
    house.shows(a=SHORT)
    path = house.home / "serving" / "serving-b001.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "update policies.review_rules set valid_to = ? where rule_code = 'RV01'",
            [NOW - timedelta(days=1)],
        )
    assert hold_short_orders(house.settings) == 0


def test_a_look_at_the_past_is_no_ground_to_act(house: House) -> None:
    house.shows(as_of="2026-01-01 00:00:00", a=SHORT)
    assert hold_short_orders(house.settings) == 0


def test_nobody_signs_in_as_the_house(house: House) -> None:
    house.shows(a=SHORT)
    hold_short_orders(house.settings)
    ledger = open_ledger(house.settings.ledger_address)
    [robot] = list_users(ledger)
    assert robot.roles == ("automation",)
    tried = sign_in(ledger, robot.login, "automation-automation", ip=None, user_agent=None, now=NOW)
    ledger.close()
    assert tried.token is None


def test_before_the_first_snapshot_there_is_nothing_to_do(house: House) -> None:
    assert hold_short_orders(house.settings) == 0
