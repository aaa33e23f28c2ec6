"""Folding the same facts again under changed policies, beside the real marts.

A replay is a full fold of a copy: exact, because it is the fold itself, and as dear as one. The
warehouse is locked only while it is copied.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from orderhouse.settings import Settings
from orderhouse.what_if import BadChange, Change, Question, keep, waiting
from pipelines.build import fold
from pipelines.lease import writer_lease
from pipelines.publish import current_build
from pipelines.transform import TransformError, parsed
from pipelines.what_if.compare import compare
from pipelines.what_if.policies import changed_project
from pipelines.window import last_folded, open_window

log = structlog.get_logger()

# What is compared, and what that is made of.
_COMPARED = ("+queue_items", "+fct_sla_clocks", "+fct_review_hits", "+fct_orders")


def replay(settings: Settings, changes: Sequence[Change], days: int) -> dict[str, Any]:
    """What the last days would have been under the changed policies; see `compare`.

    Raises:
        BadChange: a policy has no such row, or nothing is published to compare with.
        TransformError: a model failed under the changed policies.
    """
    settings.what_if_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.what_if_dir, prefix=".replay-") as folder:
        scratch = settings.model_copy(
            update={"home": Path(folder), "dbt_project": Path(folder) / "dbt_project"}
        )
        changed_project(scratch.project_dir, changes)
        before = _copy_facts(settings, scratch)
        window = open_window(scratch, full=True, as_of=before.as_of)
        parsed(settings)  # so that the copy, which differs in seeds only, need not be
        fold(scratch, window, _COMPARED, with_tests=False)
        served = settings.serving_dir / f"serving-{before.build_id}.duckdb"
        return compare(served, scratch.candidate_path, settings.clock(), days)


def _copy_facts(settings: Settings, scratch: Settings) -> Any:
    """Copies the warehouse; returns the window that is served from the same facts."""
    scratch.warehouse_path.parent.mkdir(parents=True)
    with writer_lease(settings):
        served = current_build(settings)
        folded = last_folded(settings) if settings.warehouse_path.exists() else None
        if folded is None or served != folded.build_id:
            raise BadChange("The newest build is not published, so there is nothing to compare.")
        shutil.copyfile(settings.warehouse_path, scratch.warehouse_path)
    return folded


def answer(settings: Settings, question: Question) -> Question:
    """Replays one question and keeps its answer, or why there is none."""
    keep(settings.what_if_dir, replace(question, state="running"))
    try:
        found = replay(settings, question.changes, question.days)
        done = replace(question, state="answered", answer=found)
    except (BadChange, TransformError, LookupError) as error:
        done = replace(question, state="failed", reason=str(error)[:500])
    keep(settings.what_if_dir, done)
    log.info("what-if", question=question.question_id, state=done.state)
    return done


def answer_all(settings: Settings) -> int:
    """Answers what waits, the oldest first; returns how many."""
    asked = waiting(settings.what_if_dir)
    for question in asked:
        answer(settings, question)
    return len(asked)
