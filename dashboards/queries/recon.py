"""Reconciliation: totals of both sides, what matched, and every difference with its cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dashboards.reader import Reader, Where

AMOUNTS = (
    "left_amount", "right_amount", "matched_amount", "break_amount", "explained_amount",
    "unexplained_amount",
)  # fmt: skip
SHOWN = (
    "break_id", "recon_code", "recon_date", "break_type", "match_key", "order_id", "party",
    "left_amount", "right_amount", "difference_amount", "currency_code", "explanation_code",
    "seen_at", "opened_at", "channel", "shop_id",
)  # fmt: skip
COUNTS = ("left_count", "right_count", "matched_count", "break_count")


def kinds(reader: Reader) -> list[str]:
    rows = reader.query(
        "select distinct recon_code from marts.agg_recon_totals "
        "union select distinct recon_code from marts.fct_recon_breaks"
    )
    # RC2 before RC16.
    return sorted((row["recon_code"] for row in rows), key=lambda code: (len(code), code))


def _where(recon_code: str, first: date, last: date) -> Where:
    where = Where().also("recon_code = ?", recon_code)
    return where.also("recon_date between ? and ?", first, last)


def totals(reader: Reader, recon_code: str, first: date, last: date) -> list[dict[str, Any]]:
    """Sums by currency over the days; one more row a currency, never across."""
    columns = reader.columns("agg_recon_totals", (*COUNTS, *AMOUNTS))
    where = reader.scope("agg_recon_totals", _where(recon_code, first, last))
    sums = ", ".join(f"sum({name}) as {name}" for name in columns)
    sql = (
        f"select currency_code, {sums} from marts.agg_recon_totals "  # noqa: S608
        f"where {where.sql} group by currency_code order by currency_code"
    )
    return reader.query(sql, where.params)


def by_day(reader: Reader, recon_code: str, first: date, last: date) -> list[dict[str, Any]]:
    return reader.select(
        "agg_recon_totals",
        ("recon_date", "currency_code", *COUNTS, *AMOUNTS),
        _where(recon_code, first, last),
        order="recon_date desc, currency_code",
        limit=400,
    )


def _state(relation: str) -> str:
    """What is open and not yet a case is in suspense: the other side still has time."""
    name = f"{relation}.state_code"
    return f"case when {name} = 'OPEN' and {relation}.opened_at > ? then 'SUSPENSE' else {name} end"


def _episode(relation: str) -> str:
    """The case a decision is about: the open one, else the last there was; 0, if none ever was."""
    return (
        f"coalesce({relation}.episode_number, (select max(t.episode_number) "  # noqa: S608
        f"from marts.fct_recon_turns as t where t.break_id = {relation}.break_id), 0)"
    )


def _item_id(relation: str) -> str:
    return f"md5('Q33|recon_break|' || {relation}.break_id || '|' || {_episode(relation)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which differences: of one reconciliation and some days, in one state or ('') in any."""

    recon_code: str
    first: date
    last: date
    now: datetime
    state: str = ""


def breaks(reader: Reader, asked: Asked, *, limit: int, offset: int = 0) -> list[dict[str, Any]]:
    """Differences of the days, the oldest first, each with the case it is."""
    names = ", ".join(f"b.{name}" for name in reader.columns("fct_recon_breaks", SHOWN))
    where = reader.scope("fct_recon_breaks", _where(asked.recon_code, asked.first, asked.last))
    sql = (
        f"select {names}, {_state('b')} as state_code, "  # noqa: S608  constants and allowed names
        f"date_diff('day', b.seen_at, ?::timestamp) as age_days, {_item_id('b')} as item_id "
        f"from (select * from marts.fct_recon_breaks where {where.sql}) as b "
        f"where (? = '' or {_state('b')} = ?) order by b.seen_at, b.break_id limit ? offset ?"
    )
    now, state = asked.now, asked.state
    return reader.query(sql, [now, now, *where.params, state, now, state, limit, offset])


def states(reader: Reader, asked: Asked) -> dict[str, int]:
    """state -> how many differences of the days are in it."""
    reader.columns("fct_recon_breaks")
    where = reader.scope("fct_recon_breaks", _where(asked.recon_code, asked.first, asked.last))
    rows = reader.query(
        f"select {_state('b')} as state_code, count(*) as n "  # noqa: S608  constants
        f"from (select * from marts.fct_recon_breaks where {where.sql}) as b group by 1",
        [asked.now, *where.params],
    )
    return {row["state_code"]: row["n"] for row in rows}


def ages(reader: Reader, recon_code: str, now: datetime) -> list[dict[str, Any]]:
    """Open differences, whatever their day, by currency and band of age."""
    reader.columns("fct_recon_breaks", ("unexplained_amount", "currency_code"))
    open_ones = Where().also("recon_code = ? and state_code = 'OPEN'", recon_code)
    where = reader.scope("fct_recon_breaks", open_ones.also("opened_at <= ?", now))
    return reader.query(
        f"select b.currency_code, bands.band_code, count(*) as break_count, "  # noqa: S608
        f"sum(abs(b.unexplained_amount)) as unexplained_amount "
        f"from (select *, date_diff('day', seen_at, ?::timestamp) as age_days "
        f"from marts.fct_recon_breaks where {where.sql}) as b "
        "inner join policies.recon_age_bands as bands on b.age_days >= bands.from_days "
        "and (bands.to_days is null or b.age_days <= bands.to_days) "
        "group by b.currency_code, bands.band_code, bands.from_days "
        "order by b.currency_code, bands.from_days",
        [now, *where.params],
    )


def turns(reader: Reader, break_id: str) -> list[dict[str, Any]]:
    """What became of one difference, the first first."""
    rows = reader.select(
        "fct_recon_turns", None, Where().also("break_id = ?", break_id), order="turn_number"
    )
    return [row | {"decided_as": row.get("reason_code")} for row in rows]


def suggestions(reader: Reader, recon_code: str, *, limit: int) -> list[list[dict[str, Any]]]:
    """Matches that wait for somebody, the best first; each the list of its differences."""
    names = ", ".join(f"s.{name}" for name in reader.columns("fct_recon_suggestions"))
    wanted = Where().also("recon_code = ? and not is_rejected", recon_code)
    where = reader.scope("fct_recon_suggestions", wanted)
    rows = reader.query(
        f"select {names}, b.state_code, {_item_id('b')} as item_id "  # noqa: S608
        "from marts.fct_recon_suggestions as s "
        "inner join marts.fct_recon_breaks as b on s.break_id = b.break_id "
        f"where s.suggestion_id in (select suggestion_id from marts.fct_recon_suggestions "
        f"where {where.sql} group by suggestion_id order by max(score) desc, suggestion_id limit ?)"
        " order by s.score desc, s.suggestion_id, s.member_number",
        [*where.params, limit],
    )
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["suggestion_id"], []).append(row)
    return list(found.values())


def parts(reader: Reader, case_id: str, now: datetime) -> list[dict[str, Any]]:
    """Differences that are open in a case of several; none for a case that is one."""
    wanted = Where().also("case_id = ? and break_id <> case_id", case_id)
    where = reader.scope("fct_recon_breaks", wanted.also("state_code = 'OPEN'"))
    return reader.query(
        f"select {_item_id('b')} as item_id, b.break_id, b.recon_code, b.match_key, "  # noqa: S608
        "b.order_id, b.shop_id, b.left_amount, b.right_amount from "
        f"(select * from marts.fct_recon_breaks where {where.sql} and opened_at <= ?) as b "
        "order by b.match_key",
        [*where.params, now],
    )


def decides(reader: Reader, recon_code: str) -> bool:
    """Whether finance decides about these differences; the rest are cases of other queues."""
    rows = reader.query(
        "select 1 as found from policies.recon_definitions "
        "where recon_code = ? and queue_code = 'Q33'",
        [recon_code],
    )
    return bool(rows)
