"""People are told of urgent cases once, in their language, of their queues only; and of the day."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from orderhouse.ledger import ObjectRef, act, open_ledger
from orderhouse.settings import Settings
from pipelines.delivery.notices import notify_once
from tests.support.people import CHEAP, NOW, add_person, signed_in
from tests.support.receiver import receiving
from tests.support.snapshot import publish
from tests.support.world import World


def home_with(home: Path, text: str, *queues: str) -> Settings:
    world = World()
    for number, queue in enumerate(queues):
        world.add("queue_items", item_id=f"i{number}", queue_code=queue, entity_type="order",
                  entity_id=f"o{number}", order_id=f"o{number}", shop_id="tb", severity=1,
                  opened_at=NOW - timedelta(hours=1 + number * 30))  # fmt: skip
    publish(home, world, build_id="b001")
    (home / "connections.yml").write_text(f"connections:\n{text}")
    return Settings(home=home, now=NOW)  # type: ignore[call-arg]


def test_a_post_hears_once_of_the_urgent_cases_of_its_queues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT", "secret")
    stamina.set_active(False)
    with receiving() as chat:
        chat.statuses = [503]
        entry = f"kind: webhook, url: '{chat.address}/in', secret: env:CHAT, notices: [urgent]"
        settings = home_with(
            tmp_path,
            f"  cs: {{{entry}, role: cs, language: en}}\n  money: {{{entry}, role: finance}}\n",
            "Q25", "Q25",
        )  # fmt: skip
        assert [notify_once(settings), notify_once(settings), notify_once(settings)] == [0, 1, 0]
        told = chat.calls[-1].json
        assert (told["role"], told["subject"]) == ("cs", "1 urgent cases")
        assert "Delivered but not received · o0" in told["text"]
        assert len({call.headers["idempotency-key"] for call in chat.calls}) == 1
        assert "webhook-signature" in chat.calls[-1].headers
    stamina.set_active(True)


def test_a_sudden_event_is_told_to_every_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT", "secret")
    with receiving() as chat:
        entry = f"kind: webhook, url: '{chat.address}/in', secret: env:CHAT, notices: [urgent]"
        settings = home_with(
            tmp_path, f"  one: {{{entry}, role: cs}}\n  two: {{{entry}, role: warehouse}}\n", "Q35"
        )
        assert [notify_once(settings), notify_once(settings)] == [2, 0]
        assert sorted(call.json["role"] for call in chat.calls) == ["cs", "warehouse"]


def test_a_post_hears_once_of_who_was_named_and_not_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT", "secret")
    with receiving() as chat:
        entry = f"kind: webhook, url: '{chat.address}/in', secret: env:CHAT, notices: [mentions]"
        settings = home_with(
            tmp_path,
            f"  lead: {{{entry}, role: ops_lead, language: en}}\n"
            f"  money: {{{entry}, role: finance}}\n",
            "Q07",
        )
        ledger = open_ledger(settings.ledger_address, passwords=CHEAP)
        for login, role in (("li", "order_processor"), ("lead", "ops_lead")):
            add_person(ledger, login, role)
        case = ObjectRef(queue_code="Q07", item_id="i0", entity_type="order", entity_id="o0",
                         order_id="o0", shop_id="tb")  # fmt: skip
        act(ledger, signed_in(ledger, "li"), verb="comment", object=case,
            args={"comment": "@lead her number is wrong"}, expected_version=0,
            idempotency_key="key-of-it", now=NOW, snapshot_id="b001")  # fmt: skip
        ledger.close()
        assert [notify_once(settings), notify_once(settings)] == [1, 0]
        [told] = [call.json for call in chat.calls]
        assert (told["role"], told["subject"]) == (
            "ops_lead",
            "Colleagues were mentioned in 1 notes",
        )
        assert "Li mentioned Lead on Manual review: o0" in told["text"]
        assert "her number" not in told["text"]


@contextmanager
def mailbox() -> Iterator[tuple[int, list[str]]]:
    """As much of SMTP as taking a mail needs."""
    got: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline().decode().strip():
                word = line[:4].upper()
                if word == "DATA":
                    self._say("354 go on")
                    text = ""
                    while (part := self.rfile.readline().decode()) != ".\r\n":
                        text += part
                    got.append(text)
                self._say("221 bye" if word == "QUIT" else "250 ok")
                if word == "QUIT":
                    return

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], got
    finally:
        server.shutdown()
        server.server_close()


def test_the_digest_of_a_day_is_mailed_once(tmp_path: Path) -> None:
    with mailbox() as (port, got):
        settings = home_with(
            tmp_path,
            f"  desk: {{kind: mail, host: 127.0.0.1, port: {port}, security: none, language: en, "
            "sender: house@shop.example, to: [lead@shop.example], role: ops_lead, "
            "notices: [digest]}\n",
        )
        assert notify_once(settings) == 0
        folder = tmp_path / "outbox" / "digests" / "2026-11-20"
        folder.mkdir(parents=True)
        (folder / "ops_lead.en.md").write_text("# Ninety orders\n")
        assert [notify_once(settings), notify_once(settings)] == [1, 0]
    [mail] = got
    assert "Subject: Digest of 2026-11-20" in mail
    assert "Ninety orders" in mail
