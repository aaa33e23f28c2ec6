"""The folder through which the app asks about samples: answered once, whoever dies or hurries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from ingestion.proposing.answering import answer
from orderhouse.ledger import Accepted, Denied, Ledger, open_ledger, record_source
from orderhouse.privacy import open_privacy
from orderhouse.privacy.vault import Unreadable
from orderhouse.settings import PROJECT_ROOT, Settings
from orderhouse.source_choices import BadDraft, Choices
from orderhouse.source_drafts import Answer as Told
from orderhouse.source_drafts import (
    Ask,
    answer_to,
    ask,
    bring,
    drafts,
    keep_answer,
    read_sample,
    sweep,
    waiting,
)
from pipelines import proposals
from pipelines.proposals import answer_drafts
from tests.ingestion.test_proposing import ORDERS, written
from tests.support.people import CHEAP, NOW, add_person, signed_in

CORNER = Choices(name="corner", zone="Asia/Shanghai", currency="CNY")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", now=NOW)


def brought(settings: Settings, data: bytes | None = None, choices: Choices = CORNER) -> Ask:
    draft = bring(settings, "orders.csv", data or written(ORDERS), "u1", NOW)
    return ask(settings, draft.draft_id, "propose", choices, who="u1", now=NOW)


def accepted(settings: Settings, asked: Ask, role: str = "data_team") -> Ask:
    """What the app does when somebody accepts the newest answer."""
    found = answer_to(settings, asked)
    assert found is not None and found.is_good, found
    ledger = open_ledger(settings.ledger_address, passwords=CHEAP)
    try:
        login = f"{role.replace('_', '-')}-{asked.draft_id[-6:]}"
        add_person(ledger, login, role)
        choices = asked.choices
        said = Accepted(
            name=choices.name, key=asked.draft_id, replaces=choices.replaces,
            mapping_sha256=found.found["mapping_sha256"],
            shop=choices.shop if choices.takes_sample else "",
        )  # fmt: skip
        action_id = record_source(ledger, signed_in(ledger, login), said, now=NOW)
    finally:
        ledger.close()
    return ask(
        settings, asked.draft_id, "accept", choices, who="u1", now=NOW, after=asked.number,
        action_id=action_id,
    )  # fmt: skip


def test_a_question_is_answered_once_in_a_process_of_its_own(settings: Settings) -> None:
    asked = brought(settings)
    assert answer_drafts(settings) == 1
    assert answer_drafts(settings) == 0
    found = answer_to(settings, asked)
    assert found is not None and found.found["trial"]["records"]["order_lines"] == 3
    assert not keep_answer(settings, asked, Told(code="died"))
    assert answer_to(settings, asked) == found


def test_a_sample_lies_encrypted_and_its_answer_names_nobody(settings: Settings) -> None:
    people = [b"13800000000", b"13900000000", b"Ann"]
    rows = [row | {"Comment": f"call {row['Phone']}"} for row in ORDERS]
    asked = brought(settings, written(rows))
    assert answer(settings, asked)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good
    for path in settings.root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert [person for person in people if person in data] == [], path


def test_personal_data_in_a_wrong_place_is_not_shown(settings: Settings) -> None:
    """Somebody maps the telephone to a free text, and the customer to a number."""
    wrong = {"orders.cancel_reason": "column:Phone", "orders.status_raw": "column:Customer"}
    asked = brought(settings, choices=Choices(name="corner", fields=wrong))
    assert answer(settings, asked)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good
    shown = found.found["trial"]["examples"]["orders"][0]
    assert shown["status_raw"] == "•••"
    assert "13800000000" not in str(found.found["trial"])


def test_a_worker_that_is_killed_leaves_the_question_to_the_next(settings: Settings) -> None:
    asked = brought(settings)
    script = (
        "import sys; from orderhouse.settings import get_settings as s;"
        "from orderhouse.source_drafts import waiting;"
        "from ingestion.proposing.answering import answer;"
        "[answer(s(), one) for one in waiting(s())]"
    )
    for point in ("drafts.before_answer:1", "drafts.after_work:1"):
        died = subprocess.run(
            [sys.executable, "-c", script], cwd=PROJECT_ROOT, check=False, capture_output=True,
            env=os.environ | {
                "ORDERHOUSE_HOME": str(settings.root), "ORDERHOUSE_NOW": NOW.isoformat(),
                "ORDERHOUSE_FAILPOINT": point,
            },
        )  # fmt: skip
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert waiting(settings) == [asked]
    assert answer_drafts(settings) == 1
    assert waiting(settings) == []


@pytest.mark.parametrize("point", ["drafts.after_write:1", "drafts.after_answer:1"])
def test_an_acceptance_cut_off_anywhere_ends_as_one_source(settings: Settings, point: str) -> None:
    first = brought(settings)
    answer(settings, first)
    asked = accepted(settings, first)
    script = (
        "from orderhouse.settings import get_settings as s;"
        "from orderhouse.source_drafts import waiting;"
        "from ingestion.proposing.answering import answer;"
        "[answer(s(), one) for one in waiting(s())]"
    )
    died = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, check=False, capture_output=True,
        env=os.environ | {
            "ORDERHOUSE_HOME": str(settings.root), "ORDERHOUSE_NOW": NOW.isoformat(),
            "ORDERHOUSE_FAILPOINT": point,
        },
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    answer_drafts(settings)
    answer_drafts(settings)
    found = answer_to(settings, asked)
    assert found is not None and found.is_good, found
    assert (settings.sources_dir / "corner" / "mapping.yml").exists()
    with pytest.raises(BadDraft):
        read_sample(settings, asked.draft_id)


def test_a_sample_that_kills_its_reader_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = brought(settings)
    dying = settings.model_copy(update={"failpoint": "drafts.before_answer:1"})
    monkeypatch.setenv("ORDERHOUSE_FAILPOINT", "drafts.before_answer:1")
    monkeypatch.setenv("ORDERHOUSE_HOME", str(settings.root))
    assert answer_drafts(dying) == 1
    found = answer_to(settings, asked)
    assert found is not None and found.code == "died"


def test_a_sample_that_takes_for_ever_is_given_up(settings: Settings) -> None:
    asked = brought(settings)
    hurried = settings.model_copy(update={"sample_seconds": 0})
    assert answer_drafts(hurried) == 1
    found = answer_to(settings, asked)
    assert found is not None and found.code == "too_slow"
    assert answer_drafts(settings) == 0


def test_a_question_begun_twice_in_vain_is_not_begun_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = brought(settings)
    begun: list[Ask] = []
    monkeypatch.setattr(proposals, "_in_a_child", lambda _, one: begun.append(one) or "")
    for _ in range(4):
        answer_drafts(settings)
    found = answer_to(settings, asked)
    assert len(begun) == 2
    assert found is not None and found.code == "died"


def test_of_two_who_ask_at_once_one_is_told(settings: Settings) -> None:
    asked = brought(settings)
    for turn in range(1, 6):
        said: list[str] = []
        gate = threading.Barrier(4)

        def try_it(who: str, after: int = turn, told: list[str] = said, at=gate) -> None:
            at.wait()
            try:
                ask(
                    settings, asked.draft_id, "propose", CORNER, who=who, now=NOW, after=after
                )  # fmt: skip
                told.append("asked")
            except BadDraft as error:
                told.append(error.code)

        people = [threading.Thread(target=try_it, args=(f"u{n}",)) for n in range(4)]
        for one in people:
            one.start()
        for one in people:
            one.join()
        assert sorted(said) == ["asked", "overtaken", "overtaken", "overtaken"]


def test_two_users_with_samples_of_their_own_do_not_meet(settings: Settings) -> None:
    first = brought(settings)
    second = brought(settings, choices=Choices(name="outlet", zone="Asia/Shanghai"))
    assert answer_drafts(settings) == 2
    for asked in (accepted(settings, first), accepted(settings, second)):
        answer(settings, asked)
        found = answer_to(settings, asked)
        assert found is not None and found.is_good
    assert sorted(path.name for path in settings.sources_dir.iterdir()) == ["corner", "outlet"]


def test_of_two_who_want_one_name_the_later_is_told(settings: Settings) -> None:
    other = Choices(name="corner", zone="Asia/Shanghai", currency="EUR")
    first, second = brought(settings), brought(settings, choices=other)
    for asked in (first, second):
        answer(settings, asked)
    one, later = accepted(settings, first), accepted(settings, second)
    answer(settings, one)
    text = (settings.sources_dir / "corner" / "mapping.yml").read_bytes()
    answer(settings, later)
    found = answer_to(settings, later)
    assert found is not None and found.code == "name_taken"
    assert (settings.sources_dir / "corner" / "mapping.yml").read_bytes() == text


def test_only_what_the_ledger_knows_is_written(settings: Settings) -> None:
    first = brought(settings)
    answer(settings, first)
    forged = ask(
        settings, first.draft_id, "accept", CORNER, who="u1", now=NOW, after=1, action_id="a-x"
    )  # fmt: skip
    answer(settings, forged)
    found = answer_to(settings, forged)
    assert found is not None and found.code == "not_decided"
    assert not settings.sources_dir.exists()


def test_what_was_accepted_is_what_was_on_screen(settings: Settings) -> None:
    """An acceptance of one mapping does not write another."""
    first = brought(settings)
    answer(settings, first)
    asked = accepted(settings, first)
    other = Ask(**{
        **{name: getattr(asked, name) for name in asked.__slots__},
        "number": 3, "choices": Choices(name="corner", zone="Europe/Paris", currency="EUR"),
    })  # fmt: skip
    answer(settings, other)
    found = answer_to(settings, other)
    assert found is not None and found.code == "not_decided"


@pytest.mark.parametrize("role", ["admin", "analyst", "ops_lead", "finance"])
def test_another_post_may_not_accept(settings: Settings, role: str) -> None:
    ledger: Ledger = open_ledger(settings.ledger_address, passwords=CHEAP)
    add_person(ledger, "somebody", role)
    said = Accepted(name="corner", key="k", mapping_sha256="0" * 64)
    with pytest.raises(Denied):
        record_source(ledger, signed_in(ledger, "somebody"), said, now=NOW)
    ledger.close()


def test_a_sample_is_shredded_when_its_time_is_up(settings: Settings) -> None:
    asked = brought(settings)
    late = NOW + timedelta(hours=settings.sample_hours, seconds=1)
    assert sweep(settings, NOW + timedelta(hours=settings.sample_hours)) == 0
    assert sweep(settings, late) == 1
    assert drafts(settings) == [] and waiting(settings) == []
    privacy = open_privacy(settings)
    with pytest.raises(Unreadable):
        privacy.vault.file_key(asked.draft_id)
    privacy.vault.close()
