"""Refunds decided on the page: within a limit at once, above it by two, and counted at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from orderhouse.ledger import (
    Answer,
    Ledger,
    claim,
    hand_over,
    refund_requests_of,
    settle,
)
from tests.support.people import NOW, add_person
from tests.support.snapshot import publish
from tests.support.world import build_world

Open = Callable[..., AppTest]


ORDER = {"id": "tb-main-R1", "shop": "tb-main"}


def shows(home: Path, build: str, refunded: int, *refunds: dict[str, Any]) -> None:
    """A snapshot in which the order was paid with 300 and got so much back."""
    world = build_world()
    world.add("fct_orders", order_id=ORDER["id"], shop_id=ORDER["shop"], channel="taobao",
              headline_status="TO_SHIP", currency_code="CNY", captured_amount=Decimal(300),
              refunded_amount=Decimal(refunded), placed_at=NOW, edit_count=0, deviation_count=0,
              requires_insurance=False, channel_order_id="R1")  # fmt: skip
    for number, refund in enumerate(refunds):
        world.add("fct_refunds", refund_id=f"shop-{number}", order_id=ORDER["id"],
                  shop_id=ORDER["shop"], currency_code="CNY", **refund)  # fmt: skip
    publish(home, world, build_id=build)


@pytest.fixture
def order(home: Path) -> dict[str, str]:
    shows(home, "b002", 20)
    return ORDER


def submit(at: AppTest, amount: float | None, reason: str = "price_difference") -> AppTest:
    if amount is not None:
        at.number_input(key="refund_amount").set_value(amount)
    at.selectbox(key="refund_reason").select(reason)
    at.run()
    at.button(key="refund_submit").click().run()
    assert not at.exception, at.exception
    return at


def said(at: AppTest) -> str:
    return " ".join(str(one.value) for one in (*at.toast, *at.error))


def text_of(at: AppTest) -> str:
    return " ".join(str(one.value) for one in (*at.markdown, *at.caption, *at.text, *at.metric))


def has(at: AppTest, key: str) -> bool:
    return any(one.key == key for one in at.button)


def test_a_small_refund_is_decided_by_one_and_a_greater_one_by_two(
    open_page: Open, ledger: Ledger, order: dict[str, str]
) -> None:
    submit(open_page("refunds", "cs", o=order["id"], case="case-9"), 60.55)
    [one] = refund_requests_of(ledger)
    assert (one.status, one.amount, one.case_id) == ("approved", Decimal("60.55"), "case-9")
    assert (one.order_id, one.shop_id) == (order["id"], order["shop"])

    submit(open_page("refunds", "cs", o=order["id"]), 200.0)
    [waits, _] = refund_requests_of(ledger)
    assert (waits.status, waits.amount) == ("proposed", Decimal("200.00"))
    mine = open_page("refunds", "cs", request=waits.request_id)
    assert has(mine, "do_refund_withdraw")
    assert not has(mine, "do_refund_approve")

    inbox = open_page("inbox", "finance", "en")
    assert any("Refunds for you to approve" in str(one.proto) for one in inbox.get("page_link"))
    other = open_page("refunds", "finance", request=waits.request_id)
    other.button(key="do_refund_approve").click().run()
    assert not other.exception
    assert {one.status for one in refund_requests_of(ledger)} == {"approved"}


def test_what_was_agreed_counts_at_once(
    open_page: Open, ledger: Ledger, order: dict[str, str]
) -> None:
    submit(open_page("refunds", "finance", "en", o=order["id"]), 250.0)
    at = open_page("refunds", "finance", "en", o=order["id"])
    assert "¥30.00" in text_of(at)
    submit(at, 30.01)
    assert "At most 30.00 CNY can still be refunded" in said(at).replace("\\", "")
    assert len(refund_requests_of(ledger)) == 1


def test_what_the_snapshot_has_is_not_taken_off_twice(
    open_page: Open, ledger: Ledger, order: dict[str, str], home: Path
) -> None:
    submit(open_page("refunds", "finance", o=order["id"]), 100.0)
    [one] = refund_requests_of(ledger)
    shows(home, "b003", 120, {"amount": Decimal(100), "refund_status": "succeeded",
                              "request_number": one.request_id})  # fmt: skip
    at = open_page("refunds", "finance", "en", o=order["id"])
    assert "¥180.00" in text_of(at)
    assert "paid back" in " ".join(str(one.proto) for one in at.get("badge")) + text_of(at)
    submit(at, 180.0)
    assert len(refund_requests_of(ledger)) == 2


def test_what_the_channel_is_paying_back_is_under_way(
    open_page: Open, ledger: Ledger, order: dict[str, str], home: Path
) -> None:
    shows(home, "b003", 20, {"amount": Decimal(280), "refund_status": "sent"})
    at = open_page("refunds", "finance", "en", o=order["id"])
    assert "nothing left to refund" in text_of(at)
    assert not has(at, "refund_submit")


def test_a_post_that_sees_no_money_asks_for_what_is_left(
    open_page: Open, ledger: Ledger, order: dict[str, str]
) -> None:
    at = open_page("refunds", "inventory", "en", o=order["id"])
    assert "¥" not in text_of(at)
    submit(at, None, "out_of_stock")
    [one] = refund_requests_of(ledger)
    assert (one.status, one.amount) == ("proposed", Decimal("280.00"))
    assert "280" not in text_of(open_page("refunds", "inventory", o=order["id"]))


def test_a_refund_the_channel_did_not_take_is_given_up_by_finance(
    open_page: Open, ledger: Ledger, order: dict[str, str]
) -> None:
    submit(open_page("refunds", "finance", o=order["id"]), 100.0)
    later = NOW + timedelta(minutes=1)
    hand_over(ledger, later, lambda verb, shop: ["shop"])
    [message] = claim(ledger, "shop", later, limit=5)
    settle(ledger, message, Answer(outcome="refused", code="422"), later)
    at = open_page("refunds", "finance", "en")
    assert "did not take it" in text_of(at)
    assert not has(open_page("refunds", "cs"), "do_refund_void")
    at.button(key="do_refund_void").click().run()
    assert not at.exception
    assert refund_requests_of(ledger)[0].status == "failed"


def test_who_sees_some_shops_sees_their_refunds_only(
    open_page: Open, ledger: Ledger, order: dict[str, str]
) -> None:
    submit(open_page("refunds", "finance", o=order["id"]), 10.0)
    [one] = refund_requests_of(ledger)
    add_person(ledger, "elsewhere", "cs", shops=("no-such-shop",))
    at = open_page("refunds", "elsewhere", "en", o=order["id"])
    assert not at.exception
    assert one.request_id not in str(at.dataframe)
    assert not has(at, "refund_submit")


@pytest.mark.parametrize("login", ["analyst", "warehouse"])
def test_other_posts_do_not_open_the_page(open_page: Open, login: str) -> None:
    at = open_page("refunds", login, "en")
    assert not any(one.key == "refund_order" for one in at.text_input)


def test_the_order_leads_to_its_refunds(open_page: Open, order: dict[str, str]) -> None:
    links = [str(one.proto) for one in open_page("order", "cs", id=order["id"]).get("page_link")]
    assert any("refunds" in link and order["id"] in link for link in links)
