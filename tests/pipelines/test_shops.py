"""Shops are told through their own APIs: what is refused is cancelled, what has left is shown."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stamina

from orderhouse.ledger import ObjectRef, act, deliveries, open_ledger
from orderhouse.settings import Settings
from pipelines.delivery import deliver_once
from tests.support.people import CHEAP, NOW, add_person, signed_in
from tests.support.receiver import Call, Receiver, receiving
from tests.support.snapshot import publish
from tests.support.world import World

LATER = NOW + timedelta(minutes=11)


@dataclass
class Shop:
    """An order as a shop keeps it; speaks Shopify's GraphQL and WooCommerce's REST."""

    cancels: list[dict[str, Any]] = field(default_factory=list)
    waybills: list[str] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    order: dict[str, Any] = field(default_factory=lambda: {"id": 77, "status": "processing",
                                                           "meta_data": []})  # fmt: skip
    fails_after: str = ""

    def answer(self, call: Call) -> tuple[int, Any]:
        if call.path.endswith("/graphql.json"):
            assert call.headers["x-shopify-access-token"] == "shop-token"
            return self._graphql(call.json["query"], call.json["variables"])
        name = base64.b64encode(b"ck_1:cs_1").decode()
        assert call.headers["authorization"] == f"Basic {name}"
        return self._rest(call)

    def _done(self, what: str, body: Any) -> tuple[int, Any]:
        """Does it, and perhaps loses the answer once."""
        if self.fails_after == what:
            self.fails_after = ""
            return 502, {}
        return 200, body

    def _graphql(self, query: str, values: dict[str, Any]) -> tuple[int, Any]:
        if "orderCancel" in query:
            self.cancels.append(values)
            said = {"job": {"id": "gid://shopify/Job/1"}, "orderCancelUserErrors": []}
            return self._done("cancel", {"data": {"orderCancel": said}})
        if "fulfillmentCreate" in query:
            self.waybills += values["fulfillment"]["trackingInfo"]["numbers"]
            said = {"fulfillment": {"id": "gid://shopify/Fulfillment/5"}, "userErrors": []}
            return self._done("ship", {"data": {"fulfillmentCreate": said}})
        if values["id"] != "gid://shopify/Order/77":
            return 200, {"data": {"order": None}}
        return 200, {"data": {"order": {
            "id": values["id"], "cancelledAt": "2026-11-21T09:00:00Z" if self.cancels else None,
            "fulfillments": [{"trackingInfo": [{"number": n} for n in self.waybills]}],
            "fulfillmentOrders": {"nodes": [{"id": "gid://shopify/FulfillmentOrder/9"}]},
        }}}  # fmt: skip

    def _rest(self, call: Call) -> tuple[int, Any]:
        path = call.path.partition("?")[0]
        if not re.fullmatch(r"/wp-json/wc/v3/orders/77(/refunds)?", path):
            return 404, {}
        if path.endswith("/refunds"):
            if call.method == "GET":
                return 200, self.refunds
            self.refunds.append({"id": len(self.refunds) + 1, **call.json})
            return self._done("refund", self.refunds[-1])
        if call.method == "PUT":
            self.order |= call.json
        return 200, self.order


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def receiver(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    for name, value in (("TOKEN", "shop-token"), ("CK", "ck_1"), ("CS", "cs_1")):
        monkeypatch.setenv(name, value)
    stamina.set_active(False)
    with receiving() as running:
        running.answer = shop.answer
        yield running
    stamina.set_active(True)


def house(home: Path, receiver: Receiver, kind: str, number: str = "77") -> None:
    world = World()
    world.add("fct_orders", order_id="o", shop_id="tb", channel_order_id=number,
              currency_code="USD", captured_amount=Decimal("50"),
              refunded_amount=Decimal("8.5"))  # fmt: skip
    world.add("fct_shipments", shipment_id="s", order_id="o", carrier="sf",
              tracking_number="SF1", shipped_at=NOW)  # fmt: skip
    publish(home, world, build_id="b001")
    ledger = open_ledger(f"sqlite:///{home / 'ledger.db'}", passwords=CHEAP)
    add_person(ledger, "lead", "ops_lead")
    ledger.close()
    given = {"shopify": "token: env:TOKEN", "woocommerce": "key: env:CK, secret: env:CS"}[kind]
    (home / "connections.yml").write_text(
        f"connections:\n  shop: {{kind: {kind}, address: '{receiver.address}', {given}, "
        "refunds: true}\n"
    )


def decides(home: Path, verb: str, queue: str, **args: Any) -> None:
    ledger = open_ledger(f"sqlite:///{home / 'ledger.db'}", passwords=CHEAP)
    item = ObjectRef(queue_code=queue, item_id=f"i-{queue}", entity_type="order", entity_id="o",
                     order_id="o", shop_id="tb")  # fmt: skip
    act(
        ledger, signed_in(ledger, "lead"), verb=verb, object=item, args=args, expected_version=0,
        idempotency_key=secrets.token_hex(8), now=NOW, snapshot_id="b001",
    )  # fmt: skip
    ledger.close()


def round_at(home: Path, now: datetime) -> tuple[str, str | None, str | None]:
    settings = Settings(home=home, now=now)  # type: ignore[call-arg]
    deliver_once(settings)
    ledger = open_ledger(settings.ledger_address)
    [row] = deliveries(ledger)
    ledger.close()
    return row.state, row.code, row.reference


def test_shopify_cancels_once_and_pays_back_though_the_answer_was_lost(
    tmp_path: Path, receiver: Receiver, shop: Shop
) -> None:
    house(tmp_path, receiver, "shopify")
    decides(tmp_path, "review_reject", "Q07", reason_code="suspected_fraud")
    shop.fails_after = "cancel"
    assert round_at(tmp_path, LATER)[:2] == ("failed", "502")
    assert round_at(tmp_path, LATER + timedelta(minutes=2))[:2] == ("answered", "cancelled")
    [cancel] = shop.cancels
    assert (cancel["reason"], cancel["refund"]) == ("FRAUD", True)


def test_shopify_shows_a_waybill_once(tmp_path: Path, receiver: Receiver, shop: Shop) -> None:
    house(tmp_path, receiver, "shopify")
    decides(tmp_path, "re_push", "Q21")
    shop.fails_after = "ship"
    assert round_at(tmp_path, LATER)[0] == "failed"
    assert round_at(tmp_path, LATER + timedelta(minutes=2))[:2] == ("answered", "shown")
    assert shop.waybills == ["SF1"]


def test_an_order_the_shop_does_not_know_is_given_up(
    tmp_path: Path, receiver: Receiver, shop: Shop
) -> None:
    house(tmp_path, receiver, "shopify", number="78")
    decides(tmp_path, "re_push", "Q21")
    assert round_at(tmp_path, LATER)[:2] == ("given_up", "unknown_order")


def test_a_shop_that_is_asked_too_often_is_asked_later(tmp_path: Path, receiver: Receiver) -> None:
    house(tmp_path, receiver, "shopify")
    decides(tmp_path, "re_push", "Q21")
    receiver.answer = lambda _: (200, {"errors": [{"extensions": {"code": "THROTTLED"}}]})
    assert round_at(tmp_path, LATER)[:2] == ("failed", "throttled")


def test_woocommerce_pays_back_once_what_was_paid_and_then_cancels(
    tmp_path: Path, receiver: Receiver, shop: Shop
) -> None:
    house(tmp_path, receiver, "woocommerce")
    decides(tmp_path, "review_reject", "Q07", reason_code="wrong_price")
    shop.fails_after = "refund"
    assert round_at(tmp_path, LATER)[0] == "failed"
    assert shop.order["status"] == "processing"
    assert round_at(tmp_path, LATER + timedelta(minutes=2)) == ("answered", "cancelled", "1")
    assert [refund["amount"] for refund in shop.refunds] == ["41.50"]
    assert shop.order["status"] == "cancelled"


def test_woocommerce_keeps_the_waybills_that_are_there(
    tmp_path: Path, receiver: Receiver, shop: Shop
) -> None:
    house(tmp_path, receiver, "woocommerce")
    key = "_wc_shipment_tracking_items"
    shop.order["meta_data"] = [{"key": key, "value": [{"tracking_number": "OLD"}]}]
    decides(tmp_path, "re_push", "Q21")
    assert round_at(tmp_path, LATER) == ("answered", "shown", "77")
    [meta] = shop.order["meta_data"]
    assert [item["tracking_number"] for item in meta["value"]] == ["OLD", "SF1"]
    assert shop.order["status"] == "completed"
