"""The page of reconciliations: states, ages, what becomes of a difference, suggested matches."""

from __future__ import annotations

from typing import Any

import pytest

from orderhouse.ledger import Ledger, case_states, decisions_after, recon_decisions_after
from tests.dashboards.conftest import Open
from tests.support.surroundings import break_item


def decide(at: Any, key: str, verb: str, reason: str) -> None:
    at.button(key=key).click().run()
    at.selectbox(key=f"decide_reason_{verb}").select(reason)
    at.button(key="decide_ok").click().run()


def chosen(at: Any, row: int = 0) -> Any:
    at.session_state["breaks"] = {"selection": {"rows": [row], "columns": [], "cells": []}}
    return at.run()


def of_page(open_page: Open, login: str = "finance", **more: Any) -> Any:
    return open_page("recon", login, recon="RC2", days="90", **more)


def test_states_and_ages_are_counted(open_page: Open) -> None:
    at = of_page(open_page)
    assert not at.exception
    pills = next(pills for pills in at.get("button_group") if pills.key == "recon_state")
    assert [option.content for option in pills.proto.options]
    labels = [metric.label for metric in at.metric]
    assert {"已解释", "未解释"} <= set(labels)
    assert any(label.startswith("30 天以上") or "天 CNY" in label for label in labels)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_says_the_same_in_both_languages(open_page: Open, language: str) -> None:
    at = open_page("recon", "finance", language=language, recon="RC2", days="90")
    assert not at.exception
    assert ("Suggested matches" if language == "en" else "匹配建议") in "".join(
        header.value for header in at.subheader
    )


def test_a_decision_shows_at_once_and_goes_out_with_its_amounts(
    open_page: Open, ledger: Ledger
) -> None:
    at = chosen(of_page(open_page, state="OPEN"))
    decide(at, "break_explain_break", "explain_break", "bank_charge")
    assert not at.exception
    [row] = recon_decisions_after(ledger, 0)
    assert row["recon_code"] == "RC2"
    assert float(row["left_amount"]) != float(row["right_amount"])
    at = of_page(open_page)
    shown = next(frame for frame in at.dataframe if "match_key" in frame.value)
    states = dict(zip(shown.value["match_key"], shown.value["state_code"], strict=True))
    assert states[row["match_key"]] == "已解释"


def test_what_was_decided_can_be_taken_up_again(open_page: Open, ledger: Ledger) -> None:
    at = chosen(of_page(open_page, state="OPEN"))
    decide(at, "break_claim_break", "claim_break", "provider_error")
    [row] = recon_decisions_after(ledger, 0)
    at = of_page(open_page)
    shown = next(frame for frame in at.dataframe if "match_key" in frame.value)
    at = chosen(at, list(shown.value["match_key"]).index(row["match_key"]))
    decide(at, "break_reopen_break", "reopen_break", "decided_wrongly")
    assert not at.exception
    assert [one["verb"] for one in recon_decisions_after(ledger, 0)] == [
        "claim_break", "reopen_break",
    ]  # fmt: skip


def test_a_suggestion_is_accepted_for_both_sides_or_rejected(
    open_page: Open, ledger: Ledger
) -> None:
    at = of_page(open_page)
    decide(at, "match_manually_sug-1", "match_manually", "number_wrong")
    assert not at.exception
    rows = list(recon_decisions_after(ledger, 0))
    assert {row["break_id"] for row in rows} == {"RC2-left", "RC2-right"}
    assert len({row["group_id"] for row in rows}) == 1
    assert {row["suggestion_id"] for row in rows} == {"sug-1"}
    for name in ("RC2-left", "RC2-right"):
        item = break_item(name)
        assert case_states(ledger, [item])[item].status == "resolved"
    keys = [button.key for button in of_page(open_page).button]
    assert "match_manually_sug-1" not in keys
    assert "match_manually_sug-2" in keys


def test_a_rejected_suggestion_is_remembered(open_page: Open, ledger: Ledger) -> None:
    at = of_page(open_page)
    decide(at, "reject_match_sug-2", "reject_match", "not_the_same")
    [row] = decisions_after(ledger, 0)
    assert row["verb"] == "reject_match"
    assert [one["suggestion_id"] for one in recon_decisions_after(ledger, 0)] == ["sug-2"]
    keys = [button.key for button in of_page(open_page).button]
    assert "match_manually_sug-2" not in keys


@pytest.mark.parametrize("login", ["ops-lead", "analyst"])
def test_others_look_and_decide_nothing(open_page: Open, login: str) -> None:
    at = chosen(of_page(open_page, login))
    assert not at.exception
    assert [b.key for b in at.button if str(b.key).startswith(("break_", "match_manually"))] == []


def test_a_large_amount_waits_for_the_supervisor(open_page: Open, ledger: Ledger) -> None:
    at = of_page(open_page, state="OPEN")
    shown = next(frame for frame in at.dataframe if "match_key" in frame.value)
    place = list(shown.value["match_key"]).index("T200P-large")
    decide(chosen(at, place), "break_write_off", "write_off", "too_old")
    item = break_item("RC2-large")
    assert case_states(ledger, [item])[item].status == "proposed"
    assert list(recon_decisions_after(ledger, 0)) == []
    at = chosen(of_page(open_page, "finance-supervisor", state="OPEN"), place)
    at.button(key="break_approve").click().run()
    assert [row["verb"] for row in recon_decisions_after(ledger, 0)] == ["write_off"]
