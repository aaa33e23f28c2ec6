"""One round of deliveries: hand over, claim, send, record; until nothing more can be sent now."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from orderhouse.connections import Connections, load_connections
from orderhouse.failpoints import reach
from orderhouse.ledger import (
    Answer,
    Ledger,
    Message,
    claim,
    due_systems,
    hand_over,
    open_ledger,
    put_back,
    settle,
)
from orderhouse.settings import MissingCredential, Settings
from pipelines.delivery.transports import NotConfigured, Transport, open_transport

log = logging.getLogger("orderhouse.progress")


@dataclass(slots=True)
class Tally:
    """What a round did: decisions handed over, and the states deliveries came into."""

    handed_over: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        said = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        return f"{self.handed_over} decisions handed over; {said or 'nothing to send'}"


def deliver_once(settings: Settings) -> Tally:
    """Sends everything whose time has come; failures are recorded, not raised.

    Raises:
        ConnectionsError: nobody can say who is told.
    """
    connections = load_connections(settings)
    ledger = open_ledger(settings.ledger_address)
    tally = Tally()
    try:
        tally.handed_over = hand_over(ledger, settings.clock(), connections.takers)
        reach("deliver.after_handover")
        for system in due_systems(ledger, settings.clock()):
            _serve(settings, ledger, connections, system, tally)
    finally:
        ledger.close()
    return tally


def _serve(
    settings: Settings, ledger: Ledger, connections: Connections, system: str, tally: Tally
) -> None:
    try:
        transport: Transport = open_transport(settings, connections, system)
    except (NotConfigured, MissingCredential) as error:
        log.info("%s: %s", system, error)
        transport = _Nobody()
    try:
        while _send_some(settings, ledger, transport, system, tally):
            pass
    finally:
        transport.close()


def _send_some(
    settings: Settings, ledger: Ledger, transport: Transport, system: str, tally: Tally
) -> bool:
    messages = claim(ledger, system, settings.clock(), limit=transport.batch)
    if not messages:
        return False
    reach("deliver.after_claim")
    answers = transport.send(messages)
    reach("deliver.after_send")
    for message, answer in zip(messages, answers, strict=False):
        tally.states[settle(ledger, message, answer, settings.clock())] += 1
        reach("deliver.after_record")
    unsent = messages[len(answers) :]
    put_back(ledger, unsent, settings.clock())
    return not unsent


class _Nobody:
    """Stands for a system that is not, or not fully, in the file."""

    batch = 20

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        return [Answer(outcome="failed", code="not_configured") for _ in messages]

    def close(self) -> None:
        """Nothing was opened."""
