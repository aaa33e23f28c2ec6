"""Deliveries as a standing task: of the worker, of `orderhouse deliver --loop`, of a sensor."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from orderhouse.connections import ConnectionsError
from orderhouse.ledger import open_ledger, something_due
from orderhouse.settings import Settings
from pipelines.delivery.notices import notify_once
from pipelines.delivery.run import deliver_once

log = structlog.get_logger()
_IDLE_S, _PAUSE_S = 0.3, 5.0


def something_to_send(settings: Settings) -> bool:
    """A decision can no longer be taken back, or a try is due."""
    ledger = open_ledger(settings.ledger_address)
    try:
        return something_due(ledger, settings.clock())
    finally:
        ledger.close()


def deliver_until(settings: Settings, should_stop: Callable[[], bool]) -> None:
    """Sends what falls due until told to stop; what goes wrong is logged and tried again."""
    while not should_stop():
        try:
            notify_once(settings)
            if something_to_send(settings):
                log.info("delivered", outcome=str(deliver_once(settings)))
        except ConnectionsError as error:
            log.error("nothing is sent", reason=str(error))
        except Exception:
            # Whatever it was, the next round may work; a worker that stops sending helps nobody.
            log.exception("a round of deliveries failed")
        until = time.monotonic() + _PAUSE_S
        while time.monotonic() < until and not should_stop():
            time.sleep(_IDLE_S)
