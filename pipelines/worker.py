"""The fast lane: one warm process that runs `refresh` whenever something arrives.

It keeps dbt's manifest and the libraries loaded, so a file is visible seconds after it landed. The
run is recorded in the same Dagster instance as every other run.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import structlog

from orderhouse.ledger import decision_seq, open_ledger
from orderhouse.settings import Settings
from pipelines.build import land_buckets, waiting_files
from pipelines.delivery.loop import deliver_until
from pipelines.execute import BuildFailed, run_refresh
from pipelines.home import prepare_home
from pipelines.proposals import answer_drafts
from pipelines.transform import prepare_manifest
from pipelines.what_if import answer_all

log = structlog.get_logger()
_IDLE_S = 0.3
_AFTER_FAILURE_S = 30.0
_BETWEEN_LOOKS_S = 30.0


class Stop:
    """Turns a signal into a wish: the build that runs is finished first."""

    def __init__(self) -> None:
        self.wanted = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.wanted = True


def pending(settings: Settings) -> tuple[int, int]:
    """(files in the inbox or landed but not loaded, number of the newest decision).

    A sign-in is no reason to build.
    """
    waiting = waiting_files(settings)
    ledger = open_ledger(settings.ledger_address)
    try:
        return waiting, decision_seq(ledger)
    finally:
        ledger.close()


def work(settings: Settings, should_stop: Callable[[], bool]) -> None:
    """Waits for arrivals and refreshes until told to stop.

    Runs go to a thread of their own: Dagster takes over the signals of a main thread for the length
    of a run and forgets those it caught, so a request to stop would be lost.
    """
    prepare_home(settings)
    prepare_manifest(settings)
    with (
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="refresh") as runs,
        # Apart from the builds, because a system that does not answer must not hold them up.
        ThreadPoolExecutor(max_workers=3, thread_name_prefix="outside") as outside,
    ):
        outside.submit(deliver_until, settings, should_stop)
        outside.submit(_look_into_buckets, settings, should_stop)
        # Somebody looks at the screen meanwhile, and nothing of it needs the warehouse.
        outside.submit(_propose_sources, settings, should_stop)
        _serve_arrivals(settings, should_stop, runs)


def _serve_arrivals(
    settings: Settings, should_stop: Callable[[], bool], runs: ThreadPoolExecutor
) -> None:
    seen = -1
    log.info("worker ready", home=str(settings.root))
    while not should_stop():
        waiting, decided = pending(settings)
        if not waiting and decided == seen:
            # Nothing arrived: time for what somebody asks about other policies.
            if not runs.submit(answer_all, settings).result():
                time.sleep(_IDLE_S)
            continue
        started = time.monotonic()
        try:
            outcome = runs.submit(run_refresh, settings).result()
        except BuildFailed as error:
            log.error("refresh failed", reason=str(error))
            _pause(_AFTER_FAILURE_S, should_stop)
            continue
        seen = decided
        log.info("refreshed", outcome=outcome, seconds=round(time.monotonic() - started, 2))


def _look_into_buckets(settings: Settings, should_stop: Callable[[], bool]) -> None:
    while not should_stop():
        try:
            land_buckets(settings)
        except Exception:
            log.exception("looking into buckets failed")
        _pause(_BETWEEN_LOOKS_S, should_stop)


def _propose_sources(settings: Settings, should_stop: Callable[[], bool]) -> None:
    while not should_stop():
        try:
            answer_drafts(settings)
        except Exception:
            log.exception("answering about new sources failed")
            _pause(_AFTER_FAILURE_S, should_stop)
        time.sleep(_IDLE_S)


def _pause(seconds: float, should_stop: Callable[[], bool]) -> None:
    """Waits, but not past a request to stop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not should_stop():
        time.sleep(_IDLE_S)
