"""The webhook inbox: who is believed, what is stored before it is acknowledged, what is refused."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import structlog
import yaml
from starlette.testclient import TestClient

from ingestion.hooks.server import hooks_app
from ingestion.landing import Landing
from orderhouse.connections import FILE_NAME, ConnectionsError
from orderhouse.privacy import open_privacy
from orderhouse.reach import UNKNOWN, hook_news
from orderhouse.settings import PROJECT_ROOT, Settings
from tests.ingestion.conftest import Home, movement, movements
from tests.support.hooks import NOW, RECORDS, SECRET, news, shopify_order, signed

SOURCES = [*RECORDS, "wms"]


def write_connections(settings: Settings, **changes: dict) -> None:
    """A hook for each source, of the shop s1."""
    secrets = ["env:HOOK_OLD", "env:HOOK_SECRET"]
    entries = {
        name: {"kind": "hook", "source": name, "shop": "s1", "secrets": secrets} for name in SOURCES
    }
    settings.root.mkdir(parents=True, exist_ok=True)
    (settings.root / FILE_NAME).write_text(yaml.safe_dump({"connections": entries | changes}))


@dataclass
class Door:
    """An inbox with its clock in hand."""

    home: Home
    client: TestClient
    monotonic: list[float]

    def push(self, source: str, body: bytes, *, shop: str = "s1", **how) -> httpx2.Response:
        headers, content = signed(source, body, **how)
        return self.send(source, content, headers, shop)

    def send(self, source: str, content: bytes, headers: dict[str, str], shop: str = "s1"):
        return self.client.post(f"/hooks/{source}/{shop}", content=content, headers=headers)

    def landed(self) -> int:
        files = self.home.settings.landing_dir / "pending"
        return sum(1 for _ in files.glob("*.json"))


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("HOOK_OLD", "the one before")
    settings = Settings(
        home=tmp_path / "home", key_file=tmp_path / "key", now=NOW, hooks_max_bytes=20_000
    )
    write_connections(settings)
    monotonic = [0.0]
    app = hooks_app(settings, lambda: monotonic[0])
    return Door(Home(settings), TestClient(app), monotonic)


@pytest.mark.parametrize("source", RECORDS)
def test_a_signed_delivery_becomes_the_records_a_file_of_it_would(
    door: Door, source: str, homes
) -> None:
    body = news(source)
    answer = door.push(source, body)
    assert answer.status_code == 200, answer.text
    assert door.landed() == 1
    door.home.ingest()
    by_file = homes()
    by_file.land(body, source)
    by_file.ingest()
    query = f"select record_hash, file_id, byte_from, byte_to from records.{RECORDS[source]}"
    assert door.home.rows(query) == by_file.rows(query) != []
    door.home.check_accounts()


def test_an_order_that_holds_its_refunds_is_an_order(door: Door) -> None:
    refund = {
        "id": 9, "order_id": 1, "created_at": "2026-11-19T07:00:00Z", "note": None,
        "refund_line_items": [], "transactions": [{"id": 8, "amount": "2.00", "status": "success",
        "kind": "refund", "gateway": "manual", "currency": "USD"}],
    }  # fmt: skip
    order = shopify_order(1) | {"refunds": [refund]}
    assert door.push("shopify", json.dumps(order).encode()).status_code == 200
    door.home.ingest()
    counted = "select (select count(*) from records.orders), (select count(*) from records.refunds)"
    assert door.home.rows(counted) == [(1, 1)]


def test_a_sender_of_ones_own_delivers_any_kind_of_file(door: Door) -> None:
    headers, body = signed("wms", movements([movement(1), movement(2)]))
    answer = door.send("wms", body, headers | {"content-type": "text/csv; charset=utf-8"})
    assert answer.status_code == 200
    door.home.ingest()
    assert door.home.rows("select count(*) from records.stock_movements") == [(2,)]


def test_a_source_of_ones_own_has_a_door_too(door: Door) -> None:
    """Its mapping lies in the home; the shipped sources do not know it."""
    folder = door.home.settings.sources_dir / "corner"
    folder.mkdir(parents=True)
    shutil.copy(PROJECT_ROOT / "ingestion/sources/wms/mapping.yml", folder)
    entry = {"kind": "hook", "source": "corner", "shop": "s1", "secrets": ["env:HOOK_SECRET"]}
    write_connections(door.home.settings, corner=entry)
    headers, body = signed("corner", movements([movement(1)]))
    answer = door.send("corner", body, headers | {"content-type": "text/csv"})
    assert answer.status_code == 200
    door.home.ingest()
    assert door.home.rows("select source from records.stock_movements") == [("corner",)]


def test_the_carrier_platform_gets_the_answer_it_takes_for_a_yes(door: Door) -> None:
    assert door.push("kuaidi100", news("kuaidi100")).json()["returnCode"] == "200"


@pytest.mark.parametrize("source", SOURCES)
def test_no_other_secret_and_no_changed_byte_is_believed(door: Door, source: str) -> None:
    body = news(source) if source in RECORDS else b'{"a": 1}'
    headers, content = signed(source, body)
    assert door.push(source, body, secret="guess").status_code == 401
    for place in range(len(content) - 12, len(content) - 4):
        changed = content[:place] + b"7" + content[place + 1 :]
        if changed != content:
            assert door.send(source, changed, headers).status_code in (400, 401)
    bare = {"content-type": headers["content-type"]}
    if source != "kuaidi100":
        assert door.send(source, content, bare).status_code == 401
    assert door.send(source, b"param=%7B%7D", bare).status_code == 401
    assert door.landed() == 0


@pytest.mark.parametrize("source", ["stripe", "wms"])
def test_a_request_whose_signed_time_is_too_far_away_is_refused(door: Door, source: str) -> None:
    body = movements([movement(1)]) if source == "wms" else news(source)
    for minutes, status in ((-6, 401), (-4, 200), (4, 200), (6, 401)):
        answer = door.push(source, body, at=NOW + timedelta(minutes=minutes))
        assert answer.status_code == status, minutes


def test_the_time_of_a_request_cannot_be_changed_without_the_secret(door: Door) -> None:
    headers, body = signed("stripe", news("stripe"), at=NOW - timedelta(hours=1))
    old = headers["stripe-signature"].partition(",")[0]
    moved = headers["stripe-signature"].replace(old, f"t={int(old[2:]) + 3600}")
    assert door.send("stripe", body, headers | {"stripe-signature": moved}).status_code == 401


def test_a_secret_can_be_changed_without_a_gap(door: Door) -> None:
    assert door.push("shopify", news("shopify", 1), secret="the one before").status_code == 200
    assert door.push("shopify", news("shopify", 2), secret=SECRET).status_code == 200


def test_the_same_delivery_again_is_the_same_file(door: Door) -> None:
    for _ in range(3):
        assert door.push("shopify", news("shopify")).status_code == 200
    assert door.landed() == 1


def test_what_is_not_connected_does_not_exist(door: Door) -> None:
    assert door.push("shopify", news("shopify"), shop="s2").status_code == 404
    assert door.push("paypal", news("shopify")).status_code == 404
    assert door.push("..", news("shopify")).status_code == 404
    assert door.client.get("/hooks/shopify/s1").status_code == 405
    assert not door.home.settings.landing_dir.exists()


def test_bodies_that_are_too_large_are_not_read_to_their_end(door: Door) -> None:
    headers, body = signed("shopify", b"[" + b" " * 20_000 + b"]")
    assert door.send("shopify", body, headers).status_code == 413

    def pieces():
        for _ in range(40):
            yield b" " * 1000

    answer = door.client.post("/hooks/shopify/s1", content=pieces(), headers=headers)
    assert answer.status_code == 413


def test_other_kinds_of_content_are_refused(door: Door) -> None:
    headers, body = signed("shopify", news("shopify"))
    for kind in ("text/html", "multipart/form-data; boundary=x", ""):
        assert door.send("shopify", body, headers | {"content-type": kind}).status_code == 415
    packed = headers | {"content-encoding": "gzip"}
    assert door.send("shopify", body, packed).status_code == 415


def test_who_calls_too_often_is_told_when_to_come_again(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("HOOK_OLD", "x")
    settings = Settings(home=tmp_path / "home", now=NOW, hooks_per_minute=12)
    write_connections(settings)
    monotonic = [0.0]
    client = TestClient(hooks_app(settings, lambda: monotonic[0]))
    door = Door(Home(settings), client, monotonic)
    answers = [door.push("shopify", news("shopify", n)) for n in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
    assert door.push("woocommerce", news("woocommerce")).status_code == 200
    monotonic[0] += int(answers[2].headers["retry-after"])
    assert door.push("shopify", news("shopify", 9)).status_code == 200


def test_the_log_says_what_became_of_a_request_and_nothing_of_what_was_in_it(door: Door) -> None:
    with structlog.testing.capture_logs() as logs:
        door.push("shopify", news("shopify"))
        door.push("shopify", news("shopify"), secret="guess")
        door.push("shopify", news("shopify"), shop="s2")
    said = [entry for entry in logs if entry["event"] == "hook"]
    assert [entry["outcome"] for entry in said] == ["landed", "bad_signature", "unknown"]
    text = json.dumps(logs, default=str)
    assert "SKU1" not in text
    assert SECRET not in text


def test_a_shop_that_asks_whether_anybody_is_there_gets_a_yes_and_nothing_lands(
    door: Door,
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert door.send("woocommerce", b"webhook_id=12", headers).status_code == 200
    assert door.send("woocommerce", b"webhook_id=12&x=1", headers).status_code == 415
    assert door.landed() == 0


def test_one_file_cannot_be_two_shops(door: Door) -> None:
    other = {"kind": "hook", "source": "shopify", "shop": "s2", "secrets": ["env:HOOK_SECRET"]}
    write_connections(door.home.settings, second=other)
    assert door.push("shopify", news("shopify")).status_code == 200
    assert door.push("shopify", news("shopify"), shop="s2").status_code == 422


def test_a_connection_is_taken_up_without_a_restart_and_a_broken_file_turns_nobody_away(
    door: Door,
) -> None:
    file = door.home.settings.root / FILE_NAME
    before = file.read_text()
    file.write_text(before + "\n  broken: [")
    assert door.push("shopify", news("shopify")).status_code == 200
    file.write_text(before.replace("shop: s1", "shop: s7"))
    assert door.push("shopify", news("shopify", 2), shop="s7").status_code == 200
    assert door.push("shopify", news("shopify", 3)).status_code == 404


def test_without_its_secret_a_connection_believes_nobody(door: Door, monkeypatch) -> None:
    monkeypatch.delenv("HOOK_SECRET")
    monkeypatch.delenv("HOOK_OLD")
    assert door.push("shopify", news("shopify"), secret="").status_code == 503


def test_what_cannot_be_stored_is_not_acknowledged(door: Door, monkeypatch) -> None:
    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    answer = door.push("shopify", news("shopify"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    monkeypatch.undo()
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    assert door.push("shopify", news("shopify")).status_code == 200
    assert door.landed() == 1


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _push_until_it_dies(port: int, process: subprocess.Popen, first: int) -> list[int]:
    """Delivers one order after another; the numbers of those that were acknowledged."""
    acknowledged = []
    for number in range(first, first + 30):
        headers, body = signed("shopify", news("shopify", number))
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            line.request("POST", "/hooks/shopify/s1", body, headers)
            assert line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return acknowledged
        acknowledged.append(number)
    process.kill()
    raise AssertionError("the failpoint was never reached")


@pytest.mark.parametrize(
    "moment", ["landing.after_keys", "landing.before_sync", "landing.after_write",
               "landing.after_pending"],
)  # fmt: skip
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, moment: str) -> None:
    settings = Settings(home=tmp_path / "home", now=NOW)
    write_connections(settings)
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "hooks"],
        cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env=os.environ | {
            "ORDERHOUSE_HOME": str(settings.root), "ORDERHOUSE_HOOKS_PORT": str(port),
            "ORDERHOUSE_NOW": NOW.isoformat(), "HOOK_SECRET": SECRET, "HOOK_OLD": "x",
            "ORDERHOUSE_FAILPOINT": f"{moment}:5",
        },
    )  # fmt: skip
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    acknowledged = _push_until_it_dies(port, server, first=1)
    assert server.wait(20) == -9
    assert acknowledged
    privacy = open_privacy(settings)
    landing = Landing(settings.landing_dir, privacy)
    stored = {json.loads(landing.read(f.file_id))["id"] for f in landing.pending()}
    privacy.vault.close()
    assert set(acknowledged) <= stored
    assert len(stored) - len(acknowledged) <= 1
    # The sender, who got no yes, sends again: there is one file, not two.
    again = Home(settings)
    for number in range(1, len(acknowledged) + 2):
        again.land(news("shopify", number), "shopify")
    again.ingest()
    assert again.rows("select count(*) from records.orders") == [(len(acknowledged) + 1,)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "shopifi"}, "connections.one: source 'shopifi'"),
        ({"scheme": "rot13"}, "connections.one: scheme 'rot13'"),
        ({"shop": "../s1"}, "connections.one"),
        ({"secrets": []}, "connections.one"),
        ({"shop": "s1"}, "one is the hook of shopify/s1 already"),
    ],
)
def test_a_mistake_in_the_file_is_told_at_the_start(
    tmp_path: Path, change: dict, said: str
) -> None:
    settings = Settings(home=tmp_path)
    one = {"kind": "hook", "source": "shopify", "shop": "s2", "secrets": ["env:X"]} | change
    write_connections(settings, one=one)
    with pytest.raises(ConnectionsError, match=said):
        hooks_app(settings)


def test_what_became_of_each_request_is_counted_for_the_page(door: Door) -> None:
    settings, body = door.home.settings, json.dumps(shopify_order(7)).encode()
    assert door.push("shopify", body).status_code == 200
    assert door.send("shopify", body, {"content-type": "application/json"}).is_error
    for _ in range(3):
        assert door.push("shopify", body, shop="nobody").status_code == 404
    news_of = hook_news(settings, "shopify", NOW)
    assert (news_of.taken, news_of.refused) == (1, 1)
    assert news_of.last_taken_at == news_of.last_refused_at == NOW
    # Knocks at addresses nobody has are written at most once a second.
    assert hook_news(settings, UNKNOWN, NOW).refused == 1
