"""The forecast of breaches: what it learns from, how it leans, and that it is judged fairly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
from tests.dbt_project.forecast_facts import EARLY, HOUR, SAID, UNDONE, WARNED, T
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def test_every_promise_that_was_ever_decided_has_a_forecast_for_every_moment_of_it(
    con: Any,
) -> None:
    rates = con.execute(
        "select sla_code, segment, count(*), count(distinct (weekday, day_quarter, tenth)), "
        "min(breach_probability) > 0, max(breach_probability) < 1 from marts.agg_breach_rates "
        "group by all"
    ).fetchall()
    assert rates
    assert {row[2:] for row in rates} == {(7 * 4 * 10, 7 * 4 * 10, True, True)}


def test_a_clock_that_is_still_open_later_was_also_open_before(con: Any) -> None:
    fewer = con.execute(
        "select count(*) filter (where later.at_risk_count > sooner.at_risk_count), "
        "count(*) filter (where later.breach_count <> sooner.breach_count "
        "and later.at_risk_count > 0) "
        "from marts.agg_breach_rates as sooner inner join marts.agg_breach_rates as later "
        "on (sooner.sla_code, sooner.segment, sooner.weekday, sooner.day_quarter) "
        "= (later.sla_code, later.segment, later.weekday, later.day_quarter) "
        "and later.tenth = sooner.tenth + 1"
    ).fetchone()
    assert fewer == (0, 0)


def test_every_decided_clock_is_counted_once_at_its_start(con: Any) -> None:
    counted = con.execute(
        "select sla_code, sum(at_risk_count), sum(breach_count) from marts.agg_breach_rates "
        "where tenth = 0 group by sla_code order by sla_code"
    ).fetchall()
    by_hand = con.execute(
        "with horizon as (select max(occurred_at) as at from marts.fct_order_events) "
        "select sla_code, count(*), count(*) filter (where "
        "coalesce(stopped_at, cancelled_at, _ended_at) is null "
        "or coalesce(stopped_at, cancelled_at, _ended_at) > due_at) "
        "from marts.fct_sla_clocks, horizon where due_at > started_at and sla_code in "
        "(select sla_code from policies.sla_policies where is_met_kept) "
        "and (_ended_at is not null or due_at <= horizon.at) group by sla_code order by sla_code"
    ).fetchall()
    assert counted == by_hand


def test_a_forecast_is_never_judged_on_what_it_learned_from(con: Any) -> None:
    judged, later = con.execute(
        "with decided as (select c.*, (select max(started_at) from marts.fct_sla_clocks) as newest "
        "from marts.fct_sla_clocks as c) select "
        "(select coalesce(sum(forecast_count), 0) from marts.agg_breach_calibration), "
        "10 * count(*) filter (where started_at >= newest - interval 14 day - interval 1 day) "
        "from decided"
    ).fetchone()
    assert judged <= later
    scores = con.execute(
        "select min(brier_score) >= 0 and max(brier_score) <= 1 "
        "and bool_and(breach_count <= forecast_count) from marts.agg_breach_calibration"
    ).fetchone()
    assert scores[0] in (True, None)


def _at_risk(con: Any, order_id: str) -> list[tuple]:
    return con.execute(
        "select opened_at, closed_at, why from marts.queue_items "
        "where queue_code = 'Q17' and order_id = ?",
        [order_id],
    ).fetchall()


def test_a_forecast_that_was_said_opens_the_case_with_what_it_rests_on(con: Any) -> None:
    [(opened_at, closed_at, why)] = _at_risk(con, SAID)
    assert (opened_at, closed_at) == (T + HOUR * 10, T + HOUR * 20)
    facts = {f["name"]: (f["value"], f["op"], f["threshold"]) for f in json.loads(why)["facts"]}
    assert facts["forecast_probability"] == ("0.61", "<=", "0.5")
    assert facts["forecast_count"] == ("340", None, None)
    assert facts["forecast_basis"] == ("taobao/weekday-3/quarter-1/tenth-2", None, None)


def test_what_was_taken_back_or_said_before_the_promise_opens_nothing(con: Any) -> None:
    assert _at_risk(con, UNDONE) == _at_risk(con, EARLY) == []


def test_the_warning_opens_the_case_where_it_comes_first(con: Any) -> None:
    [(opened_at, _, _)] = _at_risk(con, WARNED)
    assert opened_at == T + HOUR * 48 * 0.8


def test_a_case_without_a_forecast_speaks_of_none(con: Any) -> None:
    spoken = con.execute(
        "select count(*) filter (where why like '%forecast_%'), count(*) "
        "from marts.queue_items where queue_code = 'Q17'"
    ).fetchone()
    assert spoken[0] == 2 < spoken[1]
