"""Incidents as told in `incidents`: reported in an hour, planned in a day, open until settled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.incidents import HOUR
from tests.dbt_project.worlds import World

T = START + DAY * 3


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _clocks(con: Any, code: str) -> dict[str, tuple]:
    rows = con.execute(
        "select entity_id, started_at, due_at, stopped_at from marts.fct_sla_clocks "
        "where sla_code = ?",
        [code],
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def test_an_error_is_to_be_reported_in_an_hour(con: Any) -> None:
    clocks = _clocks(con, "S30")
    assert clocks["E1"] == (T + HOUR, T + HOUR * 2, T + HOUR * 1.5)
    # The report that names no order still belongs to the error.
    assert clocks["E2"] == (T + HOUR, T + HOUR * 2, T + HOUR * 4)


def test_an_error_that_was_never_told_found_is_to_be_reported_in_an_hour_of_happening(
    con: Any,
) -> None:
    clocks = _clocks(con, "S30")
    assert clocks["E910"] == (T + HOUR * 2, T + HOUR * 3, None)
    assert clocks["E911"] == (T + HOUR * 9, T + HOUR * 10, T + HOUR * 9.5)
    opened = con.execute(
        "select entity_id, opened_at from marts.queue_items "
        "where queue_code = 'Q35' and entity_id in ('E910', 'E911') order by entity_id"
    ).fetchall()
    assert opened == [("E910", T + HOUR * 2), ("E911", T + HOUR * 9)]


def test_a_matter_between_departments_has_a_plan_in_a_day(con: Any) -> None:
    clocks = _clocks(con, "S31")
    assert clocks["I1"] == (T, T + DAY, T + HOUR * 10)
    assert clocks["I2"] == (T + DAY, T + DAY * 2, None)


def test_an_incident_is_work_until_it_is_reviewed_or_closed(con: Any) -> None:
    rows = con.execute(
        "select entity_id, order_id, opened_at, closed_at, why from marts.queue_items "
        "where queue_code = 'Q35' and entity_id not like '_870' "
        "and entity_id not like 'E91_' order by entity_id"
    ).fetchall()
    assert [row[:4] for row in rows] == [
        ("E1", "tb-200", T + HOUR, T + DAY * 2),
        ("E2", "tb-201", T + HOUR, None),
        ("I1", None, T, T + DAY * 2),
        ("I2", None, T + DAY, None),
        ("S1", None, T + DAY * 2, T + DAY * 3),
    ]
    facts = {f["name"]: f["value"] for f in json.loads(rows[1][4])["facts"]}
    assert facts == {"incident_kind": "missed_item", "event_type": "OPERATOR_ERROR_REPORTED"}


def test_a_sudden_event_is_as_urgent_as_can_be(con: Any) -> None:
    rows = con.execute(
        "select entity_id from marts.queue_items where queue_code = 'Q35' and severity = 1"
    ).fetchall()
    assert rows == [("S1",)]
