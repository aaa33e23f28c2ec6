"""What decisions made since the build do to clocks and cases: what the next build will say of them.

A decision is an event (`decision_events`), an event stops, cancels or pauses clocks (`sla_events`),
and a case of a clocked queue ends and is due as its clocks do. The clocks of what was decided about
are run again here, over the log of the build and the events it has not seen yet, as the models run
them. That both say the same is a test over every verb of every queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dashboards.queries import told as query
from dashboards.queries.told import Clock, Item
from dashboards.warehouse import Snapshot

# Queues whose case is one clock: it ends and is due as the clock does.
ONE_CLOCK = frozenset({"Q07", "Q08", "Q19", "Q23", "Q25", "Q26"})
# Queues whose case is all clocks of its object, and which.
MANY_CLOCKS = {
    "Q28": frozenset({"S22", "S23", "S24", "S25", "S25A", "S26"}),
    "Q30": frozenset({"S27", "S28", "S29"}),
    "Q35": frozenset({"S30", "S31"}),
}
# Queues whose case begins when its clock is over: given longer, it is not there until then.
BEGUN_BY_CLOCKS = frozenset({"Q04", "Q09"})
# The rest of a deposit is waited for as the whole payment is, by a clock of its own.
ITS_REST = {"S01": "S01R"}
ENDED_BY_CLOCKS = ONE_CLOCK | {"Q28", "Q30"}
# A contact settles the promise to speak to people; the parcel is stuck until it moves on.
OUTLIVES_ITS_CLOCK = frozenset({"Q23"})
_PAUSES = {"pause": 1, "resume": -1, "pause_while": 1, "resume_while": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retimed:
    """When a case begins, ends and is due, if it differs from what the build says."""

    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One event as one clock sees it."""

    sla_code: str
    entity_id: str
    role: str
    event_type: str
    at: datetime
    is_new: bool


def retimed(snapshot: Snapshot, decisions: Sequence[Mapping[str, Any]]) -> dict[str, Retimed]:
    """item_id -> what becomes of it, for the cases that decisions the build has not seen move."""
    if not decisions or not query.is_known(snapshot):
        return {}
    seen = query.seen(snapshot, [row["decision_id"] for row in decisions])
    undone = {row["undoes_decision_id"] for row in decisions if row["undoes_decision_id"]}
    new = [
        row for row in decisions
        if row["decision_id"] not in seen and row["decision_id"] not in undone
    ]  # fmt: skip
    taken_back = [row for row in decisions if row["decision_id"] in undone & seen]
    if not new and not taken_back:
        return {}
    about = [*new, *taken_back]
    told, gone = query.marks_of(snapshot, new), query.marks_of(snapshot, taken_back)
    touched = {(mark["sla_code"], mark["entity_id"]) for mark in (*told, *gone)}
    marks = [Mark(**mark, is_new=True) for mark in told]
    marks += [
        Mark(**mark, is_new=False) for mark in query.logged(snapshot, about) if mark not in gone
    ]
    clocks = query.clocks(snapshot, about)
    again = [
        _again(clock, marks) if (clock.sla_code, clock.entity_id) in touched else clock
        for clock in clocks
    ]
    items = query.items(snapshot, about)
    cases = _cases(items, clocks, again)
    # Where no clock ends a case, what ended it at that moment was what is taken back.
    back = {(row["item_id"], row["decided_at"]) for row in taken_back}
    for item in items:
        if (item.item_id, item.closed_at) in back and item.queue_code not in ENDED_BY_CLOCKS:
            due = cases[item.item_id].due_at if item.item_id in cases else item.due_at
            cases[item.item_id] = Retimed(opened_at=item.opened_at, closed_at=None, due_at=due)
    return cases


def _again(clock: Clock, marks: Iterable[Mark]) -> Clock:
    """A clock run once more over every event that moves it."""
    mine = sorted(
        (
            mark for mark in marks
            if (mark.sla_code, mark.entity_id) == (clock.sla_code, clock.entity_id)
        ),
        key=lambda mark: (mark.at, mark.is_new),
    )  # fmt: skip
    until = clock.next_started_at
    ends = [
        mark for mark in mine
        if mark.role.startswith(("stop", "cancel")) and mark.at >= clock.started_at
        and (until is None or mark.at <= until)
    ]  # fmt: skip
    ended = ends[0].at if ends else None
    stopped = ended if ends and ends[0].role.startswith("stop") else None
    met = _met(clock, mine, ended)
    return replace(
        clock, ended_at=ended, stopped_at=met or stopped, due_at=_due(clock, mine, ended)
    )


def _met(clock: Clock, marks: Sequence[Mark], ended: datetime | None) -> datetime | None:
    """When the last of all that is needed had happened."""
    first: dict[str, datetime] = {}
    for mark in marks:
        if mark.role == "need" and clock.started_at <= mark.at <= (ended or mark.at):
            first.setdefault(mark.event_type, mark.at)
    is_met = 0 < clock.needed_count <= len(first)
    return max(first.values()) if is_met else None


def _due(clock: Clock, marks: Sequence[Mark], ended: datetime | None) -> datetime | None:
    """When it is due: later by every pause that began before that; unknown while one lasts."""
    moved = {"extend", *_PAUSES}
    if clock.calendar_code != "24x7" or not any(mark.role in moved for mark in marks):
        given_before = clock.calendar_code == "24x7" and clock.extended_minutes
        return clock.due_at if not given_before else _without(clock)
    budget, paused = _budget(clock, marks, ended), 0
    for since, until in _spans(clock, marks):
        begins = max(since, clock.started_at)
        ends = until if ended is None or (until is not None and until < ended) else ended
        if (ends is not None and ends <= begins) or (ended is not None and begins >= ended):
            continue
        if _minute(begins) - _minute(clock.started_at) - paused >= budget:
            break
        if ends is None:
            return None
        paused += _minute(ends) - _minute(begins)
    return clock.started_at + timedelta(minutes=budget + paused)


def _without(clock: Clock) -> datetime:
    """What was given on top is taken back."""
    return clock.started_at + timedelta(minutes=clock.budget_minutes - clock.extended_minutes)


def _budget(clock: Clock, marks: Sequence[Mark], ended: datetime | None) -> int:
    """The minutes it has: each time it is given longer, on from there or from that moment."""
    budget = clock.budget_minutes - clock.extended_minutes
    for mark in marks:
        if mark.role == "extend" and clock.started_at <= mark.at <= (ended or mark.at):
            passed = _minute(mark.at) - _minute(clock.started_at)
            budget = max(budget, passed) + clock.extend_minutes
    return budget


def _spans(clock: Clock, marks: Sequence[Mark]) -> list[tuple[datetime, datetime | None]]:
    """Pauses that overlap are one; a state that is reported again is the same pause."""
    spans: list[tuple[datetime, datetime | None]] = []
    level, last, since = 0, "resume_while", None
    for mark in marks:
        change = _PAUSES.get(mark.role, 0)
        if mark.role.endswith("_while"):
            change, last = (0 if mark.role == last else change), mark.role
        was, level = level, max(0, level + change)
        if not was and level:
            since = mark.at
        elif was and not level and since is not None:
            spans.append((since, mark.at))
            since = None
    if since is not None:
        spans.append((since, None))
    if clock.pause_most_minutes is None:
        return spans
    most = timedelta(minutes=clock.pause_most_minutes)
    return [(since, min(until or since + most, since + most)) for since, until in spans]


def _minute(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1)).total_seconds() // 60)


def _cases(
    items: Iterable[Item], before: Sequence[Clock], after: Sequence[Clock]
) -> dict[str, Retimed]:
    """The cases whose end or deadline is another than the build says."""
    changed: dict[str, Retimed] = {}
    for item in items:
        pairs = [
            (was, now) for was, now in zip(before, after, strict=True) if _belongs(item, was)
        ]  # fmt: skip
        if not any(was != now for was, now in pairs):
            continue
        case = _case(item, [now for _, now in pairs])
        told = (item.opened_at, item.closed_at, item.due_at)
        if (case.opened_at, case.closed_at, case.due_at) != told:
            changed[item.item_id] = case
    return changed


def _belongs(item: Item, clock: Clock) -> bool:
    if item.queue_code in ONE_CLOCK | BEGUN_BY_CLOCKS:
        codes = {item.sla_code, ITS_REST.get(item.sla_code or "")}
        return clock.sla_code in codes and clock.start_event_id == item.evidence
    if clock.sla_code not in MANY_CLOCKS.get(item.queue_code, frozenset()):
        return False
    if item.queue_code == "Q28":
        return clock.owner_id == item.entity_id
    same = clock.entity_id == item.entity_id
    return same and (item.queue_code == "Q35" or clock.started_at == item.started_at)


def _case(item: Item, clocks: Sequence[Clock]) -> Retimed:
    if item.queue_code in ONE_CLOCK | BEGUN_BY_CLOCKS:
        [clock] = clocks
        is_done = item.queue_code in OUTLIVES_ITS_CLOCK and clock.stopped_at is not None
        begins = clock.due_at if item.queue_code in BEGUN_BY_CLOCKS else None
        return Retimed(
            opened_at=begins or item.opened_at,
            closed_at=clock.ended_at,
            due_at=None if is_done else clock.due_at,
        )
    closed, due = _of_many(item, clocks)
    return Retimed(opened_at=item.opened_at, closed_at=closed, due_at=due)


def _of_many(item: Item, clocks: Sequence[Clock]) -> tuple[datetime | None, datetime | None]:
    """When a case of several clocks ends and is due."""
    if item.queue_code == "Q28":
        clocks = _late_together(item, clocks)
    ends = [clock.ended_at for clock in clocks]
    closed = None if None in ends else max((end for end in ends if end), default=item.closed_at)
    running = [clock.due_at for clock in clocks if clock.ended_at is None and clock.due_at]
    every = [clock.due_at for clock in clocks if clock.due_at]
    if item.queue_code == "Q28":
        return closed, item.due_at
    if item.queue_code == "Q35":
        return item.closed_at, min(running, default=None)
    return closed, min(running or every, default=None)


def _late_together(item: Item, clocks: Sequence[Clock]) -> list[Clock]:
    """The clocks of one spell: each became late before the last of those before it had ended."""
    late = sorted(
        (
            (clock.due_at, clock) for clock in clocks
            if clock.due_at is not None and clock.due_at >= item.opened_at
            and (clock.ended_at is None or clock.ended_at > clock.due_at)
        ),
        key=lambda pair: pair[0],
    )  # fmt: skip
    spell: list[Clock] = []
    latest = item.opened_at
    for due, clock in late:
        if due > latest:
            break
        spell.append(clock)
        latest = max(latest, clock.ended_at or datetime.max)
    return spell
