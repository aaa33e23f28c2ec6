"""Shopify Admin, REST: orders by the time of their last change, their transactions, payouts.

REST and not GraphQL because its documents are what webhooks send and what the mapping reads: one
form of an order, whichever way it comes. Pages are keyset pages: an order that changes while they
are read leaves the window at its end and moves no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ingestion.pulling.calls import Answer
from ingestion.pulling.feeds import Client, Feed, Page, Question, iso

_API = "/admin/api/2026-10"
_PAGE = 250
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="next"')


def _lists(question: Question, path: str, params: dict[str, Any]) -> Iterator[Answer]:
    """Every page of a list; after the first only the shop's own mark may be sent."""
    limit = question.page_size(_PAGE)
    answer = question.caller.get(f"{_API}/{path}.json", params | {"limit": limit})
    yield answer
    while found := _NEXT.search(answer.headers.get("link", "")):
        mark = parse_qs(urlsplit(found[1]).query)["page_info"][0]
        answer = question.caller.get(f"{_API}/{path}.json", {"limit": limit, "page_info": mark})
        yield answer


def _changed(question: Question, **more: str) -> Iterator[Answer]:
    window = question.window
    asked = {
        "status": "any", "order": "updated_at asc",
        "updated_at_min": iso(window.start), "updated_at_max": iso(window.end),
    }  # fmt: skip
    return _lists(question, "orders", asked | more)


def _orders(question: Question) -> Iterator[Page]:
    for answer in _changed(question):
        yield Page(data=answer.data, count=len(answer.value["orders"]))


def _transactions(question: Question) -> Iterator[Page]:
    """Of each order that changed: an order's own document does not hold them."""
    for answer in _changed(question, fields="id"):
        for order in answer.value["orders"]:
            found = question.caller.get(f"{_API}/orders/{order['id']}/transactions.json")
            yield Page(data=found.data, count=len(found.value["transactions"]))


def _payouts(question: Question) -> Iterator[Page]:
    window = question.window
    days = {"date_min": window.start.date().isoformat(), "date_max": window.end.date().isoformat()}
    for answer in _lists(question, "shopify_payments/payouts", days):
        yield Page(data=answer.data, count=len(answer.value["payouts"]))
        for payout in answer.value["payouts"]:
            of_payout = {"payout_id": payout["id"]}
            for lines in _lists(question, "shopify_payments/balance/transactions", of_payout):
                yield Page(data=lines.data, count=len(lines.value["transactions"]))


SHOPIFY = Client(
    name="shopify",
    credentials=("token",),
    sign=lambda secrets, _connection: {"headers": {"X-Shopify-Access-Token": secrets["token"]}},
    feeds=(
        Feed(name="orders", read=_orders),
        Feed(name="transactions", read=_transactions),
        # A payout is dated before it is paid, and only shops with Shopify Payments have any.
        Feed(name="payouts", read=_payouts, overlap=timedelta(days=14), is_usual=False),
    ),
)
