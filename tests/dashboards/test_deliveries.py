"""The page of data health shows what has not reached other systems; the audit shows every try."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

from streamlit.testing.v1 import AppTest

from orderhouse.ledger import Answer, Ledger, ObjectRef, act, claim, hand_over, settle
from tests.support.people import NOW, signed_in

Open = Callable[..., AppTest]
EARLIER = NOW - timedelta(minutes=30)


def _given_up(ledger: Ledger, order: str) -> None:
    item = ObjectRef(queue_code="Q07", item_id=f"i-{order}", entity_type="order",
                     entity_id=order, order_id=order, shop_id="tb")  # fmt: skip
    act(
        ledger, signed_in(ledger, "order-processor", EARLIER), verb="review_pass", object=item,
        args={"reason_code": "checked_ok"}, expected_version=0, now=EARLIER, snapshot_id="b",
        idempotency_key=secrets.token_hex(8),
    )  # fmt: skip
    hand_over(ledger, NOW, lambda _verb, _shop: ["wms"])
    for message in claim(ledger, "wms", NOW, limit=9):
        settle(ledger, message, Answer(outcome="refused", code="not_configured"), NOW)


def _table(page: AppTest, column: str) -> list[str] | None:
    found = [frame.value for frame in page.dataframe if "told_system" in frame.value.columns]
    return list(found[0][column]) if found else None


def test_what_no_system_took_is_listed_in_the_readers_words(
    open_page: Open, ledger: Ledger
) -> None:
    assert _table(open_page("health", "data-team"), "order_id") is None
    _given_up(ledger, "tb-1")
    page = open_page("health", "data-team")
    assert not page.exception
    assert _table(page, "order_id") == ["tb-1"]
    assert _table(page, "delivery_code") == ["没有配置连接或凭证"]


def test_the_audit_says_how_a_message_ended(open_page: Open, ledger: Ledger) -> None:
    _given_up(ledger, "tb-1")
    page = open_page("audit", "admin")
    assert not page.exception
    rows = next(frame.value for frame in page.dataframe if "类别" in frame.value.columns)
    assert "对外发送" in list(rows["类别"])
