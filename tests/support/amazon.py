"""Amazon's Selling Partner API as documented: access by the hour, orders, reports to order."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from tests.support.systems import Reply, Shop

SETTLED = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\t"
    "currency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\t"
    "posted-date-time\tsku\n"
    "{n}\t2026-10-01 00:00:00 UTC\t2026-10-15 00:00:00 UTC\t2026-10-17 00:00:00 UTC\t16.30\tUSD\n"
    "{n}\t\t\t\t\t\tOrder\t111-1\tItemPrice\tPrincipal\t20.00\t2026-10-03 10:00:00 UTC\tSKU-1\n"
    "{n}\t\t\t\t\t\tOrder\t111-1\tItemFees\tCommission\t-3.70\t2026-10-03 10:00:00 UTC\tSKU-1\n"
)
MOVED = (
    "Date\tFNSKU\tASIN\tMSKU\tTitle\tEventType\tReferenceID\tQuantity\tFulfillmentCenter\t"
    "Disposition\tReason\tCountry\tReconciledQuantity\tUnreconciledQuantity\n"
)
TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


def number_of(order: int) -> str:
    return f"111-0000000-{order:07d}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


@dataclass
class Amazon(Shop):
    """A seller's account.

    Attributes:
        made: id of a report -> what getReport says of it; `looks` are answered in progress first.
        rows: the lines of a report that is ordered, from its window; none cancels it.
        grants: how often access was given; only the last is good.
        quota_at: the call that is refused because its bucket is empty, without saying until when.
    """

    looks: int = 1
    rows: Callable[[datetime, datetime], str] = lambda _first, _last: ""
    settled: dict[str, datetime] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    end: str = "DONE"
    grants: int = 0
    sent: str | None = None
    address: str = ""
    quota_at: int | None = None

    def knows(self, headers: Any) -> bool:
        self.sent, self.address = headers.get("x-amz-access-token"), headers["Host"]
        return True

    def first_of(self, reply: Reply | None) -> int | None:
        payload = reply.value.get("payload", {}) if reply and isinstance(reply.value, dict) else {}
        orders = payload.get("Orders")
        return int(orders[0]["AmazonOrderId"].split("-")[-1]) if orders else None

    def goes_on(self, reply: Reply, asked: dict[str, str]) -> bool:
        return "NextToken" in asked and self.first_of(reply) is not None and bool(
            reply.value["payload"].get("NextToken")
        )  # fmt: skip

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        if path == "/auth/o2/token":
            return self._grant(dict(parse_qsl(asked["body"])))
        if path.startswith("/documents/"):
            assert self.sent is None, "access is told to whoever keeps the documents"
            return Reply(gzip.compress(self.texts[path.split("/")[-1]], mtime=len(self.calls)))
        if self.sent != f"Atza-{self.grants}":
            return Reply({"errors": [{"code": "Unauthorized"}]}, {}, 403)
        if self.quota_at == len(self.calls) - 1:
            self.quota_at = None
            return Reply({"errors": [{"code": "QuotaExceeded"}]}, {}, 429)
        if path == "/orders/v0/orders":
            return self._orders(asked)
        if path == "/orders/2026-01-01/orders":
            return self._searched(asked)
        if path.endswith("/orderItems"):
            return self._items(int(path.split("/")[-2].split("-")[-1]))
        return self._reports(path.removeprefix("/reports/2021-06-30/"), asked)

    def _grant(self, form: dict[str, str]) -> Reply:
        assert form["grant_type"] == "refresh_token"
        if (form["refresh_token"], form["client_id"], form["client_secret"]) != (
            self.token, "key", self.token,
        ):  # fmt: skip
            return Reply({"error": "invalid_grant"}, {}, 400)
        self.grants += 1
        return Reply({"access_token": f"Atza-{self.grants}", "expires_in": 3600})

    def _orders(self, asked: dict[str, str]) -> Reply:
        assert asked["MarketplaceIds"] == "ATVPDKIKX0DER"
        shown = self.now - timedelta(minutes=2)
        if mark := asked.get("NextToken"):
            assert set(asked) == {"MarketplaceIds", "NextToken"}, asked
            state = json.loads(mark)
        else:
            last = asked.get("LastUpdatedBefore", shown.isoformat())
            if _moment(last) > shown:
                return Reply({"errors": [{"code": "InvalidInput"}]}, {}, 400)
            state = {"min": asked["LastUpdatedAfter"], "max": last, "after": None,
                     "size": int(asked["MaxResultsPerPage"])}  # fmt: skip
        found = self.between(_moment(state["min"]), _moment(state["max"]))
        if state["after"]:
            after = (_moment(state["after"][0]), state["after"][1])
            found = [item for item in found if item > after]
        page, rest = found[: state["size"]], found[state["size"] :]
        payload: dict[str, Any] = {"Orders": [self._order(n, at) for at, n in page]}
        if rest:
            state["after"] = [page[-1][0].isoformat(), page[-1][1]]
            payload["NextToken"] = json.dumps(state)
        return Reply({"payload": payload}, {"x-amzn-RateLimit-Limit": "0.0167"})

    def _order(self, number: int, at: datetime) -> dict[str, Any]:
        amount = {"CurrencyCode": "USD", "Amount": f"{10 + self.orders[number][1]}.00"}
        return {
            "AmazonOrderId": number_of(number), "OrderStatus": "Unshipped", "OrderTotal": amount,
            "PurchaseDate": "2026-10-31T10:00:00Z", "LastUpdateDate": at.isoformat() + "Z",
            "FulfillmentChannel": "MFN", "NumberOfItemsUnshipped": 2, "NumberOfItemsShipped": 0,
        }  # fmt: skip

    def _searched(self, asked: dict[str, str]) -> Reply:
        """The version that replaces v0: other words, the items inside, the mark beside the rest."""
        assert asked["marketplaceIds"] == "ATVPDKIKX0DER"
        assert asked["includedData"] == "BUYER,PROCEEDS,FULFILLMENT"
        shown = self.now - timedelta(minutes=2)
        last = asked.get("lastUpdatedBefore", shown.isoformat())
        if _moment(last) > shown:
            return Reply({"errors": [{"code": "InvalidInput"}]}, {}, 400)
        found = self.between(_moment(asked["lastUpdatedAfter"]), _moment(last))
        if mark := asked.get("paginationToken"):
            at, number = json.loads(mark)
            found = [item for item in found if item > (_moment(at), number)]
        size = int(asked["maxResultsPerPage"])
        page, rest = found[:size], found[size:]
        said: dict[str, Any] = {"orders": [self._order_2026(n, at) for at, n in page]}
        if rest:
            mark = json.dumps([page[-1][0].isoformat(), page[-1][1]])
            said["pagination"] = {"nextToken": mark}
        return Reply(said, {"x-amzn-RateLimit-Limit": "0.0056"})

    def _order_2026(self, number: int, at: datetime) -> dict[str, Any]:
        money = {"currencyCode": "USD", "amount": f"{10 + self.orders[number][1]}.00"}
        item = {
            "orderItemId": f"{number}01", "quantityOrdered": 2,
            "product": {"asin": "B01", "title": "Pot", "sellerSku": "SKU-1"},
            "proceeds": {"breakdowns": [{"type": "ITEM", "subtotal": money}]},
            "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
        }  # fmt: skip
        return {
            "orderId": number_of(number), "createdTime": "2026-10-31T10:00:00Z",
            "lastUpdatedTime": at.isoformat() + "Z", "programs": [],
            "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
            "proceeds": {"grandTotal": money},
            "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
            "orderItems": [item],
        }  # fmt: skip

    def _items(self, number: int) -> Reply:
        price = {"CurrencyCode": "USD", "Amount": f"{10 + self.orders[number][1]}.00"}
        item = {"OrderItemId": f"{number}01", "SellerSKU": "SKU-1", "ASIN": "B01",
                "ItemPrice": price, "QuantityOrdered": 2, "Title": "Pot"}  # fmt: skip
        payload = {"AmazonOrderId": number_of(number), "OrderItems": [item]}
        return Reply({"payload": payload}, {"x-amzn-RateLimit-Limit": "0.5"})

    def _reports(self, path: str, asked: dict[str, str]) -> Reply:
        kind, _, which = path.partition("/")
        if kind == "documents":
            url = f"http://{self.address}/documents/{which}?signature=secret"
            return Reply({"reportDocumentId": which, "url": url, "compressionAlgorithm": "GZIP"})
        if which:
            self.seen[which] += 1
            state = self.end if self.seen[which] > self.looks else "IN_PROGRESS"
            said = self.made[which] | {"processingStatus": state}
            return Reply(said | ({"reportDocumentId": which} if state == "DONE" else {}))
        if "body" in asked:
            return self._order_report(json.loads(asked["body"]))
        return Reply({"reports": self._list(asked)})

    def _list(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        first = _moment(asked["createdSince"])
        assert first > self.now - timedelta(days=90), "that is not kept any more"
        if asked["reportTypes"] != TYPE:
            return [
                row | {"processingStatus": self.end if self.seen[n] > self.looks else "IN_QUEUE"}
                for n, row in self.made.items()
                if row["reportType"] == asked["reportTypes"]
            ]
        last = _moment(asked["createdUntil"]) if "createdUntil" in asked else self.now
        for name in self.settled:
            self.texts[f"doc-{name}"] = SETTLED.format(n=name).encode()
        return [
            {"reportId": n, "reportDocumentId": f"doc-{n}", "processingStatus": "DONE"}
            for n, at in self.settled.items()
            if first <= at <= last
        ]

    def _order_report(self, asked: dict[str, Any]) -> Reply:
        assert asked["reportType"] != TYPE, "Amazon makes these by itself"
        name = f"R{len(self.made) + 1}"
        self.made[name] = asked | {"reportId": name}
        text = self.rows(_moment(asked["dataStartTime"]), _moment(asked["dataEndTime"]))
        self.texts[name] = text.encode("cp1252")
        return Reply({"reportId": name}, {}, 202)
