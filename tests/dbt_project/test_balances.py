"""Running balances: the one before, plus what moved, is the one after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY, START
from tests.dbt_project.fold import marts
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def test_only_a_balance_that_does_not_follow_for_good_is_a_difference(con: Any) -> None:
    found = con.execute(
        "select match_key, currency_code, break_type, difference_amount "
        "from marts.fct_recon_breaks where recon_code = 'RC2B' order by 1"
    ).fetchall()
    assert [(key, code, kind, float(gap)) for key, code, kind, gap in found] == [
        ("gap|2026-03-04", "CNY", "BALANCE_GAP", 25.0),
        ("twice|2026-03-03", "CNY", "DUPLICATE", -20.0),
    ]


def test_the_first_line_that_does_not_follow_is_told(con: Any) -> None:
    whys = con.execute(
        "select why from marts.queue_items where queue_code = 'Q33' and why like '%RC2B%' "
        "and closed_at is null order by why like '%twice%'"
    ).fetchall()
    facts = [{f["name"]: (f["value"], f["threshold"]) for f in json.loads(why)["facts"]}
             for (why,) in whys]  # fmt: skip
    assert [f["first_row"][0] for f in facts] == ["3", "3"]
    assert [tuple(map(float, f["balance_amount"])) for f in facts] == [(135, 110), (120, 140)]


def test_a_line_that_comes_late_ends_its_difference(con: Any) -> None:
    life = con.execute(
        "select state_code, from_at, left_amount, right_amount from marts.fct_recon_turns "
        "where recon_code = 'RC2B' and match_key like 'late|%' order by turn_number"
    ).fetchall()
    assert [(state, float(left), float(right)) for state, _, left, right in life] == [
        ("OPEN", 115.0, 110.0), ("CLOSED", 115.0, 115.0),
    ]  # fmt: skip
    assert life[1][1] == START + DAY * 9


def test_what_balances_changed_by_less_what_moved_is_the_differences(con: Any) -> None:
    [(left, right, gaps)] = con.execute(
        "select sum(left_amount), sum(right_amount), sum(break_amount) "
        "from marts.agg_recon_totals where recon_code = 'RC2B'"
    ).fetchall()
    assert left - right == gaps
    # What the accounts came to at last: each began with its first line.
    assert float(left) == 80 + 100 + 10 + 121 + 116 + 131
