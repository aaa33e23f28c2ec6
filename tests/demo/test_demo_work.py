"""Staff of the demo business leave most of their work to whoever looks around."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from orderhouse.ledger import Ledger, case_states, decisions_after, open_ledger
from orderhouse.settings import Settings
from pipelines.demo_acting import item_id
from pipelines.demo_work import LEFT_ALONE, STAFF, WORKED_ON, make_demo_work
from tests.support.people import CHEAP, NOW, add_person

ROLES = {"review": "order_processor", "cs": "cs"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}", passwords=CHEAP)
    for login in STAFF.values():
        add_person(opened, login, ROLES[login])
    yield opened
    opened.close()


def _worked(home: Path, ledger: Ledger, cases: int) -> dict[str, list[str]]:
    """Queue -> what became of its cases."""
    settings = Settings(home=home)  # type: ignore[call-arg]
    settings.demo_dir.mkdir(parents=True, exist_ok=True)
    orders = [f"tb-{number:04}" for number in range(cases)]
    rows = [
        {"queue_code": queue, "entity_type": "order", "entity_id": one, "order_id": one}
        for queue in STAFF for one in orders
    ]  # fmt: skip
    pl.DataFrame(rows).write_csv(settings.demo_dir / "labels.csv")
    make_demo_work(settings, ledger, NOW)
    found = {queue: [item_id(queue, "order", one) for one in orders] for queue in STAFF}
    states = case_states(ledger, [one for items in found.values() for one in items])
    return {
        queue: [states[one].status for one in items if states[one].version]
        for queue, items in found.items()
    }


def test_the_oldest_cases_are_left_alone_and_the_next_are_worked_on(
    tmp_path: Path, ledger: Ledger
) -> None:
    for states in _worked(tmp_path, ledger, 100).values():
        assert len(states) == WORKED_ON
        assert set(states) == {"resolved", "dismissed", "snoozed", "open"}
    assert {row["verb"] for row in decisions_after(ledger, 0)} >= {"resolve", "dismiss", "undo"}


def test_a_small_business_has_all_its_cases(tmp_path: Path, ledger: Ledger) -> None:
    assert _worked(tmp_path, ledger, LEFT_ALONE) == {queue: [] for queue in STAFF}
