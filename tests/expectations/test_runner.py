"""A suite passes only if it ran: what raises is an error, and values never enter a report."""

from __future__ import annotations

import pandas as pd

from expectations.runner import run_suite
from expectations.suites import CANDIDATE, DOOR_SAMPLE, DOOR_TOTALS, Expectation


def zeros(suite: tuple[Expectation, ...]) -> pd.DataFrame:
    return pd.DataFrame({item.arguments["column"]: [0] for item in suite})


def test_a_frame_that_keeps_its_contract_has_no_findings() -> None:
    result = run_suite("candidate", zeros(CANDIDATE), CANDIDATE)
    assert result.ok
    assert result.findings == ()


def test_every_expectation_of_the_candidate_can_fail_and_names_what_it_means() -> None:
    frame = zeros(CANDIDATE) - 1
    violated = run_suite("candidate", frame, CANDIDATE)
    assert {f.meaning for f in violated.findings} == {e.meaning for e in CANDIDATE}
    assert not violated.ok


def test_a_warning_reports_and_does_not_block() -> None:
    frame = zeros(DOOR_TOTALS).assign(events_after_receipt=5)
    result = run_suite("door", frame, DOOR_TOTALS)
    assert result.ok
    assert [f.severity for f in result.findings] == ["warning"]


def test_an_expectation_that_cannot_run_is_an_error_not_a_pass() -> None:
    result = run_suite("door", pd.DataFrame({"other": [0]}), DOOR_TOTALS[:1])
    assert not result.ok
    assert result.findings[0].severity == "error"


def test_no_value_of_a_record_enters_a_report() -> None:
    secret = "13912345678"
    frame = pd.DataFrame(
        {"record_key": [None], "record_hash": [secret], "file_id": [secret], "extra": [secret]}
    )
    result = run_suite("sample", frame, DOOR_SAMPLE)
    assert not result.ok
    assert secret not in repr(result)
