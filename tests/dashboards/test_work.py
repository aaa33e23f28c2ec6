"""Working a queue through the page: claim, decide, undo, a second person, links."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from dashboards.components.queue_table import shown_entity
from orderhouse.ledger import (
    Ledger,
    audit_rows,
    case_states,
    decisions_after,
    history,
    recon_decisions_after,
)
from orderhouse.ledger.history import AuditFilter
from orderhouse.ledger.tables import USERS
from tests.support.people import NOW
from tests.support.snapshot import publish
from tests.support.surroundings import break_item
from tests.support.world import build_world

Open = Callable[..., AppTest]


def listed(at: AppTest) -> list[str]:
    """Objects in the queue's grid."""
    return list(at.dataframe[0].value["entity"])


def decide(at: AppTest, verb: str, reason: str, note: str = "") -> AppTest:
    at.button(key=f"do_{verb}").click().run()
    at.selectbox(key=f"decide_reason_{verb}").select(reason)
    if note:
        at.text_area(key=f"decide_note_{verb}").set_value(note)
    at.button(key="decide_ok").click().run()
    return at


def test_a_claimed_case_shows_its_holder_at_once(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "order-processor", q="Q07")
    case = listed(at)[0]
    at.button(key="do_claim").click().run()
    assert not at.exception
    assert at.dataframe[0].value["holder"][0] == "我"
    assert at.button(key="do_release")
    [decision] = list(decisions_after(ledger, 0))
    assert (decision["verb"], decision["order_id"]) == ("claim", case)


def test_a_decided_case_leaves_the_list_and_undo_brings_it_back(
    open_page: Open, ledger: Ledger
) -> None:
    at = open_page("queue", "order-processor", q="Q07")
    before = listed(at)
    decide(at, "review_pass", "checked_ok")
    assert not at.exception
    assert listed(at) == before[1:]
    at.button(key="undo_last").click().run()
    assert listed(at) == before
    verbs = [entry.verb for entry in history(ledger, order_id=before[0])]
    assert verbs == ["undo", "review_pass"]


def test_a_second_click_on_the_same_dialog_is_one_decision(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "order-processor", q="Q07")
    at.button(key="do_review_pass").click().run()
    asked = dict(at.session_state["deciding"])
    at.selectbox(key="decide_reason_review_pass").select("checked_ok")
    at.button(key="decide_ok").click().run()
    at.session_state["deciding"] = asked
    at.run()
    at.selectbox(key="decide_reason_review_pass").select("checked_ok")
    at.button(key="decide_ok").click().run()
    assert len([row for row in decisions_after(ledger, 0)]) == 1


def test_a_forced_pass_without_a_note_is_refused_in_words(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "order-processor", q="Q07")
    decide(at, "review_pass", "force_pass")
    assert at.error[0].value.startswith("这个原因需要写明备注")
    assert list(decisions_after(ledger, 0)) == []


def test_a_case_of_several_differences_is_decided_with_all_of_them(
    open_page: Open, ledger: Ledger
) -> None:
    at = open_page("queue", "finance", q="Q33", sort="amount")
    shown = " ".join(caption.value for caption in at.caption)
    assert "RC7 平台结算与订单" in shown
    facts = next(frame.value for frame in at.dataframe if "事实" in frame.value.columns)
    assert {"商品款", "运费"} <= set(facts["事实"])
    decide(at, "claim_break", "provider_error")
    assert not at.exception
    decided = [(row["break_id"], row["left_amount"]) for row in recon_decisions_after(ledger, 0)]
    assert [(name, float(amount)) for name, amount in decided] == [
        ("RC7-goods", 8800.0), ("RC7-shipping", 200.0),
    ]  # fmt: skip
    item = break_item("RC7-order")
    assert case_states(ledger, [item])[item].status == "resolved"
    at.button(key="undo_last").click().run()
    undone = [row for row in recon_decisions_after(ledger, 0) if row["verb"] == "undo"]
    assert len(undone) == 2


def test_what_is_done_about_a_case_is_a_button_of_its_queue_and_counts_at_once(
    open_page: Open, ledger: Ledger
) -> None:
    at = open_page("queue", "cs", q="Q23")
    before = listed(at)
    at.button(key="do_contact_carrier").click().run()
    at.button(key="decide_ok").click().run()
    assert not at.exception
    assert listed(at) == before
    [told] = list(decisions_after(ledger, 0))
    assert (told["verb"], told["entity_type"]) == ("contact_carrier", "shipment")
    assert any("已联系承运商" in caption.value for caption in at.caption)
    shown = at.dataframe[0].value["done"]
    assert shown[0].startswith("已联系承运商 · ")
    assert not any(shown[1:])
    # A colleague sees it too, and is asked before it is done once more.
    again = open_page("queue", "ops-lead", q="Q23")
    assert list(again.dataframe[0].value["done"]) == list(shown)
    again.button(key="do_contact_carrier").click().run()
    assert any("已有人做过" in warning.value for warning in again.warning)
    assert again.button(key="decide_ok").disabled
    again.checkbox(key="decide_again_contact_carrier").check().run()
    assert not again.button(key="decide_ok").disabled
    at = open_page("queue", "cs", q="Q23")
    at.button(key="do_reship").click().run()
    at.button(key="decide_ok").click().run()
    assert listed(at) == before[1:]


def test_an_amount_is_asked_for_and_a_missing_one_is_refused_in_words(
    open_page: Open, ledger: Ledger
) -> None:
    at = open_page("queue", "cs", q="Q25")
    at.button(key="do_compensate").click().run()
    at.button(key="decide_ok").click().run()
    assert at.error[0].value == "请填写大于 0 的金额。"
    at.selectbox(key="decide_reason_compensate").select("late_delivery").run()
    at.number_input(key="decide_amount_compensate").set_value(20.0).run()
    at.button(key="decide_ok").click().run()
    assert not at.exception
    [told] = list(decisions_after(ledger, 0))
    args = json.loads(told["args"])
    # Whoever is liable by the reason is proposed to bear it: here the shop, all of it.
    assert (args["amount"], args["ecom_amount"], args["supplier_amount"]) == (
        "20.00", "20.00", "0.00",
    )  # fmt: skip


def test_what_is_at_stake_is_proposed_to_be_recovered(
    open_page: Open, ledger: Ledger, home: Path
) -> None:
    world = build_world()
    for case in world.tables["queue_items"]:
        if case["queue_code"] == "Q25":
            case["queue_code"] = "Q29"
    publish(home, world, build_id="b002")
    at = open_page("queue", "finance", q="Q29")
    at.button(key="do_recover_money").click().run()
    asked = at.number_input(key="decide_amount_recover_money").value
    at.button(key="decide_ok").click().run()
    assert not at.exception
    [told] = list(decisions_after(ledger, 0))
    assert asked > 0
    assert json.loads(told["args"])["amount"] == f"{asked:.2f}"


def test_a_case_is_named_by_what_people_know_it_by() -> None:
    digest = "0123456789abcdef0123456789abcdef"
    for entity_type, entity, order, why, named in (
        ("order", "CLOSED_BUT_LIVE@tb-77", "tb-77", {}, "tb-77"),
        ("stock", "SKU1@WH1", None, {}, "SKU1@WH1"),
        ("break", digest, "tb-77", {}, "tb-77"),
        ("break", digest, None, {"facts": [{"name": "match_key", "value": "T200"}]}, "T200"),
        ("shape", "wms/orders#3", None, {}, "wms/orders"),
    ):
        row = {"entity_type": entity_type, "entity_id": entity, "order_id": order, "why": why}
        assert shown_entity(row, {}) == named


def test_parts_that_are_not_the_whole_are_said_and_refused(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "cs", "en", q="Q25")
    at.button(key="do_compensate").click().run()
    at.selectbox(key="decide_reason_compensate").select("late_delivery").run()
    at.number_input(key="decide_amount_compensate").set_value(20.0).run()
    part = "decide_platform_amount_compensate_late_delivery_20.00"
    at.number_input(key=part).set_value(3.0).run()
    assert any("Parts 23" in warning.value for warning in at.warning)
    at.button(key="decide_ok").click().run()
    assert "add up to 23" in at.error[0].value
    assert list(decisions_after(ledger, 0)) == []


def test_money_above_the_limit_waits_for_a_second_person(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "finance", q="Q06", sort="amount")
    item_id = at.session_state["queue_cursor"]
    decide(at, "resolve", "refunded")
    assert case_states(ledger, [item_id])[item_id].status == "proposed"
    at = open_page("queue", "finance-supervisor", q="Q06", tab="second")
    at.button(key="do_approve").click().run()
    assert case_states(ledger, [item_id])[item_id].status == "resolved"


def test_a_selection_is_previewed_and_done_together(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "ops-lead", q="Q17")
    chosen = {"selection": {"rows": [0, 1, 2], "columns": [], "cells": []}}
    at.session_state["cases_Q17_all_0"] = chosen
    at.run()
    at.button(key="bulk_claim").click().run()
    assert not at.exception
    assert [row["verb"] for row in decisions_after(ledger, 0)] == ["claim"] * 3


def test_a_link_shows_the_same_rows_in_the_other_language(open_page: Open) -> None:
    link = {"q": "Q17", "channel": "taobao", "sev": "1,2", "sort": "oldest", "tab": "late"}
    chinese = open_page("queue", "ops-lead", "zh", **link)
    english = open_page("queue", "ops-lead", "en", **link)
    assert listed(chinese) == listed(english) != []
    assert chinese.dataframe[0].value["why"][0] != english.dataframe[0].value["why"][0]


def test_every_case_of_every_queue_has_its_reason_in_both_languages(open_page: Open) -> None:
    for language in ("zh", "en"):
        at = open_page("inbox", "ops-lead", language)
        why = list(at.dataframe[0].value["why"])
        assert len(why) == 50 and all(len(text) > 4 for text in why)
        assert not any("{" in text or "_" in text for text in why)


@pytest.mark.parametrize("drill", ["placed", "paid", "cancelled"])
def test_a_figure_equals_the_number_of_its_orders(open_page: Open, drill: str) -> None:
    at = open_page("overview", "analyst", "zh", drill=drill, period="last_90")
    figure = {"placed": "placed_count", "paid": "paid_count", "cancelled": "cancelled_count"}[drill]
    shops = at.dataframe[0].value
    total = sum(int(str(value).replace(",", "")) for value in shops[figure])
    heading = next(item.value for item in at.subheader if "个订单" in item.value)
    assert str(total) in heading.replace(",", "")


def test_a_revealed_value_needs_a_reason_is_recorded_and_hides(
    open_page: Open, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.reveal._open", lambda *_: "13800138000")
    world_order = "tb-main-20260193"
    monkeypatch.setattr("dashboards.reveal._contact_cipher", lambda *_: b"closed", raising=False)
    at = open_page("order", "cs", id=world_order)
    at.button(key=f"reveal_{world_order}/buyer_phone").click().run()
    assert at.button(key="reveal_ok").disabled
    at.selectbox(key="reveal_reason").select("complaint").run()
    at.button(key="reveal_ok").click().run()
    assert not at.exception and not at.error, at.error
    assert any(item.value == "13800138000" for item in at.text)
    total, rows = audit_rows(ledger, AuditFilter(stream="access"))
    assert (total, rows[0].reason_code, rows[0].order_id) == (1, "complaint", world_order)
    assert "13800138000" not in json.dumps(rows[0].args)
    monkeypatch.setenv("ORDERHOUSE_NOW", (NOW + timedelta(seconds=61)).isoformat())
    from orderhouse.settings import get_settings

    get_settings.cache_clear()
    at.run()
    assert not any(item.value == "13800138000" for item in at.text)


def test_a_new_build_is_shown_without_a_restart(open_page: Open, home: Path) -> None:
    at = open_page("queue", "ops-lead", q="Q07")
    publish(home, build_id="b002")
    at.run()
    assert not at.exception
    assert any("b002" in item.value for item in at.caption)


def test_a_refused_build_and_old_data_say_so(open_page: Open, home: Path) -> None:
    gate = {"name": "money balances", "ok": False, "detail": "3 rows"}
    attempt = {"build_id": "b003", "at": NOW.isoformat(), "ok": False, "reason": "gates",
               "failed_gates": [gate]}  # fmt: skip
    publish(home, build_id="b002", at=NOW - timedelta(hours=7), failed=attempt)
    at = open_page("inbox", "ops-lead")
    said = " ".join(item.value for item in at.warning)
    assert "money balances" in said and "没有更新" in said


def test_before_the_first_build_a_page_says_what_to_run(open_page: Open, home: Path) -> None:
    (home / "serving" / "current").unlink()
    at = open_page("queue", "ops-lead", q="Q07")
    assert not at.exception
    assert at.code[0].value == "orderhouse build"


def test_a_held_order_is_released_from_its_own_page(
    open_page: Open, home: Path, ledger: Ledger
) -> None:
    world = build_world()
    order = next(row for row in world.tables["fct_orders"] if row["review_status"] != "NOT_STARTED")
    order["review_status"] = "HELD"
    publish(home, world, build_id="b002")
    at = open_page("order", "order-processor", id=order["order_id"])
    at.button(key="hold_release_hold").click().run()
    at.selectbox(key="decide_reason_release_hold").select("customer_confirmed")
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error, at.error
    [decision] = list(decisions_after(ledger, 0))
    assert (decision["verb"], decision["order_id"]) == ("release_hold", order["order_id"])
    assert any("下一次构建后生效" in item.value for item in at.text)


def test_a_failed_page_shows_an_id_and_records_it(
    open_page: Open, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboards import server

    shown: list[str] = []
    monkeypatch.setattr(
        "dashboards.components.frame.error_page", lambda error_id, _language: shown.append(error_id)
    )
    open_page("inbox", "ops-lead")
    assert server.on_script_error(ValueError("phone 13800138000")) is True
    [entry] = audit_rows(ledger, AuditFilter(stream="error"))[1]
    assert entry.entity_id == shown[0] and entry.args == {"kind": "ValueError"}


def test_a_deviation_is_justified_because_it_cannot_be_undone(
    open_page: Open, ledger: Ledger
) -> None:
    at = open_page("queue", "ops-lead", q="Q32")
    assert "未审核先确认" in at.dataframe[0].value["why"][0]
    before = listed(at)
    assert [button.key for button in at.button if button.key == "do_resolve"] == []
    decide(at, "justify", "agreed_exception")
    assert not at.exception
    assert listed(at) == before[1:]
    [decision] = list(decisions_after(ledger, 0))
    assert (decision["verb"], decision["order_id"]) == ("justify", before[0])
    assert decision["entity_id"].endswith(f"@{before[0]}")


def test_an_account_is_dormant_by_the_limit_the_review_of_rights_goes_by(
    open_page: Open, ledger: Ledger
) -> None:
    long_ago = NOW - timedelta(minutes=129_600, seconds=1)
    with ledger.writing() as connection:
        never = update(USERS).where(USERS.c.login == "cs")
        connection.execute(never.values(created_at=long_ago, signed_in_at=None))
        lately = update(USERS).where(USERS.c.login == "logistics")
        connection.execute(lately.values(created_at=long_ago, signed_in_at=NOW))
    at = open_page("users", "admin", "en")
    people = at.dataframe[0].value
    states = dict(zip(people["Account"], people["State"], strict=True))
    assert list(states["cs"]) == ["dormant"]
    assert list(states["logistics"]) == ["active"]
