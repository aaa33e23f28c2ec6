"""Shops on this machine that answer as the real ones document, with faults when told so.

A fault is scripted by the number of the call it happens at. The shop's clock is its own.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.hooks import news, shopify_order

FAULTS = ("500", "late", "cut", "drift", "storm", "duplicate", "html", "revoked")


@dataclass
class Reply:
    """What a shop answers."""

    value: Any
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass
class Shop:
    """A shop with orders: number -> when it changed last, how often it changed."""

    now: datetime
    script: dict[int, str] = field(default_factory=dict)
    orders: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bad_keys: int = 0
    storm: int = 0
    last: Reply | None = None
    token: str = "token-1"

    def change(self, number: int, at: datetime | None = None) -> None:
        version = self.orders.get(number, (self.now, 0))[1] + 1
        self.orders[number] = (at or self.now, version)

    def between(self, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
        return sorted((at, n) for n, (at, _) in self.orders.items() if first <= at <= last)

    def drift(self, first_listed: int | None) -> None:
        """The order listed first changes while the list is read, so all after it move up."""
        self.now += timedelta(seconds=1)
        if first_listed is not None:
            self.change(first_listed)

    def first_of(self, reply: Reply | None) -> int | None:
        """The order that is listed first in an answer."""
        rows = reply.value if reply else None
        if isinstance(rows, dict):
            rows = rows.get("orders")
        return rows[0]["id"] if rows else None

    def goes_on(self, reply: Reply, asked: dict[str, str]) -> bool:
        """Whether a page follows the last one, so that it can come twice."""
        if "page_info" in asked:
            return "Link" in reply.headers
        return "per_page" in asked and len(reply.value) == int(asked["per_page"])

    def knows(self, headers: Any) -> bool:
        raise NotImplementedError

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        raise NotImplementedError


class Shopify(Shop):
    """Keyset pages behind an opaque mark; a bucket of 40 calls."""

    def knows(self, headers: Any) -> bool:
        return headers.get("X-Shopify-Access-Token") == self.token

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        if path.endswith("/transactions.json"):
            number = int(path.split("/")[-2])
            row = {"id": number * 100, "order_id": number, "kind": "sale", "status": "success",
                   "amount": "12.50", "gateway": "manual", "currency": "USD",
                   "created_at": "2026-11-01T10:00:00Z"}  # fmt: skip
            return Reply({"transactions": [row]})
        assert path == "/admin/api/2026-10/orders.json", path
        limit = int(asked["limit"])
        if mark := asked.get("page_info"):
            assert set(asked) == {"limit", "page_info"}, asked
            state = json.loads(base64.urlsafe_b64decode(mark))
        else:
            state = {"min": asked["updated_at_min"], "max": asked["updated_at_max"],
                     "fields": asked.get("fields", ""), "after": None}  # fmt: skip
        low, high = (datetime.fromisoformat(state[k]).replace(tzinfo=None) for k in ("min", "max"))
        found = self.between(low, high)
        if state["after"]:
            after = (datetime.fromisoformat(state["after"][0]), state["after"][1])
            found = [item for item in found if item > after]
        page, rest = found[:limit], found[limit:]
        rows = [self._row(number, at) for at, number in page]
        if state["fields"] == "id":
            rows = [{"id": row["id"]} for row in rows]
        headers = {"X-Shopify-Shop-Api-Call-Limit": "39/40"}
        if rest:
            state["after"] = [page[-1][0].isoformat(), page[-1][1]]
            token = base64.urlsafe_b64encode(json.dumps(state).encode()).decode()
            headers["Link"] = f'<http://x/orders.json?limit={limit}&page_info={token}>; rel="next"'
        return Reply({"orders": rows}, headers)

    def _row(self, number: int, at: datetime) -> dict[str, Any]:
        version = self.orders[number][1]
        return shopify_order(number, at.isoformat() + "Z", f"{10 + version}.00")


class WooCommerce(Shop):
    """Numbered pages over a list that moves."""

    def knows(self, headers: Any) -> bool:
        pair = base64.b64encode(f"key:{self.token}".encode()).decode()
        return headers.get("Authorization") == f"Basic {pair}"

    def answer(self, path: str, asked: dict[str, str]) -> Reply:
        if path == "/wp-json/wc/v3/refunds":
            return Reply([])
        assert path == "/wp-json/wc/v3/orders", path
        assert (asked["orderby"], asked["order"]) == ("modified", "asc")
        low, high = (datetime.fromisoformat(asked[f"modified_{k}"]) for k in ("after", "before"))
        without = {int(number) for number in asked.get("exclude", "").split(",") if number}
        tick = timedelta(microseconds=1)
        found = [item for item in self.between(low + tick, high - tick) if item[1] not in without]
        size, page = int(asked["per_page"]), int(asked.get("page", "1"))
        return Reply([self._row(n, at) for at, n in found[(page - 1) * size : page * size]])

    def _row(self, number: int, at: datetime) -> dict[str, Any]:
        version = self.orders[number][1]
        row = json.loads(news("woocommerce", number))
        return row | {"date_modified_gmt": at.isoformat(), "total": f"{10 + version}.00"}


def _handler(shop: Shop) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave apart: the second would wait 40 ms for the other end's word.
        disable_nagle_algorithm = True

        def log_message(self, *_args: object) -> None:
            pass

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(shop.now.replace(tzinfo=UTC), usegmt=True)

        def do_GET(self) -> None:
            with lock:
                parts = urlsplit(self.path)
                asked = dict(parse_qsl(parts.query, keep_blank_values=True))
                fault = shop.script.pop(len(shop.calls), "")
                shop.calls.append((parts.path, asked))
                self._say(self._reply(parts.path, asked, fault), fault)

        def do_POST(self) -> None:
            with lock:
                size = int(self.headers.get("content-length", 0))
                body = self.rfile.read(size).decode()
                fault = shop.script.pop(len(shop.calls), "")
                shop.calls.append((self.path, {"body": body}))
                self._say(self._reply(self.path, {"body": body}, fault), fault)

        def _reply(self, path: str, asked: dict[str, str], fault: str) -> Reply:
            if fault == "storm":
                shop.storm = 4
            if shop.storm:
                shop.storm -= 1
                return Reply({"errors": "slow"}, {"Retry-After": "2.0"}, 429)
            if fault == "revoked" or not shop.knows(self.headers):
                return Reply({"errors": "no"}, {}, 401)
            if fault == "500":
                return Reply({"errors": "x"}, {}, 500)
            if fault == "drift":
                shop.drift(shop.first_of(shop.last))
            if fault == "duplicate" and shop.last and shop.goes_on(shop.last, asked):
                return shop.last
            reply = shop.answer(path, asked)
            shop.last = reply
            return reply

        def _say(self, reply: Reply, fault: str) -> None:
            if fault == "late":
                time.sleep(0.4)  # the shop has done its part; nobody listens any more
            value = reply.value
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
            if fault == "html":
                data = b"<html>Back soon</html>"
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if fault == "cut" else data)
            if fault in ("late", "cut"):
                self.close_connection = True

    return Handler


@contextmanager
def serving(shop: Shop) -> Iterator[str]:
    """The address the shop answers at."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shop))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
