"""Rights are looked at once a month, and when an account is idle or holds posts that clash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.dbt_project.access_facts import BEFORE, MONTH
from tests.dbt_project.facts import DAY
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


SHANGHAI = timedelta(hours=8)


def _cases(con: Any, kind: str) -> dict[str, list[tuple[datetime, datetime | None]]]:
    rows = con.execute(
        "select entity_id, opened_at, closed_at from marts.queue_items "
        "where queue_code = 'Q37' and entity_type = ? order by entity_id, opened_at",
        [kind],
    ).fetchall()
    found: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for account, opened, closed in rows:
        found.setdefault(account, []).append((opened, closed))
    return found


def test_every_account_is_looked_at_each_month_it_began_active(con: Any) -> None:
    cases = _cases(con, "account")
    assert cases["u-fine"][-1] == (MONTH, MONTH + DAY * 3)
    assert cases["u-undone"] == [(MONTH, None)]
    # Made in the month itself: it is looked at from the next one on. Gone: never again.
    assert "u-two" not in cases and "u-gone" not in cases


def test_the_look_is_due_before_the_month_is_over(con: Any) -> None:
    rows = con.execute(
        "select started_at, due_at, stopped_at from marts.fct_sla_clocks "
        "where sla_code = 'S36' and entity_id = 'u-fine' order by started_at"
    ).fetchall()
    for started, due, _ in rows:
        assert {(at + SHANGHAI).day for at in (started, due)} == {1}
        assert 28 <= (due - started).days <= 31
    # One look ends every month that still waits for one.
    assert {row[2] for row in rows} == {MONTH + DAY * 3}


def test_an_account_nobody_uses_is_a_case_until_somebody_confirms_it(con: Any) -> None:
    assert _cases(con, "dormant_account") == {
        "u-idle": [(BEFORE + DAY * 90, MONTH + DAY * 4)],
        "u-fine": [(MONTH + DAY * 91, None)],
        "u-undone": [(MONTH + DAY * 70, None)],
        "u-two": [(MONTH + DAY * 93, None)],
    }


def test_posts_that_clash_are_a_case_until_one_is_taken_away(con: Any) -> None:
    assert _cases(con, "role_conflict") == {"u-two": [(MONTH + DAY * 2, MONTH + DAY * 3)]}
    [why] = con.execute(
        "select why from marts.queue_items where queue_code = 'Q37' and entity_type = ?",
        ["role_conflict"],
    ).fetchone()
    facts = {fact["name"]: fact["value"] for fact in json.loads(why)["facts"]}
    assert facts["role_conflict"] == "data_entry+order_processor"
