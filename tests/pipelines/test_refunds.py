"""An agreed refund reaches whoever pays it, once, and comes back as the refund it is."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import stamina

from ingestion.landing import land
from orderhouse.connections import ConnectionsError, load_connections
from orderhouse.ledger import ObjectRef, act, deliveries, open_ledger, refund_deliveries
from orderhouse.ledger import refund_requests_of as requests_of
from orderhouse.settings import PROJECT_ROOT, Settings
from pipelines.decisions import pull_decisions
from pipelines.delivery import deliver_once
from pipelines.delivery.facts import facts_of
from tests.support.homes import (
    copy_of,
    quick_build,
    served,
    settings_of,
    small_built_template,
    templates_folder,
)
from tests.support.payers import CREDENTIALS, Payer, numbers
from tests.support.people import CHEAP, NOW, add_person, signed_in
from tests.support.receiver import Receiver, receiving
from tests.support.snapshot import publish
from tests.support.world import World

NUMBER, OTHER = "OHR-00000000ABCD", "OHR-00000000ABCE"
KINDS = tuple(CREDENTIALS)
KILLS = ("deliver.after_claim", "deliver.after_send", "deliver.after_record")


@pytest.fixture
def payer() -> Payer:
    return Payer()


@pytest.fixture
def receiver(payer: Payer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    for name, value in (("TOKEN", "t"), ("CK", "ck_1"), ("CS", "cs_1"), ("SK", "sk_1")):
        monkeypatch.setenv(name, value)
    stamina.set_active(False)
    with receiving() as running:
        running.answer = payer.answer
        yield running
    stamina.set_active(True)


def house(home: Path, receiver: Receiver, kind: str, currency: str = "USD") -> None:
    world = World()
    world.add("fct_orders", order_id="o", shop_id="tb", channel_order_id="77",
              currency_code=currency, captured_amount=Decimal(50),
              refunded_amount=Decimal(0))  # fmt: skip
    for number, amount in (("ch_1", 30), ("ch_2", 20)):
        world.add("fct_payments", payment_id=number, order_id="o", payment_kind="capture",
                  payment_status="succeeded", provider="stripe", provider_payment_id=number,
                  amount=Decimal(amount), paid_at=NOW)  # fmt: skip
    publish(home, world, build_id="b001")
    ledger = open_ledger(f"sqlite:///{home / 'ledger.db'}", passwords=CHEAP)
    add_person(ledger, "clerk", "finance")
    ledger.close()
    connects(home, f"shop: {{kind: {kind}, address: '{receiver.address}', {CREDENTIALS[kind]}}}")


def connects(home: Path, *entries: str) -> None:
    lines = "".join(f"  {entry}\n" for entry in entries)
    (home / "connections.yml").write_text(f"connections:\n{lines}", encoding="utf-8")


def pays_back(
    home: Path, amount: str, number: str = NUMBER, currency: str = "USD", *, order: str = "o",
    now: datetime = NOW, **account: str,
) -> None:  # fmt: skip
    ledger = open_ledger(f"sqlite:///{home / 'ledger.db'}", passwords=CHEAP)
    known = {"captured_amount": "50", "refunded_amount": "0", "under_way_amount": "0"}
    act(
        ledger, signed_in(ledger, "clerk", now), verb="refund_ask", expected_version=0, now=now,
        object=ObjectRef(queue_code=None, item_id=number, entity_type="refund_request",
                         entity_id=number, order_id=order, shop_id="tb"),
        args={"amount": amount, "currency_code": currency, "reason_code": "goodwill"}
        | known | account,
        idempotency_key=secrets.token_hex(8), snapshot_id="b001",
    )  # fmt: skip
    ledger.close()


def at(home: Path, minutes: int) -> Settings:
    return Settings(home=home, now=NOW + timedelta(minutes=minutes))  # type: ignore[call-arg]


def last_answer(home: Path, minutes: int) -> tuple[str, str | None, str | None]:
    settings = at(home, minutes)
    deliver_once(settings)
    ledger = open_ledger(settings.ledger_address)
    row = deliveries(ledger)[0]
    ledger.close()
    return row.state, row.code, row.reference


@pytest.mark.parametrize("kind", KINDS)
def test_a_refund_is_paid_once_though_the_answer_was_lost(
    tmp_path: Path, receiver: Receiver, payer: Payer, kind: str
) -> None:
    house(tmp_path, receiver, kind)
    pays_back(tmp_path, "12.34")
    payer.lost = 1
    assert last_answer(tmp_path, 0)[:2] == ("failed", "502")
    # Whoever forgets its keys meanwhile is asked what there is before anything is made.
    payer.remembers_keys = False
    state, code, reference = last_answer(tmp_path, 3)
    assert (state, code) == ("answered", "refunded")
    assert reference in {"1", "re_1"}
    assert payer.gone() == Decimal("12.34")
    assert list(numbers(payer)) == [NUMBER]


@pytest.mark.parametrize("moment", KILLS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sender_killed_at_any_moment_has_paid_once(
    tmp_path: Path, receiver: Receiver, payer: Payer, kind: str, moment: str
) -> None:
    house(tmp_path, receiver, kind)
    pays_back(tmp_path, "10")
    given = os.environ | {"ORDERHOUSE_HOME": str(tmp_path), "ORDERHOUSE_NOW": NOW.isoformat()}
    killed = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", "deliver"],
        cwd=PROJECT_ROOT, env=given | {"ORDERHOUSE_FAILPOINT": moment}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert killed.returncode == -9, killed.stderr
    deliver_once(at(tmp_path, 11))
    ledger = open_ledger(at(tmp_path, 11).ledger_address)
    assert refund_deliveries(ledger, requests_of(ledger)) == {NUMBER: "refunded"}
    ledger.close()
    assert payer.gone() == 10
    assert list(numbers(payer)) == [NUMBER]


@pytest.mark.parametrize("kind", ["shopify", "stripe"])
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_refund_greater_than_any_payment_goes_back_through_several(
    tmp_path: Path, receiver: Receiver, payer: Payer, kind: str, lost: int
) -> None:
    house(tmp_path, receiver, kind)
    payer.lost = lost
    pays_back(tmp_path, "45.50")
    for minutes in (0, 3, 9):
        last_answer(tmp_path, minutes)
    assert last_answer(tmp_path, 20)[:2] == ("answered", "refunded")
    assert (payer.gone("ch_1"), payer.gone("ch_2")) == (30, Decimal("15.50"))
    assert set(numbers(payer)) == {NUMBER}


@pytest.mark.parametrize("kind", KINDS)
def test_two_refunds_of_one_order_are_two(
    tmp_path: Path, receiver: Receiver, payer: Payer, kind: str
) -> None:
    house(tmp_path, receiver, kind)
    pays_back(tmp_path, "7")
    pays_back(tmp_path, "7", OTHER)
    deliver_once(at(tmp_path, 0))
    assert payer.gone() == 14
    assert list(numbers(payer)) == [NUMBER, OTHER]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_payer_has_not_got_is_given_up_and_nothing_moves(
    tmp_path: Path, receiver: Receiver, payer: Payer, kind: str
) -> None:
    house(tmp_path, receiver, kind)
    pays_back(tmp_path, "40")
    payer.paid = {"ch_1": Decimal(20), "ch_2": Decimal(5)}
    assert last_answer(tmp_path, 0)[0] == "given_up"
    assert payer.refunds == []


@pytest.mark.parametrize("kind", KINDS)
def test_money_in_another_currency_than_the_order_is_not_paid(
    tmp_path: Path, receiver: Receiver, payer: Payer, kind: str
) -> None:
    house(tmp_path, receiver, kind)
    pays_back(tmp_path, "10", currency="EUR")
    assert last_answer(tmp_path, 0)[:2] == ("given_up", "other_currency")
    assert payer.refunds == []


def test_a_shop_that_pays_nothing_back_is_not_asked_to(tmp_path: Path, receiver: Receiver) -> None:
    house(tmp_path, receiver, "shopify")
    connects(tmp_path, f"shop: {{kind: shopify, address: '{receiver.address}', token: env:TOKEN}}")
    pays_back(tmp_path, "12.30")
    deliver_once(at(tmp_path, 0))
    assert receiver.calls == []
    [path] = (tmp_path / "outbox" / "decisions").iterdir()
    [message] = json.loads(path.read_text())["messages"]
    assert (message["verb"], message["entity_id"]) == ("refund_approve", NUMBER)
    assert (message["amount"], message["currency_code"]) == ("12.30", "USD")


def test_a_folder_of_tables_names_the_amount(tmp_path: Path, receiver: Receiver) -> None:
    house(tmp_path, receiver, "stripe")
    connects(tmp_path, "finance: {kind: folder, format: csv, sends: [refund_approve]}")
    pays_back(tmp_path, "12.30")
    deliver_once(at(tmp_path, 0))
    [path] = (tmp_path / "outbox" / "finance").iterdir()
    assert f'"{NUMBER}"' in path.read_text()
    assert '"12.30","USD"' in path.read_text()


@pytest.mark.parametrize(
    ("shops", "fits"), [("[a], [b]", True), ("[a], [a, b]", False), ("[], [b]", False)]
)
def test_two_payers_of_one_shop_are_refused(tmp_path: Path, shops: str, fits: bool) -> None:
    one, other = shops.split(", [")
    connects(
        tmp_path,
        f"a: {{kind: shopify, address: 'https://a', token: env:T, refunds: true, shops: {one}}}",
        f"b: {{kind: stripe, key: env:K, shops: [{other}}}",
    )
    if fits:
        assert load_connections(at(tmp_path, 0)).takers("refund_approve", "b") == ["b"]
        return
    with pytest.raises(ConnectionsError, match="a and b would both pay"):
        load_connections(at(tmp_path, 0))


def test_a_cancellation_does_not_pay_what_was_agreed_to_before(
    tmp_path: Path, receiver: Receiver
) -> None:
    house(tmp_path, receiver, "shopify")
    pays_back(tmp_path, "12")
    facts = facts_of(at(tmp_path, 0), "o")
    assert facts is not None
    assert facts.paid_amount == 38


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Path:
    return copy_of(small_built_template(templates_folder(tmp_path_factory)), tmp_path / "home")


def query(settings: Settings, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(served(settings)), read_only=True) as con:
        return con.execute(sql, list(values)).fetchall()


def test_a_refund_comes_back_from_the_source_as_the_same_refund(home: Path) -> None:
    settings = settings_of(home)
    [(order, shop, channel, currency)] = query(
        settings,
        "select order_id, shop_id, channel, currency_code from marts.fct_orders as orders "
        "where captured_amount > 20 and coalesce(refunded_amount, 0) = 0 and order_id not in "
        "(select order_id from marts.fct_refunds where order_id is not null) "
        "order by 1 limit 1",
    )
    ledger, now = open_ledger(settings.ledger_address), settings.clock()
    add_person(ledger, "clerk", "finance")
    ledger.close()
    pays_back(home, "7.5", currency=currency, order=order, now=now)
    later = settings_of(home, now=now + timedelta(minutes=5))
    deliver_once(later)
    assert pull_decisions(later) > 0

    # Whoever pays it tells so in its next file, under our number.
    path = home / "refunds-paid.csv"
    path.write_text(
        "refund_no,order_no,status,event_time,amount,currency,reason\n"
        f"R-1,{order},succeeded,2026-06-01 10:00:00,7.50,{currency},as agreed {NUMBER}\n"
        f"R-2,{order},succeeded,2026-06-01 11:00:00,1.00,{currency},nothing to do with it\n",
        encoding="utf-8",
    )
    assert land(later, path, source="service_desk", shop="desk", received_at=later.clock())
    rebuilt = quick_build(home, ORDERHOUSE_NOW=later.clock().isoformat())
    assert rebuilt.returncode == 0, rebuilt.stderr

    rows = query(
        settings,
        "select refund_id, request_number, refund_status, amount from marts.fct_refunds "
        "where order_id = ? order by 1",
        order,
    )
    assert rows == [
        ("desk-R-1", NUMBER, "succeeded", Decimal("7.5")),
        ("desk-R-2", None, "succeeded", Decimal(1)),
    ]
    assert query(
        settings, "select refunded_amount from marts.fct_orders where order_id = ?", order
    ) == [(Decimal("8.5"),)]
    steps = query(
        settings,
        "select event_type from marts.fct_order_events where order_id = ? "
        "and entity_id = 'desk-R-1' order by event_type",
        order,
    )
    assert [step for (step,) in steps] == [
        "REFUND_APPROVED", "REFUND_REQUESTED", "REFUND_SENT", "REFUND_SUCCEEDED",
    ]  # fmt: skip
    assert pull_decisions(later) == 0
    assert (shop, channel) != ("ledger", "ledger")
