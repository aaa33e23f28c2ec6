"""Systems that pay back, on this machine: Shopify, WooCommerce and Stripe as they document refunds.

Each keeps what it has paid back and refuses what it has not got; answers can be lost after the
money has gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.receiver import Call

ORDER = "gid://shopify/Order/77"
CREDENTIALS = {
    "shopify": "token: env:TOKEN, refunds: true",
    "woocommerce": "key: env:CK, secret: env:CS, refunds: true",
    "stripe": "key: env:SK",
}


@dataclass
class Payer:
    """Two payments of an order, 30 and 20, and what went back of them.

    Attributes:
        lost: how many answers are lost after the money has gone.
    """

    paid: dict[str, Decimal] = field(
        default_factory=lambda: {"ch_1": Decimal(30), "ch_2": Decimal(20)}
    )
    refunds: list[dict[str, Any]] = field(default_factory=list)
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    lost: int = 0
    remembers_keys: bool = True

    def gone(self, payment: str | None = None) -> Decimal:
        mine = (one for one in self.refunds if payment in (None, one["payment"]))
        return sum((one["amount"] for one in mine), Decimal(0))

    def answer(self, call: Call) -> tuple[int, Any]:
        if call.path.endswith("/graphql.json"):
            return self._shopify(call.json["query"], call.json["variables"])
        if "/wp-json/" in call.path:
            return self._woocommerce(call)
        return self._stripe(call)

    def _pay(self, key: str, parts: list[tuple[str, Decimal]], said: dict[str, Any]) -> Any:
        """One effect under a key; None: there is not so much."""
        if self.remembers_keys and key in self.keys:
            return self.keys[key]
        if any(amount > self.paid[name] - self.gone(name) for name, amount in parts):
            return None
        number = len(self.keys) + 1
        self.keys[key] = {"id": number, **said}
        self.refunds += [{"id": number, "payment": name, "amount": amount, **said}
                         for name, amount in parts]  # fmt: skip
        return self.keys[key]

    def _told(self, done: Any, body: Any) -> tuple[int, Any]:
        if done is not None and self.lost:
            self.lost -= 1
            return 502, {}
        return 200, body

    def _shopify(self, query: str, values: dict[str, Any]) -> tuple[int, Any]:
        if "refundCreate" in query:
            assert "@idempotent(key: $key)" in query
            asked = values["input"]
            parts = [(one["parentId"], Decimal(one["amount"])) for one in asked["transactions"]]
            done = self._pay(values["key"], parts, {"note": asked["note"]})
            errors = [{"field": ["transactions"]}] if done is None else []
            made = {"refund": done and {"id": f"gid://shopify/Refund/{done['id']}"},
                    "userErrors": errors}  # fmt: skip
            return self._told(done, {"data": {"refundCreate": made}})
        if "suggestedRefund" not in query:
            return 200, {"data": {"order": {"id": ORDER, "cancelledAt": None}}}
        return 200, {"data": {"order": {
            "id": ORDER,
            "refunds": [{"id": f"gid://shopify/Refund/{one['id']}", "note": one["note"]}
                        for one in self.refunds],
            "suggestedRefund": {"suggestedTransactions": [
                {"gateway": "card", "parentTransaction": {"id": name},
                 "maximumRefundableSet": {"shopMoney": {
                     "amount": str(amount - self.gone(name)), "currencyCode": "USD"}}}
                for name, amount in self.paid.items()
            ]},
        }}}  # fmt: skip

    def _woocommerce(self, call: Call) -> tuple[int, Any]:
        path = urlsplit(call.path).path
        if path != "/wp-json/wc/v3/orders/77/refunds":
            return 404, {}
        if call.method == "GET":
            return 200, [{"id": one["id"], "meta_data": one["meta_data"], "reason": one["reason"]}
                         for one in self.refunds]  # fmt: skip
        asked = call.json
        said = {"meta_data": asked["meta_data"], "reason": asked["reason"]}
        # This one keeps no keys: only what is looked up first keeps it from paying twice.
        amount = Decimal(asked["amount"])
        if amount > sum(self.paid.values()) - self.gone():
            return 400, {}
        done = {"id": len(self.refunds) + 1, **said}
        self.refunds.append({**done, "payment": "ch_1", "amount": amount})
        return self._told(done, done)

    def _stripe(self, call: Call) -> tuple[int, Any]:
        assert call.headers["authorization"] == "Bearer sk_1"
        if call.method == "GET":
            asked = dict(parse_qsl(urlsplit(call.path).query))
            return 200, self._page(asked)
        asked = dict(parse_qsl(call.body.decode()))
        assert re.fullmatch(r"[0-9]+", asked["amount"])
        said = {"metadata": {name[9:-1]: value for name, value in asked.items()
                             if name.startswith("metadata[")}}  # fmt: skip
        parts = [(asked["charge"], Decimal(asked["amount"]) / 100)]
        done = self._pay(call.headers["idempotency-key"], parts, said)
        if done is None:
            return 400, {"error": {"code": "charge_already_refunded"}}
        return self._told(done, {"id": f"re_{done['id']}", "status": "succeeded"})

    def _page(self, asked: dict[str, str]) -> dict[str, Any]:
        """One refund a page, so that pages are turned."""
        rows = [
            {"id": f"re_{one['id']}", "amount": int(one["amount"] * 100), "status": "succeeded",
             "metadata": one["metadata"]}
            for one in self.refunds if one["payment"] == asked["charge"]
        ]  # fmt: skip
        after = asked.get("starting_after")
        start = next((n + 1 for n, row in enumerate(rows) if row["id"] == after), 0)
        return {"data": rows[start : start + 1], "has_more": start + 1 < len(rows)}


def numbers(payer: Payer) -> Iterator[str]:
    """The number every refund carries back to the house."""
    for one in payer.refunds:
        yield str(one.get("note") or one.get("reason") or one["metadata"].get("orderhouse_refund"))
