"""What was decided reaches other systems: files, signed calls, retries, kills, a second sender."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from orderhouse.ledger import ObjectRef, act, deliveries, open_ledger
from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.delivery import deliver_once
from pipelines.delivery.loop import something_to_send
from tests.support.people import CHEAP, NOW, add_person, signed_in
from tests.support.receiver import Receiver, receiving

MINUTE = timedelta(minutes=1)
SECRET = "whsec_" + base64.b64encode(b"a secret both sides know").decode()
KILLS = ("deliver.after_handover", "deliver.after_claim", "deliver.after_send",
         "deliver.after_record")  # fmt: skip


@dataclass
class House:
    """A home whose people decide."""

    home: Path
    minutes: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, now=NOW + MINUTE * self.minutes)  # type: ignore[call-arg]

    def connects(self, text: str) -> None:
        (self.home / "connections.yml").write_text(text, encoding="utf-8")

    def passes(self, *orders: str) -> None:
        ledger = open_ledger(self.settings.ledger_address, passwords=CHEAP)
        for order in orders:
            item = ObjectRef(queue_code="Q07", item_id=f"i-{order}", entity_type="order",
                             entity_id=order, order_id=order, shop_id="tb")  # fmt: skip
            act(
                ledger, signed_in(ledger, "reviewer"), verb="review_pass", object=item,
                args={"reason_code": "checked_ok"}, expected_version=0,
                idempotency_key=secrets.token_hex(8), now=self.settings.clock(), snapshot_id="b",
            )  # fmt: skip
        ledger.close()

    def states(self) -> dict[str | None, str]:
        ledger = open_ledger(self.settings.ledger_address)
        found = {row.order_id: row.state for row in deliveries(ledger)}
        ledger.close()
        return found


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    ledger = open_ledger(house.settings.ledger_address, passwords=CHEAP)
    add_person(ledger, "reviewer", "order_processor")
    ledger.close()
    return house


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("WMS_SECRET", SECRET)
    with receiving() as running:
        yield running


@pytest.fixture
def one_try() -> Iterator[None]:
    """Quick repeats within a round are another test's business."""
    stamina.set_active(False)
    yield
    stamina.set_active(True)


def webhook(receiver: Receiver) -> str:
    return (
        f"connections:\n  wms: {{kind: webhook, url: '{receiver.address}/decisions', "
        "secret: env:WMS_SECRET, sends: all}\n"
    )


def test_without_connections_decisions_are_files_of_the_home(house: House) -> None:
    house.passes("a", "b")
    assert not something_to_send(house.settings)
    assert deliver_once(house.settings).handed_over == 0
    house.minutes = 11
    assert something_to_send(house.settings)
    assert deliver_once(house.settings).states == {"answered": 2}
    [path] = (house.home / "outbox" / "decisions").iterdir()
    messages = json.loads(path.read_text())["messages"]
    assert [(m["verb"], m["order_id"], m["shop_id"]) for m in messages] == [
        ("review_pass", "a", "tb"), ("review_pass", "b", "tb"),
    ]  # fmt: skip
    assert messages[0]["sequence"] < messages[1]["sequence"]
    assert not something_to_send(house.settings)


def test_a_system_that_reads_tables_gets_a_table(house: House) -> None:
    house.connects("connections:\n  wms: {kind: folder, format: csv, sends: all}\n")
    house.passes("a", "b")
    house.minutes = 11
    deliver_once(house.settings)
    [path] = (house.home / "outbox" / "wms").iterdir()
    with path.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["order_id"] for row in rows] == ["a", "b"]
    assert all(row["idempotency_key"].endswith(".wms") for row in rows)


def test_a_call_is_signed_over_key_time_and_body(house: House, receiver: Receiver) -> None:
    house.connects(webhook(receiver))
    house.passes("a")
    house.minutes = 11
    deliver_once(house.settings)
    [call] = receiver.calls
    key, moment = call.headers["webhook-id"], call.headers["webhook-timestamp"]
    assert key == call.headers["idempotency-key"] == call.json["idempotency_key"]
    expected = hmac.new(
        b"a secret both sides know", f"{key}.{moment}.".encode() + call.body, hashlib.sha256
    )
    said = call.headers["webhook-signature"].removeprefix("v1,")
    assert base64.b64decode(said) == expected.digest()
    assert SECRET.encode() not in call.body
    ledger = open_ledger(house.settings.ledger_address)
    [delivery] = deliveries(ledger)
    ledger.close()
    assert (delivery.state, delivery.code, delivery.reference) == ("answered", "200", "r1")


def test_a_hiccup_is_hidden_by_a_quick_repeat_under_the_same_key(
    house: House, receiver: Receiver
) -> None:
    receiver.statuses = [503, 429]
    house.connects(webhook(receiver))
    house.passes("a")
    house.minutes = 11
    assert deliver_once(house.settings).states == {"answered": 1}
    assert len(receiver.calls) == 3
    assert len({call.headers["idempotency-key"] for call in receiver.calls}) == 1


@pytest.mark.usefixtures("one_try")
def test_a_system_that_is_down_is_left_alone_until_its_next_try(
    house: House, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    house.connects(webhook(receiver))
    house.passes("a", "b", "c")
    house.minutes = 11
    assert deliver_once(house.settings).states == {"failed": 1}
    assert len(receiver.calls) == 1
    assert deliver_once(house.settings).states == {}
    house.minutes = 13
    assert deliver_once(house.settings).states == {"answered": 3}


def test_what_is_refused_or_redirected_is_given_up(house: House, receiver: Receiver) -> None:
    receiver.statuses = [422, 302]
    house.connects(webhook(receiver))
    house.passes("a", "b", "c")
    house.minutes = 11
    deliver_once(house.settings)
    assert house.states() == {"a": "given_up", "b": "given_up", "c": "answered"}


@pytest.mark.usefixtures("one_try")
def test_a_missing_credential_waits_for_somebody_to_supply_it(
    house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.connects(webhook(receiver))
    house.passes("a")
    house.minutes = 11
    monkeypatch.delenv("WMS_SECRET")
    assert deliver_once(house.settings).states == {"failed": 1}
    monkeypatch.setenv("WMS_SECRET", SECRET)
    house.minutes = 13
    assert deliver_once(house.settings).states == {"answered": 1}


def _deliver(house: House, **changes: Any) -> subprocess.CompletedProcess[str]:
    surroundings = {
        "ORDERHOUSE_HOME": str(house.home), "ORDERHOUSE_NOW": house.settings.clock().isoformat(),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "deliver"],
        cwd=PROJECT_ROOT, env=os.environ | surroundings | changes, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("moment", KILLS)
def test_a_sender_killed_at_any_moment_has_one_effect_at_the_receiver(
    house: House, receiver: Receiver, moment: str
) -> None:
    house.connects(webhook(receiver))
    house.passes("a", "b")
    house.minutes = 11
    killed = _deliver(house, ORDERHOUSE_FAILPOINT=f"{moment}:1")
    assert killed.returncode == -9, killed.stderr
    house.minutes = 22
    done = _deliver(house)
    assert done.returncode == 0, done.stderr
    assert house.states() == {"a": "answered", "b": "answered"}
    assert sorted(body["order_id"] for body in receiver.effects.values()) == ["a", "b"]
    if moment == "deliver.after_send":
        assert len(receiver.calls) == 4


@pytest.mark.parametrize("moment", ["deliver.after_claim", "deliver.after_send"])
def test_a_file_whose_writer_was_killed_is_written_again_under_its_name(
    house: House, moment: str
) -> None:
    house.passes("a", "b")
    house.minutes = 11
    assert _deliver(house, ORDERHOUSE_FAILPOINT=moment).returncode == -9
    house.passes("late")
    house.minutes = 22
    assert _deliver(house).returncode == 0
    files = sorted((house.home / "outbox" / "decisions").iterdir())
    orders = [[m["order_id"] for m in json.loads(f.read_text())["messages"]] for f in files]
    assert orders == [["a", "b"], ["late"]]


def test_two_senders_at_once_tell_each_thing_once(house: House, receiver: Receiver) -> None:
    house.connects(webhook(receiver))
    house.passes(*"abcdefgh")
    house.minutes = 11
    with ThreadPoolExecutor(2) as pool:
        tallies = list(pool.map(deliver_once, [house.settings] * 2))
    assert sum(tally.states["answered"] for tally in tallies) == 8
    assert len(receiver.calls) == 8
