"""Answering what the app asks about new sources, each question in a process of its own.

A sample is a stranger's file: one that takes for ever, or all the memory, ends its own process and
is answered so, and the worker goes on.
"""

from __future__ import annotations

import fcntl
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context

import structlog

from ingestion.proposing.trying import TRIAL
from orderhouse.settings import Settings
from orderhouse.source_drafts import (
    Answer,
    Ask,
    answer_to,
    count_try,
    keep_answer,
    sweep,
    waiting,
)

log = structlog.get_logger()

# A question that was being answered twice when its worker died is not begun a third time.
MOST_TRIES = 2
MEMORY_BYTES = 6 << 30


def answer_drafts(settings: Settings) -> int:
    """Answers what waits, the oldest first; returns how many. Shreds samples whose time is up."""
    sweep(settings, settings.clock())
    asked = waiting(settings)
    for one in asked:
        _answer_apart(settings, one)
    return len(asked)


def _answer_apart(settings: Settings, asked: Ask) -> None:
    with _alone(settings) as is_alone:
        if not is_alone or answer_to(settings, asked) is not None:
            return
        try:
            tries = count_try(settings, asked)
        except FileNotFoundError:  # taken back meanwhile
            return
        code = _in_a_child(settings, asked) if tries <= MOST_TRIES else "died"
        if code and keep_answer(settings, asked, Answer(code=code)):
            log.warning("draft not answered", draft=asked.draft_id, code=code, tries=tries)
        for left in settings.drafts_dir.glob(f"{TRIAL}*"):
            shutil.rmtree(left, ignore_errors=True)


def _in_a_child(settings: Settings, asked: Ask) -> str:
    """Why there is no answer; empty when there is one."""
    child = get_context("spawn").Process(target=_work, args=(settings, asked), daemon=True)
    child.start()
    child.join(settings.sample_seconds)
    if child.is_alive():
        child.kill()
        child.join()
        return "too_slow"
    return "died" if child.exitcode else ""


def _work(settings: Settings, asked: Ask) -> None:
    """What the child does. Its errors go to the log by kind only: their texts may hold data."""
    from ingestion.proposing.answering import answer

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        answer(settings, asked)
    except Exception as error:
        log.error("draft failed", draft=asked.draft_id, kind=type(error).__name__)
        raise SystemExit(1) from None


@contextmanager
def _alone(settings: Settings) -> Iterator[bool]:
    """Whether nobody else answers now; the kernel gives the lock back when its holder dies."""
    settings.drafts_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.drafts_dir / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
