"""Stock decided on the page: asked for by one, agreed to by another, counted at once and once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards.components.stock_requests import Shown
from orderhouse.ledger import Ledger, StockRequest, stock_movements_after, stock_requests_of
from tests.support.people import add_person
from tests.support.snapshot import publish
from tests.support.world import build_world

Open = Callable[..., AppTest]


@pytest.fixture
def keepers(ledger: Ledger) -> None:
    add_person(ledger, "keeper2", "inventory")


def _first(at: AppTest) -> dict[str, Any]:
    """The first position: the one the form is about."""
    [frame] = [one.value for one in at.dataframe if "decided_quantity" in one.value.columns]
    return dict(frame.iloc[0])


def _submit(at: AppTest, verb: str, quantity: float, **chosen: Any) -> AppTest:
    at.segmented_control(key="stock_verb").set_value(verb).run()
    at.number_input(key=f"{verb}_quantity").set_value(quantity)
    for key, value in chosen.items():
        at.selectbox(key=key).select(value)
    at.run()
    at.button(key="stock_submit").click().run()
    assert not at.exception, at.exception
    return at


@pytest.fixture
def place(home: Path) -> dict[str, Any]:
    """A position with pieces, and the pieces as its batch."""
    path = home / "serving" / "serving-b001.duckdb"
    with duckdb.connect(str(path)) as con:
        row: Any = con.execute(
            "select sku, warehouse_id, on_hand_quantity, atp_quantity "
            "from marts.fct_stock_positions where on_hand_quantity > 20 order by 1, 2 limit 1"
        ).fetchone()
        con.execute(
            "insert into marts.fct_stock_lots by name select sku || '@' || warehouse_id || '#' "
            "as lot_id, sku, warehouse_id, null as lot, on_hand_quantity, 0 as damaged_quantity, "
            "0 as frozen_quantity, 0 as held_quantity from marts.fct_stock_positions p "
            "where not exists (select 1 from marts.fct_stock_lots l where l.sku = p.sku)"
        )
    return {"sku": row[0], "warehouse": row[1], "there": int(row[2]), "atp": int(row[3])}


def test_an_adjustment_counts_at_once_when_another_agrees(
    open_page: Open, ledger: Ledger, keepers: None, place: dict[str, Any]
) -> None:
    at = _submit(open_page("stock", "inventory", s=place["sku"]), "stock_adjust", 3.0)
    before = _first(at)
    [request] = stock_requests_of(ledger)
    assert (request.status, request.quantity, request.sku) == ("proposed", 3, place["sku"])
    with pytest.raises(KeyError):
        at.button(key="do_stock_approve")

    other = open_page("stock", "keeper2", s=place["sku"], request=request.request_id)
    other.button(key="do_stock_approve").click().run()
    assert not other.exception
    assert stock_requests_of(ledger)[0].status == "approved"
    after = _first(open_page("stock", "analyst", s=place["sku"]))
    assert Decimal(after["on_hand_quantity"]) - Decimal(before["on_hand_quantity"]) == 3
    assert Decimal(after["atp_quantity"]) - Decimal(before["atp_quantity"]) == 3
    assert after["decided_quantity"] == "3"


def test_what_was_agreed_to_lies_in_its_batch_at_once(
    open_page: Open, ledger: Ledger, keepers: None, place: dict[str, Any]
) -> None:
    _submit(open_page("stock", "inventory", s=place["sku"]), "stock_adjust", 3.0)
    name = stock_requests_of(ledger)[0].request_id
    other = open_page("stock", "keeper2", s=place["sku"], request=name)
    other.button(key="do_stock_approve").click().run()
    lots = open_page("stock", "analyst", s=place["sku"], part="lots").dataframe[-1].value
    [decided] = [row for _, row in lots.iterrows() if row["decided_quantity"] == "3"]
    assert decided["sku"] == place["sku"]


def test_what_the_next_build_has_is_not_laid_over_it_again(
    open_page: Open, ledger: Ledger, keepers: None, place: dict[str, Any], home: Path
) -> None:
    at = _submit(open_page("stock", "inventory", s=place["sku"]), "stock_adjust", 3.0)
    before = _first(at)
    name = stock_requests_of(ledger)[0].request_id
    other = open_page("stock", "keeper2", s=place["sku"], request=name)
    other.button(key="do_stock_approve").click().run()
    [move] = stock_movements_after(ledger, 0)
    world = build_world()
    world.add("fct_stock_movements", movement_id=move["movement_id"], source="ledger")
    publish(home, world, build_id="b002")
    after = _first(open_page("stock", "analyst", s=place["sku"]))
    assert after["on_hand_quantity"] == before["on_hand_quantity"]


def test_more_than_is_there_is_refused_in_words(
    open_page: Open, ledger: Ledger, place: dict[str, Any]
) -> None:
    at = open_page("stock", "inventory", "en", s=place["sku"])
    at.number_input(key="stock_adjust_quantity").set_value(-10_000.0).run()
    at.button(key="stock_submit").click().run()
    said = [str(one.value) for one in (*at.toast, *at.error)]
    assert any("cannot go below zero" in text for text in said), said
    assert stock_requests_of(ledger) == []


def test_a_transfer_is_sent_received_short_and_written_off(
    open_page: Open, ledger: Ledger, keepers: None, place: dict[str, Any]
) -> None:
    at = open_page("stock", "inventory", s=place["sku"])
    there = _first(at)
    other_house = "WH-GZ" if there["warehouse_id"] == "WH-SH" else "WH-SH"
    _submit(at, "stock_transfer", 1.0, stock_to=other_house)
    [request] = stock_requests_of(ledger)
    assert (request.kind, request.to_warehouse_id) == ("transfer", other_house)

    link = {"s": place["sku"], "request": request.request_id}
    second = open_page("stock", "keeper2", **link)
    second.button(key="do_stock_approve").click().run()
    house = open_page("stock", "warehouse", **link)
    house.number_input(key=f"stock_arrived_{request.request_id}_2").set_value(0.5).run()
    house.button(key="do_stock_receive").click().run()
    assert not house.exception
    assert stock_requests_of(ledger)[0].under_way_quantity == Decimal("0.5")
    second = open_page("stock", "keeper2", **link)
    second.button(key="do_stock_write_off").click().run()
    [request] = stock_requests_of(ledger)
    assert (request.status, request.lost_quantity) == ("short", Decimal("0.5"))
    moved = sum(Decimal(row["quantity"]) for row in stock_movements_after(ledger, 0))
    assert moved == Decimal("-0.5")


def test_a_count_asks_for_the_difference(
    open_page: Open, ledger: Ledger, place: dict[str, Any]
) -> None:
    at = open_page("stock", "warehouse", s=place["sku"])
    there = Decimal(_first(at)["on_hand_quantity"])
    at.number_input(key="stock_count_quantity").set_value(float(there) + 2).run()
    at.button(key="stock_submit").click().run()
    [request] = stock_requests_of(ledger)
    assert (request.kind, request.quantity) == ("count", 2)


def test_who_only_looks_or_sees_some_shops_is_offered_nothing(
    open_page: Open, ledger: Ledger
) -> None:
    add_person(ledger, "of-a-shop", "inventory", shops=("tb-outlet",))
    for login in ("analyst", "of-a-shop"):
        at = open_page("stock", login)
        assert not at.exception
        for key in ("stock_submit", "do_stock_approve"):
            with pytest.raises(KeyError):
                at.button(key=key)


def test_the_audit_page_tells_who_asked_and_who_agreed(
    open_page: Open, ledger: Ledger, keepers: None, place: dict[str, Any]
) -> None:
    _submit(open_page("stock", "inventory", s=place["sku"]), "stock_adjust", 3.0)
    name = stock_requests_of(ledger)[0].request_id
    other = open_page("stock", "keeper2", s=place["sku"], request=name)
    other.button(key="do_stock_approve").click().run()
    at = open_page("audit", "admin", s=name)
    rows = next(one.value for one in at.dataframe if "对象" in one.value.columns)
    assert [row for row in rows["对象"] if row == name] == [name, name]


def test_bins_are_found_by_name_code_and_bin(open_page: Open, home: Path) -> None:
    world = build_world()
    for sku, name, places in (
        ("CUP-1", "青花杯", ("A01-1", "A01-4")), ("BAG-9", "帆布袋", ("B07-1",)),
    ):  # fmt: skip
        world.add("dim_products", sku=sku, product_name=name)
        for number, place in enumerate(places):
            world.add("fct_stock_bins", stock_bin_id=place, sku=sku, warehouse_id="WH-SH",
                      bin_id=place, on_hand_quantity=number + 3)  # fmt: skip
        world.add(
            "fct_stock_positions", sku=sku, warehouse_id="WH-SH", on_hand_quantity=7,
            sellable_quantity=7, reserved_hard_quantity=0, reserved_soft_quantity=0,
            atp_quantity=7, oversold_quantity=0,
        )  # fmt: skip
    publish(home, world, build_id="b002")
    found: dict[str, list[str]] = {}
    for text in ("青花", "cup-1", "b07", ""):
        at = open_page("stock", "warehouse", part="bins", s=text)
        assert not at.exception, at.exception
        [table] = [one.value for one in at.dataframe if "bin_id" in one.value.columns]
        found[text] = list(table["bin_id"])
        assert set(table["product_name"]) <= {"青花杯", "帆布袋"}
    assert found == {
        "青花": ["A01-1", "A01-4"], "cup-1": ["A01-1", "A01-4"], "b07": ["B07-1"],
        "": ["B07-1", "A01-1", "A01-4"],
    }  # fmt: skip


def test_the_inbox_tells_who_may_agree_and_not_who_asked(
    open_page: Open, ledger: Ledger, keepers: None, place: dict[str, Any]
) -> None:
    _submit(open_page("stock", "inventory", s=place["sku"]), "stock_adjust", 3.0)
    told = "库存单据待您批准：1"

    def is_told(login: str) -> bool:
        tree = open_page("inbox", login)
        assert not tree.exception, tree.exception
        return any(told in str(link.proto) for link in tree.get("page_link"))

    assert is_told("keeper2")
    assert is_told("ops-lead")
    assert not is_told("inventory")
    assert not is_told("warehouse")


def _transfer(**changed: Any) -> StockRequest:
    values = {"request_id": "OHS-1", "status": "under_way", "kind": "transfer",
              "quantity": Decimal(60)}  # fmt: skip
    return StockRequest(**(values | changed))


@pytest.mark.parametrize(
    ("received", "lost", "told", "arrived", "rest", "status"),
    [
        (0, 0, 0, 0, 60, "under_way"),
        (0, 0, 40, 40, 20, "under_way"),
        (0, 0, 60, 60, 0, "received"),
        (20, 0, 40, 40, 20, "under_way"),
        (50, 0, 40, 50, 10, "under_way"),
        (0, 2, 58, 58, 0, "short"),
    ],
)
def test_what_has_arrived_is_the_greater_of_what_was_entered_and_told(
    received: int, lost: int, told: int, arrived: int, rest: int, status: str
) -> None:
    request = _transfer(received_quantity=Decimal(received), lost_quantity=Decimal(lost))
    shown = Shown(request=request, told={"transfer_in": Decimal(told)} if told else {})
    assert (shown.arrived, shown.rest, shown.status) == (arrived, rest, status)
