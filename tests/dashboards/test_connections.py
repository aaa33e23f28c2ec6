"""The page of connections: how far each has got, what is missing, and never a secret."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from ingestion.pulling.progress import alone, save_progress
from orderhouse.connections import FILE_NAME
from orderhouse.ledger import Answer, Ledger, ObjectRef, act, claim, hand_over, settle
from orderhouse.reach import Progress, count_hook
from orderhouse.settings import get_settings
from tests.support.people import NOW, signed_in

Open = Callable[..., AppTest]
SECRET = "CANARY-secret-of-the-shop"
CONNECTIONS = {
    "tb-orders": {
        "kind": "pull", "source": "shopify", "shop": "tb-main", "address": "https://a.example",
        "credentials": {"token": "env:TB_TOKEN"},
    },
    "parcels": {
        "kind": "hook", "source": "kuaidi100", "shop": "tb-main",
        "secrets": ["env:PARCELS_NEW", "env:PARCELS_OLD"],
    },
    "supplies": {"kind": "bucket", "url": "s3://a/b", "source": "supplier", "shop": "main"},
    "wms": {"kind": "folder", "sends": "all"},
}  # fmt: skip


@pytest.fixture
def connected(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (home / FILE_NAME).write_text(yaml.safe_dump({"connections": CONNECTIONS}, sort_keys=False))
    monkeypatch.setenv("TB_TOKEN", SECRET)
    monkeypatch.setenv("PARCELS_NEW", SECRET)
    monkeypatch.delenv("PARCELS_OLD", raising=False)
    return home


def said(at: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "text", "subheader", "metric")
    return "\n".join(str(item.value) for kind in kinds for item in at.get(kind))


def sent(at: AppTest) -> str:
    protos = [getattr(node, "proto", None) for node in at._tree]
    raw = b"".join(p.SerializeToString() for p in protos if hasattr(p, "SerializeToString"))
    return raw.decode("utf-8", "replace")


def metric(at: AppTest, label: str) -> str:
    return next(str(one.value) for one in at.metric if one.label == label)


def test_without_connections_the_page_says_where_to_write_them(open_page: Open) -> None:
    at = open_page("connections", "data-team")
    assert not at.exception
    assert "还没有连接任何系统" in said(at)
    assert len(at.metric) == 0


def test_how_far_a_system_is_read_and_why_it_stopped(connected: Path, open_page: Open) -> None:
    state = Progress(
        read_until={"orders": (NOW - timedelta(hours=2)).isoformat()},
        tried_at=NOW.isoformat(), succeeded_at=(NOW - timedelta(hours=2)).isoformat(),
        error="tb-orders: 401 <b>Unauthorized</b>",
    )  # fmt: skip
    with alone(get_settings(), "tb-orders"):
        save_progress(get_settings(), "tb-orders", state)
    at = open_page("connections", "data-team")
    assert not at.exception
    assert metric(at, "有问题") == "1"
    assert "401" in "\n".join(str(error.value) for error in at.error)
    table = at.dataframe[0].value
    assert table.values.tolist() == [["订单", "2026-11-21 15:00", "2小时"]]


def test_a_credential_is_looked_for_and_never_shown(connected: Path, open_page: Open) -> None:
    at = open_page("connections", "data-team")
    assert metric(at, "缺密钥") == "1"
    shown = sent(at)
    assert SECRET not in shown
    assert "缺少 PARCELS" in shown.replace("\\", "") and "PARCELS_NEW" not in shown


def test_webhooks_are_counted_by_what_became_of_them(connected: Path, open_page: Open) -> None:
    settings = get_settings()
    for code in ("landed", "landed", "unsigned", "too_often", "unsigned"):
        count_hook(settings, "parcels", code, NOW)
    count_hook(settings, "parcels", "landed", NOW - timedelta(days=8))
    at = open_page("connections", "data-team")
    assert not at.exception
    texts = [str(one.value) for one in at.text]
    assert "2" in texts and "3" in texts
    assert "没有签名 2 次" in said(at).replace("\\", "")


def test_messages_nobody_took_are_counted_by_system(
    connected: Path, open_page: Open, ledger: Ledger
) -> None:
    earlier = NOW - timedelta(minutes=30)
    item = ObjectRef(queue_code="Q07", item_id="i-1", entity_type="order", entity_id="tb-1",
                     order_id="tb-1", shop_id="tb")  # fmt: skip
    act(
        ledger, signed_in(ledger, "order-processor", earlier), verb="review_pass", object=item,
        args={"reason_code": "checked_ok"}, expected_version=0, now=earlier, snapshot_id="b",
        idempotency_key=secrets.token_hex(8),
    )  # fmt: skip
    hand_over(ledger, NOW, lambda _verb, _shop: ["wms", "oms-of-old"])
    for message in claim(ledger, "wms", NOW, limit=9):
        settle(ledger, message, Answer(outcome="refused", code="not_configured"), NOW)
    at = open_page("connections", "data-team")
    assert not at.exception
    assert metric(at, "送不出去的消息") == "1"
    assert "oms-of-old" in "\n".join(str(w.value) for w in at.warning).replace("\\", "")


def test_a_file_with_a_mistake_is_told_without_what_stands_in_it(
    home: Path, open_page: Open
) -> None:
    bad = {"connections": {"x": {"kind": "hook", "source": "a", "shop": "s", "secrets": SECRET}}}
    (home / FILE_NAME).write_text(yaml.safe_dump(bad))
    at = open_page("connections", "data-team")
    assert not at.exception
    assert len(at.error) == 1 and SECRET not in sent(at)


def test_days_are_forgotten_and_half_a_file_is_begun_anew(home: Path) -> None:
    settings = get_settings()
    for day in range(40):
        count_hook(settings, "parcels", "landed", NOW - timedelta(days=40 - day))
    path = settings.connections_dir / "parcels.hook.json"
    assert len(json.loads(path.read_text())["days"]) == 31
    path.write_text('{"days": {')
    count_hook(settings, "parcels", "unsigned", NOW)
    assert json.loads(path.read_text())["days"] == {f"{NOW:%Y-%m-%d}": {"unsigned": 1}}
