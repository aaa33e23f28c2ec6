"""A replay under other policies: exact, beside the real marts, and refused in words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from orderhouse.settings import Settings
from orderhouse.what_if import BadChange, Change, keep, new_question, parse_change, questions
from pipelines.what_if import answer_all, replay
from tests.support.homes import (
    copy_of,
    mart_hashes,
    served,
    settings_of,
    small_built_template,
    templates_folder,
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    template = small_built_template(templates_folder(tmp_path_factory))
    return settings_of(copy_of(template, tmp_path_factory.mktemp("asked") / "home"))


def _moved(found: dict[str, list[dict]], measure: str) -> list[dict]:
    return [
        row
        for rows in found.values()
        for row in rows
        if row.get(f"{measure}_before") != row.get(f"{measure}_after")
    ]


def test_a_rule_changed_to_what_it_says_changes_nothing(settings: Settings) -> None:
    found = replay(settings, [parse_change("sla_policies.S01.budget_minutes=1440")], 3_000)
    assert found["queues"]
    for measure in ("opened", "still_open", "clocks", "broken", "held", "false_holds"):
        assert _moved(found, measure) == []


def test_a_shorter_promise_is_broken_more_often_and_the_real_marts_stay(
    settings: Settings,
) -> None:
    before = mart_hashes(served(settings))
    change = Change(policy="sla_policies", code="S07", column="budget_minutes", value="60")
    asked_at = datetime(2026, 6, 30, 12)
    keep(settings.what_if_dir, new_question([change], 3_000, "u1", asked_at))
    assert answer_all(settings) == 1
    assert answer_all(settings) == 0
    (question,) = questions(settings.what_if_dir)
    assert (question.state, question.asked_by, question.asked_at) == ("answered", "u1", asked_at)
    broken = {row["code"]: row for row in question.answer["promises"]}
    assert broken["S07"]["broken_after"] > broken["S07"]["broken_before"]
    assert all(
        row["broken_after"] == row["broken_before"] for code, row in broken.items() if code != "S07"
    )
    assert mart_hashes(served(settings)) == before
    assert [path.name for path in settings.what_if_dir.iterdir()] == [
        f"{question.question_id}.json"
    ]


def test_a_question_that_cannot_be_answered_says_why_and_leaves_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    nobody = settings.model_copy(update={"home": tmp_path})
    change = Change(policy="thresholds", code="no_such", column="threshold_value", value="1")
    keep(nobody.what_if_dir, new_question([change], 7, "u1", datetime(2026, 1, 1)))
    assert answer_all(nobody) == 1
    (question,) = questions(nobody.what_if_dir)
    assert question.state == "failed"
    assert "no_such" in str(question.reason)
    assert len(list(nobody.what_if_dir.iterdir())) == 1


@pytest.mark.parametrize(
    "text",
    [
        "S04=60", "sla_policies.S04.budget_minutes=sixty", "sla_policies.S04.owner_role=1",
        "queues.Q01.severity=1", "sla_policies.S04.budget_minutes=-1",
        "sla_policies.S04.budget_minutes=nan", "sla_policies.S04.budget_minutes=1.5", "",
    ],
)  # fmt: skip
def test_what_is_not_a_change_of_one_number_is_refused(text: str) -> None:
    with pytest.raises(BadChange):
        parse_change(text)
