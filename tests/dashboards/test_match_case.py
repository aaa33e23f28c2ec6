"""Goods that came back are matched to their case on the case panel of the queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from orderhouse.ledger import Conflict, Invalid, Ledger, act, decisions_after, history
from orderhouse.ledger.cases import ObjectRef
from tests.support.cases import why
from tests.support.people import NOW, signed_in
from tests.support.snapshot import publish
from tests.support.world import World, build_world

Open = Callable[..., AppTest]
ARRIVED = NOW - timedelta(days=2)
ITEM = "Q27" + "0" * 29


def _case(world: World, order: dict[str, Any], **given: Any) -> None:
    told = {
        "case_id": f"{order['order_id']}-AS", "order_id": order["order_id"],
        "channel": order["channel"], "shop_id": order["shop_id"], "case_kind": "return",
        "case_status": "APPROVED", "sku": "SKU-ELSE", "requested_quantity": 1,
        "received_quantity": 0, "passed_quantity": 0, "failed_quantity": 0,
        "requested_at": ARRIVED - timedelta(days=4), "currency_code": "CNY",
    }  # fmt: skip
    world.add("fct_after_sales_cases", **{**told, **given})


@pytest.fixture
def orders(home: Path) -> list[dict[str, Any]]:
    """Goods of nobody, a case with their waybill, one with their article, one with neither."""
    world = build_world()
    first, second, third = world.tables["fct_orders"][:3]
    _case(world, second, sku="SKU-BACK")
    _case(world, first, return_tracking_number="RT-77", sku="SKU-BACK")
    _case(world, third)
    world.add(
        "queue_items", item_id=ITEM, queue_code="Q27", entity_type="return", entity_id="rr-77",
        episode_number=1, opened_at=ARRIVED, severity=3, channel="wms", shop_id="tb-main",
        why=why("S21", [("return_problem", "unannounced", None, None),
                        ("sku", "SKU-BACK", None, None),
                        ("tracking_number", "RT-77", None, None)], "RETURN_MATCHED", None),
    )  # fmt: skip
    publish(home, world, build_id="b002")
    return [first, second, third]


def _match(ledger: Ledger, login: str, goods: ObjectRef, case_id: str) -> None:
    act(
        ledger, signed_in(ledger, login), verb="match_case", object=goods,
        args={"case_id": case_id}, expected_version=0, idempotency_key=f"{login}-{case_id}-key",
        now=NOW, snapshot_id="b002",
    )  # fmt: skip


def _asked(at: AppTest) -> AppTest:
    at.button(key="do_match_case").click().run()
    assert not at.exception
    return at


def test_the_likeliest_case_comes_first_and_what_speaks_for_it_is_said(
    open_page: Open, orders: list[dict[str, Any]]
) -> None:
    at = _asked(open_page("queue", "warehouse", q="Q27"))
    offered = at.radio(key="match_case_choice_").options
    assert [text.split(" · ")[0].replace("\\", "") for text in offered] == [
        f"{order['order_id']}-AS" for order in orders[:2]
    ]
    first, second = at.radio(key="match_case_choice_").proto.captions
    assert "同一运单" in first and "含此商品" in first
    assert "同一运单" not in second and "含此商品" in second


def test_matched_goods_leave_the_queue_at_once_and_undo_brings_them_back(
    open_page: Open, ledger: Ledger, orders: list[dict[str, Any]]
) -> None:
    at = _asked(open_page("queue", "warehouse", q="Q27"))
    at.radio(key="match_case_choice_").set_value(f"{orders[0]['order_id']}-AS")
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error, at.error
    [decision] = list(decisions_after(ledger, 0))
    assert (decision["verb"], decision["entity_id"]) == ("match_case", "rr-77")
    assert decision["case_id"] == f"{orders[0]['order_id']}-AS"
    assert decision["order_id"] == orders[0]["order_id"]
    assert "do_match_case" not in {button.key for button in at.button}

    at.button(key="undo_last").click().run()
    assert at.button(key="do_match_case")
    undone = list(decisions_after(ledger, 0))[-1]
    assert undone["undoes_decision_id"] == decision["decision_id"]
    assert [entry.verb for entry in history(ledger, item_id=ITEM)] == ["undo", "match_case"]


def test_a_case_nobody_would_guess_is_found_by_its_number(
    open_page: Open, ledger: Ledger, orders: list[dict[str, Any]]
) -> None:
    at = _asked(open_page("queue", "warehouse", q="Q27"))
    number = orders[2]["order_id"]
    at.text_input(key="match_case_text").set_value(number).run()
    at.radio(key=f"match_case_choice_{number}").set_value(f"{number}-AS")
    at.button(key="decide_ok").click().run()
    assert [row["case_id"] for row in decisions_after(ledger, 0)] == [f"{number}-AS"]


def test_without_a_case_nothing_is_decided_and_it_says_so(
    open_page: Open, ledger: Ledger, orders: list[dict[str, Any]]
) -> None:
    at = _asked(open_page("queue", "warehouse", "en", q="Q27"))
    at.text_input(key="match_case_text").set_value("no such number").run()
    assert any("No case found" in item.value for item in at.caption)
    at.button(key="decide_ok").click().run()
    assert [item.value for item in at.error] == ["Please choose a case\\."]
    assert list(decisions_after(ledger, 0)) == []


def test_who_comes_second_is_told_who_was_faster(ledger: Ledger) -> None:
    goods = ObjectRef(queue_code="Q27", item_id=ITEM, entity_type="return", entity_id="rr-77",
                      shop_id="tb-main")  # fmt: skip
    _match(ledger, "warehouse", goods, "A")
    with pytest.raises(Conflict) as told:
        _match(ledger, "ops-lead", goods, "B")
    assert told.value.code == "ledger.changed_meanwhile" and told.value.fields["by"]


def test_only_goods_that_arrived_are_matched(ledger: Ledger) -> None:
    overdue = ObjectRef(queue_code="Q27", item_id="x" * 32, entity_type="case", entity_id="C-1")
    with pytest.raises(Invalid) as told:
        _match(ledger, "warehouse", overdue, "A")
    assert told.value.code == "ledger.wrong_kind"
