"""Amazon's Selling Partner API: orders with their items as two kinds of documents, and reports.

Orders go to the source `amazon_api`, reports to `amazon`: two connections of one shop. Nothing
personal is asked for: without a restricted token Amazon leaves names and addresses out; the newer
version of the orders (2026-01-01) has no such token and is asked for no address.

Amazon shows an order two minutes after it changed and lists by the time of the change; the mark of
the next page is opaque and keeps its list. Reports are made to order: one that was ordered for the
same stretch of time is taken up again, so a reading that was cut off does not order twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import timedelta
from typing import Any

import httpx2

from ingestion.archives import unpack
from ingestion.errors import LandingError
from ingestion.pulling.calls import Again, Answer, PullError, refusal
from ingestion.pulling.feeds import Client, Feed, Page, Question, iso
from ingestion.pulling.pacing import Rate
from orderhouse.connections import PullConnection

_TOKENS = "https://api.amazon.com/auth/o2/token"
_ORDERS = "/orders/v0/orders"
_ORDERS_2026 = "/orders/2026-01-01/orders"
_REPORTS = "/reports/2021-06-30"
_PAGE = 100
# The usage plans of the documentation; every answer says what it really is for this seller.
_LIST_ORDERS = Rate(operation="getOrders", burst=20, per_second=0.0167)
_SEARCH_ORDERS = Rate(operation="searchOrders", burst=20, per_second=0.0056)
_LIST_ITEMS = Rate(operation="getOrderItems", burst=30, per_second=0.5)
_LIST_REPORTS = Rate(operation="getReports", burst=10, per_second=0.0222)
_ORDER_REPORT = Rate(operation="createReport", burst=15, per_second=0.0167)
_SEE_REPORT = Rate(operation="getReport", burst=15, per_second=2.0)
_FIND_DOCUMENT = Rate(operation="getReportDocument", burst=15, per_second=0.0167)

_KEPT = timedelta(days=90)  # reports are thrown away after it
_LOOK_EVERY_S, _LOOKS = 30.0, 60
_RENEW_BEFORE_S = 60.0


class Login(httpx2.Auth):
    """Access for an hour at a time, for a permission that lasts until it is taken back."""

    requires_response_body = True

    def __init__(self, secrets: Mapping[str, str], connection: PullConnection) -> None:
        self._form = {"grant_type": "refresh_token"} | dict(secrets)
        self._name = connection.name
        self._address = connection.token_address or _TOKENS
        self._token = ""
        self._until = 0.0

    def auth_flow(
        self, request: httpx2.Request
    ) -> Generator[httpx2.Request, httpx2.Response, None]:
        had = self._token if time.monotonic() < self._until else ""
        if not had:
            self._take((yield httpx2.Request("POST", self._address, data=self._form)))
        request.headers["x-amz-access-token"] = self._token
        answer = yield request
        if answer.status_code in (401, 403) and had:
            # Access may end before its hour, for example when the permission was given anew.
            self._take((yield httpx2.Request("POST", self._address, data=self._form)))
            request.headers["x-amz-access-token"] = self._token
            yield request

    def _take(self, answer: httpx2.Response) -> None:
        if answer.status_code in (400, 401, 403):
            raise refusal(self._name, f"no access token: HTTP {answer.status_code}")
        try:
            said = answer.json()
            self._token = said["access_token"]
            self._until = time.monotonic() + float(said["expires_in"]) - _RENEW_BEFORE_S
        except (ValueError, KeyError, TypeError) as error:
            raise Again(f"no access token: HTTP {answer.status_code}") from error


def _listed(
    question: Question, path: str, asked: dict[str, Any], rate: Rate, mark: tuple[str, str]
) -> Iterator[Answer]:
    """Every page of a list. `mark`: what the mark of the next page is called, and where it is."""
    name, inside = mark
    first = asked
    while True:
        answer = question.caller.get(path, asked, rate)
        yield answer
        token = (answer.value[inside] if inside else answer.value).get(name)
        if not token:
            return
        # The mark knows what was asked; only the marketplaces must be named again.
        asked = {k: v for k, v in first.items() if k == "MarketplaceIds"} | {name: token}


def _orders(question: Question) -> Iterator[Page]:
    window = question.window
    asked: dict[str, Any] = {
        "MarketplaceIds": ",".join(question.connection.marketplaces),
        "LastUpdatedAfter": iso(window.start),
        "MaxResultsPerPage": question.page_size(_PAGE),
    }
    # Near the present Amazon's own clock draws the line: a later time than its own it refuses.
    if not window.is_open:
        asked["LastUpdatedBefore"] = iso(window.end)
    for answer in _listed(question, _ORDERS, asked, _LIST_ORDERS, ("NextToken", "payload")):
        orders = answer.value["payload"]["Orders"]
        yield Page(data=answer.data, count=len(orders))
        for order in orders:
            yield from _items(question, order["AmazonOrderId"])


def _items(question: Question, order_no: str) -> Iterator[Page]:
    path = f"{_ORDERS}/{order_no}/orderItems"
    for answer in _listed(question, path, {}, _LIST_ITEMS, ("NextToken", "payload")):
        yield Page(data=answer.data, count=len(answer.value["payload"]["OrderItems"]))


def _searched(question: Question) -> Iterator[Page]:
    """Version 2026-01-01: an order comes with its items, so there is nothing to ask about each."""
    window = question.window
    asked: dict[str, Any] = {
        "marketplaceIds": ",".join(question.connection.marketplaces),
        "lastUpdatedAfter": iso(window.start),
        "maxResultsPerPage": question.page_size(_PAGE),
        "includedData": "BUYER,PROCEEDS,FULFILLMENT",
    }
    if not window.is_open:
        asked["lastUpdatedBefore"] = iso(window.end)
    token: str | None = None
    while True:
        more = {"paginationToken": token} if token else {}
        answer = question.caller.get(_ORDERS_2026, asked | more, _SEARCH_ORDERS)
        yield Page(data=answer.data, count=len(answer.value["orders"]))
        token = (answer.value.get("pagination") or {}).get("nextToken")
        if not token:
            return


def _settlements(question: Question) -> Iterator[Page]:
    """Nobody orders these: Amazon makes one when it closes a settlement."""
    kind, window = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", question.window
    since = max(window.start, question.now - _KEPT + timedelta(hours=1))
    if since > window.end:
        return
    asked = {"createdSince": iso(since)}
    if not window.is_open:
        asked["createdUntil"] = iso(window.end)
    for report in _known(question, kind, asked | {"processingStatuses": "DONE"}):
        yield _document(question, report["reportDocumentId"])


def _known(question: Question, kind: str, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
    asked = {"reportTypes": kind, "pageSize": str(question.page_size(_PAGE))} | asked
    asked["marketplaceIds"] = ",".join(question.connection.marketplaces)
    path = f"{_REPORTS}/reports"
    for answer in _listed(question, path, asked, _LIST_REPORTS, ("nextToken", "")):
        yield from answer.value["reports"]


def _made_to_order(kind: str) -> Callable[[Question], Iterator[Page]]:
    def read(question: Question) -> Iterator[Page]:
        report = _taken_up(question, kind) or _ordered(question, kind)
        if document := _when_made(question, kind, report):
            yield _document(question, document)

    return read


def _taken_up(question: Question, kind: str) -> str | None:
    """The report of this very stretch of time, if it was ordered before."""
    window = question.window
    recent = {"createdSince": iso(question.now - timedelta(days=1))}
    for report in _known(question, kind, recent):
        span = (report.get("dataStartTime"), report.get("dataEndTime"))
        is_same = tuple(str(t)[:19] for t in span) == (iso(window.start)[:19], iso(window.end)[:19])
        if is_same and report["processingStatus"] not in ("CANCELLED", "FATAL"):
            return report["reportId"]
    return None


def _ordered(question: Question, kind: str) -> str:
    asked = {
        "reportType": kind,
        "marketplaceIds": list(question.connection.marketplaces),
        "dataStartTime": iso(question.window.start),
        "dataEndTime": iso(question.window.end),
    }
    path = f"{_REPORTS}/reports"
    return question.caller.post(path, rate=_ORDER_REPORT, json=asked).value["reportId"]


def _when_made(question: Question, kind: str, report: str) -> str | None:
    """Waits for a report; the id of its document, None when it would be empty."""
    name, path = question.connection.name, f"{_REPORTS}/reports/{report}"
    for _ in range(_LOOKS):
        said = question.caller.get(path, rate=_SEE_REPORT).value
        state = said["processingStatus"]
        if state == "DONE":
            return said["reportDocumentId"]
        # Amazon takes back an order for a report that would have no rows.
        if state == "CANCELLED":
            return None
        if state == "FATAL":
            raise PullError(f"{name}: Amazon could not make the report {kind} ({report}). "
                            "Pull again later.")  # fmt: skip
        question.caller.wait(_LOOK_EVERY_S)
    raise PullError(f"{name}: the report {kind} ({report}) is not made yet. Pull again later; "
                    "within the hour the same report is taken up.")  # fmt: skip


def _document(question: Question, document: str) -> Page:
    found = question.caller.get(f"{_REPORTS}/documents/{document}", rate=_FIND_DOCUMENT).value
    packed = question.caller.fetch(found["url"], f"the report document {document}")
    try:
        [report] = unpack(document, packed)
    except LandingError as error:
        raise PullError(f"{question.connection.name}: {error}. Pull again later.") from error
    return Page(data=report.data, count=max(0, len(report.data.splitlines()) - 1))


def _report(name: str, kind: str, *, days: int, is_usual: bool = True) -> Feed:
    return Feed(
        name=name, read=_made_to_order(kind), overlap=timedelta(days=days),
        grain=timedelta(hours=1), is_usual=is_usual,
    )  # fmt: skip


def _sign(secrets: Mapping[str, str], connection: PullConnection) -> dict[str, Any]:
    return {"auth": Login(secrets, connection), "headers": {"User-Agent": "Orderhouse/1.0"}}


_CREDENTIALS = ("client_id", "client_secret", "refresh_token")

AMAZON_API = Client(
    name="amazon_api",
    credentials=_CREDENTIALS,
    sign=_sign,
    # One of the two: v0 ends in March 2027.
    feeds=(
        Feed(name="orders", read=_orders, lag=timedelta(minutes=2)),
        Feed(name="orders_2026", read=_searched, lag=timedelta(minutes=2), is_usual=False),
    ),
    has_marketplaces=True,
)
AMAZON = Client(
    name="amazon",
    credentials=_CREDENTIALS,
    sign=_sign,
    feeds=(
        Feed(name="settlements", read=_settlements, overlap=timedelta(days=3)),
        # What is dated at the warehouse is told up to some days later.
        _report("returns", "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", days=3),
        _report("shipments", "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL", days=3),
        _report("stock", "GET_LEDGER_DETAIL_VIEW_DATA", days=3),
        # The same orders as `amazon_api`, for sellers who have no application for that.
        _report("orders", "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", days=1,
                is_usual=False),
    ),
    has_marketplaces=True,
)  # fmt: skip
