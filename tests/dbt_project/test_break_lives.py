"""What becomes of a difference: found, decided, gone, and found again when its amounts change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt_project.facts import DAY
from tests.dbt_project.fold import marts
from tests.dbt_project.life_facts import BILL, NOON, PAID, PUT_RIGHT, PUT_RIGHT_AT, break_of
from tests.dbt_project.worlds import World

MIDNIGHT = PAID.replace(hour=16)


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _life(con: Any, number: str) -> list[tuple]:
    """(state, since when, how often it has been open) of each stretch, without the waiting."""
    return con.execute(
        "select state_code, from_at, episode_number from marts.fct_recon_turns "
        "where break_id = ? and state_code <> 'SUSPENSE' order by turn_number",
        [break_of(number)],
    ).fetchall()


def _items(con: Any, number: str) -> list[tuple]:
    rows = con.execute(
        "select episode_number, closed_at, why from marts.queue_items "
        "where queue_code = 'Q33' and entity_id = ? order by episode_number",
        [break_of(number)],
    ).fetchall()
    facts = [{f["name"]: f["value"] for f in json.loads(why)["facts"]} for _, _, why in rows]
    return [(n, closed, f["closed_by"]) for (n, closed, _), f in zip(rows, facts, strict=True)]


def test_what_comes_in_its_time_never_was_a_difference(con: Any) -> None:
    assert _life(con, "800") == []


def test_a_line_that_comes_too_late_ends_a_difference_and_its_case(con: Any) -> None:
    late = BILL + DAY * 3
    assert _life(con, "801") == [("OPEN", BILL, 1), ("CLOSED", late, None)]
    assert _items(con, "801") == [(1, late, "CLOSED")]


def test_what_somebody_decides_ends_the_case_and_stays_a_difference(con: Any) -> None:
    assert _life(con, "802") == [("OPEN", BILL, 1), ("EXPLAINED", NOON, None)]
    assert _items(con, "802") == [(1, NOON, "EXPLAINED")]
    kept = con.execute(
        "select difference_amount, explained_amount, unexplained_amount, decision_id "
        "from marts.fct_recon_breaks where break_id = ?",
        [break_of("802")],
    ).fetchone()
    assert tuple(map(float, kept[:3])) == (10, 10, 0)
    assert kept[3].startswith("802-explain_break")


def test_a_decision_holds_for_the_amounts_it_was_made_on(con: Any) -> None:
    later = BILL + DAY * 5
    assert [state for state, _, _ in _life(con, "803")] == ["OPEN", "WRITTEN_OFF", "OPEN"]
    assert _items(con, "803") == [(1, NOON, "WRITTEN_OFF"), (2, None, None)]
    assert _life(con, "803")[-1] == ("OPEN", later, 2)


def test_a_claim_that_is_paid_ends_in_agreement(con: Any) -> None:
    assert [state for state, _, _ in _life(con, "804")] == ["OPEN", "CLAIMED", "CLOSED"]


def test_what_was_put_together_holds_together(con: Any) -> None:
    for number in ("805", "806"):
        assert [state for state, _, _ in _life(con, number)] == ["OPEN", "MATCHED_MANUAL"]
    later = BILL + DAY * 5
    for number in ("807", "808"):  # of 808 the bill says something else by now
        assert _life(con, number)[-2:] == [("MATCHED_MANUAL", NOON, None), ("OPEN", later, 2)]


def test_a_decision_may_be_taken_back_or_made_again(con: Any) -> None:
    assert _life(con, "809") == [("OPEN", BILL, 1)]
    assert _life(con, "810") == [
        ("OPEN", BILL, 1), ("WRITTEN_OFF", NOON, None), ("OPEN", NOON + DAY, 2),
    ]  # fmt: skip


def test_what_was_decided_on_old_amounts_is_open_again_at_once(con: Any) -> None:
    assert _items(con, "811") == [(1, NOON, "WRITTEN_OFF"), (2, None, None)]


def test_a_day_without_a_bill_is_in_suspense_and_then_a_case(con: Any) -> None:
    state, seen, opened = con.execute(
        "select state_code, seen_at, opened_at from marts.fct_recon_breaks where break_id = ?",
        [break_of("813")],
    ).fetchone()
    assert state == "OPEN"
    assert (seen, opened) == (MIDNIGHT + DAY * 9, MIDNIGHT + DAY * 11)


def test_the_clock_of_a_difference_stops_when_it_is_settled(con: Any) -> None:
    clocks = con.execute(
        "select episode_number, started_at, due_at, stopped_at, paused_minutes "
        "from marts.fct_sla_clocks where sla_code = 'S34' and entity_id in (?, ?) "
        "order by entity_id = ?, episode_number",
        [break_of("802"), break_of("813"), break_of("813")],
    ).fetchall()
    start, waiting = PAID, MIDNIGHT + DAY * 9
    assert clocks == [
        (1, start, start + DAY * 3, NOON, 0), (1, waiting, waiting + DAY * 5, None, 2880),
    ]  # fmt: skip


@pytest.mark.parametrize(("recon", "key", "gap"), PUT_RIGHT)
def test_what_was_said_wrong_was_a_difference_until_it_was_said_otherwise(
    con: Any, recon: str, key: str, gap: str
) -> None:
    """A fee, a line of a payout, of a marketplace, amends, a claim, an invoice."""
    life = con.execute(
        "select state_code, difference_amount, until_at from marts.fct_recon_turns "
        "where recon_code = ? and match_key = ? and state_code <> 'SUSPENSE' order by turn_number",
        [recon, key],
    ).fetchall()
    assert life == [("OPEN", Decimal(gap), PUT_RIGHT_AT), ("CLOSED", 0, None)]
    assert (
        con.execute(
            "select 1 from marts.fct_recon_breaks where recon_code = ? and match_key = ?",
            [recon, key],
        ).fetchall()
        == []
    )


def test_every_difference_that_is_open_is_one_case(con: Any) -> None:
    wrong = con.execute(
        "select breaks.break_id from marts.fct_recon_breaks as breaks "
        "inner join policies.recon_definitions as definitions using (recon_code) "
        "left join policies.recon_routes as routes "
        "on routes.recon_code = breaks.recon_code and routes.break_type = breaks.break_type "
        "left join marts.queue_items as items on items.entity_id = breaks.case_id "
        "and items.queue_code = 'Q33' and items.closed_at is null "
        "where definitions.queue_code = 'Q33' and routes.recon_code is null "
        "and breaks.recon_code <> 'RC8' "
        "and (breaks.state_code = 'OPEN') <> (items.item_id is not null)"
    ).fetchall()
    assert wrong == []
