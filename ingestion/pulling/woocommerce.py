"""WooCommerce REST v3: orders by the time of their last change, refunds by the time of theirs.

The shop numbers its pages, and a numbered page loses an order whenever one before it changes while
the pages are read. So no page but the first is ever asked for: each call begins at the newest time
seen, without the orders of that very second that are known already.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ingestion.pulling.calls import PullError
from ingestion.pulling.feeds import Client, Feed, Page, Question

_API = "/wp-json/wc/v3"
_PAGE = 100
# So many ids still fit into an address.
_MAX_SAME_SECOND = 600
_SECOND = timedelta(seconds=1)


def _keyset(question: Question, path: str, bounds: tuple[str, str], at: str) -> Iterator[Page]:
    """Every page of a list in the order of the time `at`; `after` of this API is exclusive."""
    after, size = question.window.start - _SECOND, question.page_size(_PAGE)
    before = question.window.end + _SECOND
    known: set[int] = set()
    while True:
        asked: dict[str, Any] = {
            bounds[0]: after.isoformat(timespec="seconds"),
            bounds[1]: before.isoformat(timespec="seconds"),
            "dates_are_gmt": "true", "order": "asc", "per_page": size,
            "orderby": "modified" if at == "date_modified_gmt" else "date",
        }  # fmt: skip
        if known:
            asked["exclude"] = ",".join(str(number) for number in sorted(known))
        answer = question.caller.get(f"{_API}/{path}", asked)
        yield Page(data=answer.data, count=len(answer.value))
        if len(answer.value) < size:
            return
        newest = max(datetime.fromisoformat(row[at]) for row in answer.value)
        of_newest = {r["id"] for r in answer.value if datetime.fromisoformat(r[at]) == newest}
        known = (known if newest == after + _SECOND else set()) | of_newest
        after = newest - _SECOND
        if len(known) > _MAX_SAME_SECOND:
            raise PullError(
                f"{question.connection.name}: more than {_MAX_SAME_SECOND} of {path} changed in "
                f"the second {newest}; land an export of them, then pull with --since after it."
            )


def _orders(question: Question) -> Iterator[Page]:
    return _keyset(question, "orders", ("modified_after", "modified_before"), "date_modified_gmt")


def _refunds(question: Question) -> Iterator[Page]:
    return _keyset(question, "refunds", ("after", "before"), "date_created_gmt")


WOOCOMMERCE = Client(
    name="woocommerce",
    credentials=("key", "secret"),
    sign=lambda secrets, _connection: {"auth": (secrets["key"], secrets["secret"])},
    feeds=(Feed(name="orders", read=_orders), Feed(name="refunds", read=_refunds)),
)
