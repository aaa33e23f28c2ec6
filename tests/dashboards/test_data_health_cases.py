"""Cases of data health on the queue: what stops builds is there at once; records are released."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from orderhouse.ledger import Ledger, decisions_after
from tests.support.cases import why
from tests.support.people import NOW
from tests.support.snapshot import publish
from tests.support.world import World, build_world

Open = Callable[..., AppTest]
FILE = "f" * 64
GRAIN = {"check_id": "grain", "part": "dbt", "since": NOW.isoformat(), "episode": 1,
         "detail": "two orders with one id"}  # fmt: skip


def _world() -> World:
    """Of other cases of the queue none, so that the one of the test is on the right."""
    world = build_world()
    kept = [row for row in world.tables["queue_items"] if row["queue_code"] != "Q36"]
    world.tables["queue_items"] = kept
    return world


def _case(world: World, kind: str, entity: str, **facts: str) -> None:
    world.add(
        "queue_items", item_id=f"Q36{kind}{entity}"[:32].ljust(32, "0"), queue_code="Q36",
        entity_type=kind, entity_id=entity, episode_number=1, opened_at=NOW - timedelta(hours=3),
        severity=3, why=why("Q36", [(name, value, None, None) for name, value in facts.items()],
                            "FRESH_AND_VALID", None),
    )  # fmt: skip


def _said(at: AppTest) -> str:
    return " ".join(item.value for item in [*at.text, *at.caption])


def test_a_check_that_stops_builds_is_a_case_of_the_old_snapshot(
    open_page: Open, home: Path, ledger: Ledger
) -> None:
    attempt = {"build_id": "b003", "at": NOW.isoformat(), "ok": False, "reason": "gates",
               "failed_gates": [], "failing": [GRAIN]}  # fmt: skip
    publish(home, _world(), build_id="b002", failed=attempt)
    at = open_page("queue", "data-team", q="Q36")
    assert not at.exception
    assert list(at.dataframe[0].value["entity"]) == ["grain"]
    assert "两" not in _said(at) and "two orders with one id" in _said(at)
    assert "同一检查再次通过" in _said(at).replace("\\", "")
    at.button(key="do_claim").click().run()
    assert not at.exception
    assert at.dataframe[0].value["holder"][0] == "我"
    [claim] = list(decisions_after(ledger, 0))
    assert (claim["verb"], claim["entity_id"]) == ("claim", "grain")
    # Only what fits a check is offered for one.
    keys = {button.key for button in at.button}
    assert "do_rerun" in keys and not keys & {"do_release_quarantine", "do_accept_columns"}


def test_when_builds_go_on_it_is_no_case_of_the_app_any_more(open_page: Open, home: Path) -> None:
    attempt = {"build_id": "b003", "at": NOW.isoformat(), "ok": True, "reason": "published",
               "failed_gates": [], "failing": [GRAIN]}  # fmt: skip
    publish(home, _world(), build_id="b002", failed=attempt)
    at = open_page("queue", "data-team", q="Q36")
    assert "do_claim" not in {button.key for button in at.button}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_records_of_a_file_are_released_from_its_case(
    open_page: Open, home: Path, ledger: Ledger, language: str
) -> None:
    world = _world()
    _case(world, "file", FILE, file_name="moves.csv", quarantined_rows="7")
    for number in range(7):
        world.add(
            "fct_quarantine", quarantine_id=f"q{number}", file_id=FILE, file_name="moves.csv",
            source="wms", shop_id="tb-main", layout="movements", stream="stock_movements",
            row_number=number, reason_code="bad_quantity", column_name="quantity", detail="",
            raw_masked="M9,SKU", received_at=NOW, state="open",
        )  # fmt: skip
    publish(home, world, build_id="b002")
    at = open_page("queue", "data-team", language, q="Q36")
    assert not at.exception
    refused = next(frame for frame in at.dataframe if "raw_masked" in frame.value.columns)
    assert len(refused.value) == 5
    assert ("另有 2 条" if language == "zh" else "2 more") in _said(at)
    at.button(key="do_release_quarantine").click().run()
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error
    [asked] = list(decisions_after(ledger, 0))
    assert (asked["verb"], asked["entity_id"]) == ("release_quarantine", FILE)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_code_of_a_file_is_given_its_meaning(
    open_page: Open, home: Path, ledger: Ledger, language: str
) -> None:
    world = _world()
    _case(world, "file", FILE, file_name="scans.csv", unknown_codes="3")
    for code, count in (("X8", 1), ("X9", 2)):
        world.add(
            "fct_unknown_codes", file_id=FILE, stream="tracking_events", party="sf", code=code,
            source="sf_express", shop_id="tb-main", record_count=count, first_seen_at=NOW,
        )  # fmt: skip
    publish(home, world, build_id="b002")
    at = open_page("queue", "data-team", language, q="Q36")
    at.button(key="do_map_code").click().run()
    at.button(key="decide_ok").click().run()
    refused = "请选择一个代码" if language == "zh" else "Please choose a code"
    assert [refused in error.value for error in at.error] == [True]
    assert "X9" in at.selectbox(key="map_code_which").options[0]
    states = at.selectbox(key="map_code_means_tracking_events_sf_X9")
    assert ("已揽收" if language == "zh" else "Collected") in states.options
    states.select("COLLECTED").run()
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error
    [told] = list(decisions_after(ledger, 0))
    assert [told[f"code_{name}"] for name in ("stream", "party", "raw", "meaning")] == [
        "tracking_events", "sf", "X9", "COLLECTED",
    ]  # fmt: skip


def test_new_columns_are_accepted_and_leave_at_once(
    open_page: Open, home: Path, ledger: Ledger
) -> None:
    world = _world()
    _case(world, "shape", "wms/tb/moves#a1b2c3", added_columns="zone")
    publish(home, world, build_id="b002")
    at = open_page("queue", "data-team", q="Q36")
    assert list(at.dataframe[0].value["entity"]) == ["wms/tb/moves"]
    at.button(key="do_accept_columns").click().run()
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error
    [accepted] = list(decisions_after(ledger, 0))
    assert accepted["entity_id"] == "wms/tb/moves#a1b2c3"
    assert "do_accept_columns" not in {button.key for button in at.button}
