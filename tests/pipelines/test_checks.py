"""What the gates find is kept when it is news; quarantine is tried again when somebody asked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingestion.ingest import ingest, load_records
from ingestion.landing import Landing
from ingestion.warehouse import init_warehouse
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings
from pipelines.checks import failing, note
from pipelines.gates import keep_gates, kept_gates
from pipelines.publish import Gate
from pipelines.quarantine import release_asked

NOW = datetime(2026, 11, 21, 8)
GOOD = Gate(name="gx door orders", ok=True, detail="10 expectations hold")
WARNS = Gate(name="gx door orders", ok=True, detail="3 too old", warns=True)
BAD = Gate(name="grain", ok=False, detail="two orders with one id")
HEADER = "movement_no,sku,warehouse,lot,type,qty,moved_at,order_no,reference,reason"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home", now=NOW)
    init_warehouse(settings.warehouse_path)
    return settings


def _kept(settings: Settings) -> list[tuple[str, str]]:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        return con.execute("select check_id, verdict from ops.checks order by rowid").fetchall()


def test_a_check_that_always_held_is_not_kept(home: Settings) -> None:
    assert note(home, "door", [GOOD]) == 0
    assert _kept(home) == []


def test_only_a_verdict_that_differs_is_news(home: Settings) -> None:
    for gate in (GOOD, WARNS, WARNS, GOOD, GOOD, WARNS):
        note(home, "door", [gate])
    assert [verdict for _, verdict in _kept(home)] == ["warned", "passed", "warned"]


def test_a_test_that_is_no_longer_told_of_has_passed_if_all_were_made(home: Settings) -> None:
    note(home, "dbt", [BAD], whole=True)
    note(home, "dbt", [], whole=False)
    assert [check["check_id"] for check in failing(home)] == ["grain"]
    note(home, "dbt", [], whole=True)
    assert _kept(home) == [("grain", "failed"), ("grain", "passed")]
    assert failing(home) == []


def test_what_stops_builds_says_how_often_it_did(home: Settings) -> None:
    for gates in ([BAD], [], [BAD]):
        note(home, "dbt", gates, whole=True)
    [check] = failing(home)
    assert (check["episode"], check["detail"]) == (2, BAD.detail)


def test_the_summary_of_dbt_is_no_check(home: Settings) -> None:
    note(home, "dbt", [Gate(name="dbt", ok=False, detail="1 failed"), BAD], whole=True)
    assert _kept(home) == [("grain", "failed")]


def _refused_file(settings: Settings) -> str:
    privacy = open_privacy(settings)
    data = f"{HEADER}\nM1,SKU1,WH1,,RECEIPT,many,2026-11-01 10:00:00,,,\n".encode()
    [file_id] = Landing(settings.landing_dir, privacy).land_bytes(
        "moves.csv", data, source="wms", shop="s1", received_at=NOW
    )
    privacy.vault.close()
    ingest(settings, NOW)
    return file_id


def _say(settings: Settings, decision: str, verb: str, file_id: str, undoes: str = "") -> None:
    row = {"decision_id": decision, "verb": verb, "decided_at": "2026-11-21 08:00:00",
           "entity_type": "file", "entity_id": file_id, "actor_id": "li",
           "undoes_decision_id": undoes or None, "source_sequence": 1}  # fmt: skip
    load_records(settings, "decisions", [row], source="ledger", now=NOW)


def _states(settings: Settings) -> list[str]:
    with duckdb.connect(str(settings.warehouse_path)) as con:
        return [row[0] for row in con.execute("select state from ops.quarantine").fetchall()]


def test_what_somebody_asked_to_release_is_tried_once(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = _refused_file(home)
    _say(home, "d1", "release_quarantine", file_id)
    assert release_asked(home) == 0  # it still does not fit, and stays where it is
    assert _states(home) == ["open"]
    tried = []
    monkeypatch.setattr(
        "pipelines.quarantine.replay_quarantine", lambda *_, **how: tried.append(how["file_id"])
    )
    assert release_asked(home) == 0
    assert tried == []


def test_what_was_mended_leaves_quarantine_when_asked(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = _refused_file(home)
    from ingestion import mapping

    text = (mapping.SOURCES / "wms" / "mapping.yml").read_text("utf-8")
    mended = mapping.parse_mapping("wms", text.replace("number(qty)", "'5'"))
    assert mended.table("movements") != mapping.load_mapping("wms").table("movements")
    monkeypatch.setattr("ingestion.replay.load_mapping", lambda *_: mended)
    _say(home, "d1", "release_quarantine", file_id)
    assert release_asked(home) == 1
    assert _states(home) == ["replayed"]


def test_what_was_taken_back_in_time_is_not_tried(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = _refused_file(home)
    _say(home, "d1", "release_quarantine", file_id)
    _say(home, "d2", "undo", file_id, undoes="d1")
    monkeypatch.setattr("pipelines.quarantine.replay_quarantine", lambda *_, **__: 1 / 0)
    assert release_asked(home) == 0


def test_what_a_step_found_reaches_the_step_that_publishes_as_it_was(home: Settings) -> None:
    held = Gate(name="dbt", ok=True, detail="9 models and 3 tests, 0 failed", held=12)
    keep_gates(home, "b001", [held, WARNS])
    keep_gates(home, "b002", [BAD])
    assert kept_gates(home, "b001") == [held, WARNS]
    assert kept_gates(home, "b002") == [BAD]
