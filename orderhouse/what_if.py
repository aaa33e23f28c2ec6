"""What if a rule were different: the change that is asked about, and the files that carry it.

`<home>/what_if/<id>.json` is one question: its changes, who asked, and, once it was replayed, what
would have been. The app writes questions and reads answers; the pipelines answer them. A question
changes nothing: policies change in the project, where they are reviewed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from uuid import uuid4

# Policies a question may change: the key of their rows, and the columns that are numbers to turn.
POLICIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "sla_policies": ("sla_code", ("budget_minutes", "warn_minutes", "warn_ratio")),
    "review_rules": ("rule_code", ("threshold_value",)),
    "thresholds": ("threshold_code", ("threshold_value",)),
}
DAYS = (7, 14, 30, 60, 90)
STATES = ("waiting", "running", "answered", "failed")
_CHANGE = re.compile(r"(?P<policy>\w+)\.(?P<code>\w+)\.(?P<column>\w+)=(?P<value>\S+)")


class BadChange(ValueError):
    """A change that cannot be made; the message says what can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One number of one policy row."""

    policy: str
    code: str
    column: str
    value: str

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise BadChange(f"{self.policy!r} is not one of {', '.join(POLICIES)}.")
        if self.column not in POLICIES[self.policy][1]:
            columns = ", ".join(POLICIES[self.policy][1])
            raise BadChange(f"{self.policy}.{self.column} cannot be changed; these can: {columns}.")
        try:
            number = Decimal(self.value)
        except InvalidOperation:
            raise BadChange(f"{self.value!r} is not a number.") from None
        if not number.is_finite() or number < 0:
            raise BadChange(f"{self.value!r} is not a number from 0 up.")
        if self.column.endswith("_minutes") and number != number.to_integral_value():
            raise BadChange(f"{self.column} is whole minutes, not {self.value}.")

    @property
    def key(self) -> str:
        """Name of the column that names the row."""
        return POLICIES[self.policy][0]

    def __str__(self) -> str:
        return f"{self.policy}.{self.code}.{self.column}={self.value}"


def parse_change(text: str) -> Change:
    """`sla_policies.S04.budget_minutes=60` as a change.

    Raises:
        BadChange: with what is wrong and what can be changed.
    """
    found = _CHANGE.fullmatch(text.strip())
    if found is None:
        raise BadChange(f"{text!r} is not policy.row.column=number.")
    return Change(**found.groupdict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question and, once replayed, its answer."""

    question_id: str
    asked_at: datetime
    asked_by: str
    days: int
    changes: tuple[Change, ...]
    state: str = "waiting"
    reason: str | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)


def new_question(changes: Sequence[Change], days: int, asked_by: str, now: datetime) -> Question:
    stem = now.strftime("%Y%m%dT%H%M%S")
    return Question(
        question_id=f"{stem}-{uuid4().hex[:6]}", asked_at=now, asked_by=asked_by, days=days,
        changes=tuple(changes),
    )  # fmt: skip


def keep(folder: Path, question: Question) -> None:
    """Writes the question in one step: a reader sees the old file or the new one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{question.question_id}.json"
    draft = path.with_suffix(".part")
    raw = asdict(question) | {"asked_at": question.asked_at.isoformat()}
    draft.write_text(json.dumps(raw, ensure_ascii=False, default=str), encoding="utf-8")
    draft.replace(path)


def questions(folder: Path) -> list[Question]:
    """Every question, the newest first; a file that cannot be read is left out."""
    found = (_read(path) for path in sorted(folder.glob("*.json"), reverse=True))
    return [question for question in found if question is not None]


def waiting(folder: Path) -> list[Question]:
    """Questions nobody answered yet, the oldest first."""
    asked: Iterable[Question] = reversed(questions(folder))
    return [question for question in asked if question.state == "waiting"]


def _read(path: Path) -> Question | None:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        raw["asked_at"] = datetime.fromisoformat(raw["asked_at"])
        raw["changes"] = tuple(Change(**change) for change in raw["changes"])
        return Question(**raw)
    except (OSError, ValueError, TypeError, KeyError):
        return None
