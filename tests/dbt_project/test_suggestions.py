"""What may belong together waits for somebody; what a known reason accounts for does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
from tests.dbt_project.life_facts import break_of
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _suggested(con: Any, number: str) -> list[tuple]:
    """(its numbers, rest, points, days, characters, rejected) of each suggestion with this one."""
    rows = con.execute(
        "select list(match_key order by match_key), max(rest_amount), max(score), "
        "max(days_apart), max(key_distance), bool_or(is_rejected) "
        "from marts.fct_recon_suggestions where suggestion_id in "
        "(select suggestion_id from marts.fct_recon_suggestions where break_id = ?) "
        "group by suggestion_id order by 3 desc, 1",
        [break_of(number)],
    ).fetchall()
    return [
        ([key.removeprefix("T200P") for key in keys], float(rest), *more)
        for keys, rest, *more in rows
    ]


def test_a_mistyped_number_is_suggested_first(con: Any) -> None:
    """50 for the same amount, 30 for the same day, 20 less a third for one character."""
    assert _suggested(con, "820") == [(["820", "82O"], 0.0, 93, 0, 1, False)]


def test_parts_of_a_payment_are_suggested_together(con: Any) -> None:
    assert _suggested(con, "821") == [(["821", "821a", "821b"], 0.0, 75, 1, None, False)]


def test_several_payments_in_one_line_are_suggested_together(con: Any) -> None:
    [(keys, rest, *_)] = _suggested(con, "825")
    assert (keys, rest) == (["822", "823", "824", "825"], 0.0)


def test_a_run_of_payments_in_one_line_is_suggested_together(con: Any) -> None:
    """Six payments of three days: more than are tried in any combination."""
    [(keys, rest, score, days, *_)] = _suggested(con, "856")
    assert (keys, rest) == ([f"85{n}" for n in range(7)], 0.0)
    assert (score, days) == (65, 3)


def test_several_against_several_of_one_order_are_suggested_together(con: Any) -> None:
    [(keys, rest, score, days, *_)] = _suggested(con, "857c")
    assert (keys, rest, days) == (["857a", "857b", "857c", "857d"], 0.0, 0)
    assert score == 100
    found = con.execute(
        "select distinct found_by from marts.fct_recon_suggestions where break_id = ?",
        [break_of("857a")],
    ).fetchall()
    assert found == [("order",)]


def test_no_set_of_differences_is_suggested_twice(con: Any) -> None:
    twice = con.execute(
        "select members from (select list(break_id order by break_id) as members "
        "from marts.fct_recon_suggestions group by suggestion_id) group by members "
        "having count(*) > 1"
    ).fetchall()
    assert twice == []


def test_what_is_accepted_is_in_one_match_only(con: Any) -> None:
    wrong = con.execute(
        "select break_id from marts.fct_recon_turns where state_code = 'MATCHED_MANUAL' "
        "and until_at is null group by break_id having count(*) > 1"
    ).fetchall()
    assert wrong == []


def test_what_is_only_about_as_much_is_not_suggested(con: Any) -> None:
    assert _suggested(con, "826") == []


def test_a_rejected_match_is_not_suggested_again(con: Any) -> None:
    [(keys, *_, is_rejected)] = _suggested(con, "827")
    assert keys == ["827", "829"]
    assert is_rejected is True


def test_a_suggestion_changes_nothing_by_itself(con: Any) -> None:
    wrong = con.execute(
        "select suggestions.break_id from marts.fct_recon_suggestions as suggestions "
        "left join marts.fct_recon_breaks as breaks using (break_id) "
        "where coalesce(breaks.state_code, '') <> 'OPEN'"
    ).fetchall()
    assert wrong == []


def test_every_suggestion_has_both_sides_of_one_reconciliation_and_nearly_adds_up(con: Any) -> None:
    wrong = con.execute(
        "select suggestion_id from marts.fct_recon_suggestions group by suggestion_id "
        "having count(distinct recon_code || currency_code) > 1 or count(*) < 2 "
        "or count(*) > case max(found_by) when 'parts' then 4 when 'order' then 20 else 21 end "
        "or (max(found_by) = 'run' and sum(left_amount - right_amount) <> 0) "
        "or abs(sum(left_amount - right_amount)) > 1 or abs(sum(left_amount - right_amount)) "
        "<> abs(max(rest_amount)) or max(left_amount) = 0 or max(right_amount) = 0"
    ).fetchall()
    assert wrong == []


@pytest.mark.parametrize(("number", "reason"), [("830", "PLATFORM_SUBSIDY"), ("831", "CUT_OFF")])
def test_a_known_reason_accounts_for_a_difference_and_opens_no_case(
    con: Any, number: str, reason: str
) -> None:
    kept = con.execute(
        "select state_code, explanation_code, explained_amount = difference_amount, "
        "unexplained_amount from marts.fct_recon_breaks where break_id = ?",
        [break_of(number)],
    ).fetchone()
    assert kept == ("EXPLAINED", reason, True, 0)
    items = con.execute(
        "select 1 from marts.queue_items where queue_code = 'Q33' and entity_id = ?",
        [break_of(number)],
    ).fetchall()
    assert items == []


def test_explained_and_unexplained_are_the_difference_by_day_and_currency(con: Any) -> None:
    sums = con.execute(
        "select count(*), sum(break_amount - explained_amount - unexplained_amount), "
        "count(*) filter (where explained_amount <> 0 and unexplained_amount <> 0) "
        "from marts.agg_recon_totals"
    ).fetchone()
    assert sums[0] > 0
    assert sums[1] == 0
    assert sums[2] > 0
    wrong = con.execute(
        "select recon_code from marts.agg_recon_totals "
        "where left_amount - right_amount <> explained_amount + unexplained_amount"
    ).fetchall()
    assert wrong == []
