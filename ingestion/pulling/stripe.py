"""Stripe: payouts, what each is made of, disputes; or the whole balance by time.

Lists come newest first and are bounded by the time of creation, so nothing that happens while they
are read moves a page. Payouts and disputes change without a new time: they are read again for as
long as they usually live, and unchanged windows give the bytes that were landed before.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from ingestion.pulling.calls import Answer
from ingestion.pulling.feeds import Client, Feed, Page, Question

_PAGE = 100
# The columns of the table `balance_table`: a line in a list does not name its payout, a row does.
_ROW = ("id", "amount", "available_on", "created", "currency", "fee", "net", "source", "type",
        "status", "reporting_category")  # fmt: skip


def _lists(question: Question, path: str, params: dict[str, Any]) -> Iterator[Answer]:
    mark: dict[str, Any] = {}
    while True:
        limit = {"limit": question.page_size(_PAGE)}
        answer = question.caller.get(f"/v1/{path}", params | limit | mark)
        yield answer
        if not answer.value["has_more"] or not answer.value["data"]:
            return
        mark = {"starting_after": answer.value["data"][-1]["id"]}


def _created(question: Question) -> dict[str, int]:
    first, last = question.window.start, question.window.end
    return {
        "created[gte]": int(first.replace(tzinfo=UTC).timestamp()),
        "created[lte]": int(last.replace(tzinfo=UTC).timestamp()),
    }


def _plain(path: str):
    def read(question: Question) -> Iterator[Page]:
        for answer in _lists(question, path, _created(question)):
            yield Page(data=answer.data, count=len(answer.value["data"]))

    return read


def _payout_lines(question: Question) -> Iterator[Page]:
    """Only automatic payouts know their lines; a shop that pays out by hand reads `balance`."""
    for answer in _lists(question, "payouts", _created(question)):
        for payout in answer.value["data"]:
            if not payout.get("automatic"):
                continue
            for lines in _lists(question, "balance_transactions", {"payout": payout["id"]}):
                rows = lines.value["data"]
                yield Page(data=_table(payout["id"], rows), count=len(rows))


def _table(payout_id: str, rows: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_ROW, "payout_id"))
    for row in rows:
        said = row | {name: _time(row[name]) for name in ("available_on", "created")}
        if isinstance(row["source"], dict):
            said["source"] = row["source"]["id"]
        writer.writerow([*(said.get(name) for name in _ROW), payout_id])
    return text.getvalue().encode()


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


STRIPE = Client(
    name="stripe",
    address="https://api.stripe.com",
    credentials=("key",),
    sign=lambda secrets, _connection: {"headers": {"Authorization": f"Bearer {secrets['key']}"}},
    feeds=(
        Feed(name="payouts", read=_plain("payouts"), overlap=timedelta(days=14)),
        Feed(name="payout_lines", read=_payout_lines, overlap=timedelta(days=14)),
        Feed(name="disputes", read=_plain("disputes"), overlap=timedelta(days=120)),
        Feed(name="balance", read=_plain("balance_transactions"), is_usual=False),
    ),
)
