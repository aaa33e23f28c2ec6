"""The forecast of breaches: what it learns from, how it leans, and that it is judged fairly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import marts
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
