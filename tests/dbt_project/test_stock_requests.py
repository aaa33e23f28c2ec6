"""Stock decided in the house counts once, however often and in whatever order it is told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_project.fold import build, fingerprint, marts
from tests.dbt_project.request_facts import LOST, SENT, stock_decided
from tests.dbt_project.worlds import World


@pytest.fixture(scope="module")
def con(truth: World) -> Iterator[duckdb.DuckDBPyConnection]:
    with marts(truth) as con:
        yield con


def _on_hand(con: Any) -> dict[tuple[str, str], int]:
    rows = con.execute(
        "select sku, warehouse_id, on_hand_quantity from marts.fct_stock_positions "
        "where sku like 'SKU84%'"
    ).fetchall()
    return {(sku, place): int(quantity) for sku, place, quantity in rows}


EXPECTED = {
    ("SKU840", "WH1"): 170,
    ("SKU841", "WH1"): 140, ("SKU841", "WH2"): 40,
    ("SKU842", "WH1"): 150, ("SKU842", "WH2"): 50,
    ("SKU843", "WH1"): 140, ("SKU843", "WH2"): 58,
    ("SKU844", "WH1"): 193,
}  # fmt: skip


def test_what_was_agreed_counts_once_whoever_booked_it(con: Any) -> None:
    assert _on_hand(con) == EXPECTED


def test_every_movement_is_there_and_says_whether_it_counts(con: Any) -> None:
    rows = con.execute(
        "select movement_id, is_counted from marts.fct_stock_movements where sku like 'SKU84%'"
    ).fetchall()
    told = {
        values["movement_id"] for stream, values in stock_decided() if stream == "stock_movements"
    }
    assert {name for name, _ in rows} == told
    assert {name for name, counts in rows if not counts} == {"s840b", "s840c", "s841b", "s841c"}


def test_a_transfer_adds_up_to_what_is_under_way(con: Any) -> None:
    """Sent less arrived is on the way; what was given up is a loss where it was due."""
    pairs = con.execute(
        "select reference, sum(quantity) from marts.fct_stock_movements where is_counted "
        "and movement_type in ('transfer_in', 'transfer_out') and sku like 'SKU84%' "
        "group by reference having sum(quantity) <> 0"
    ).fetchall()
    assert [(name, int(quantity)) for name, quantity in pairs] == [(SENT, -20)]
    coming = con.execute(
        "select inbound_id, warehouse_id, quantity from marts.fct_stock_inbound "
        "where sku like 'SKU84%'"
    ).fetchall()
    assert [(name, place, int(n)) for name, place, n in coming] == [
        (f"transfer|{SENT}|SKU841", "WH2", 20)
    ]
    [(lost,)] = con.execute(
        "select sum(quantity) from marts.fct_stock_movements "
        "where reference = ? and movement_type = 'adjust'", [LOST],
    ).fetchall()  # fmt: skip
    assert int(lost) == -2


def test_the_bins_of_the_last_count_are_its_stock(con: Any) -> None:
    rows = con.execute(
        "select bin_id, on_hand_quantity from marts.fct_stock_bins where sku = 'SKU840' order by 1"
    ).fetchall()
    assert [(name, int(quantity)) for name, quantity in rows] == [("A01-1", 90), ("B02-1", 80)]
    wrong = con.execute(
        "select sku, warehouse_id from marts.fct_stock_positions as p where snapshot_quantity "
        "is distinct from (select sum(on_hand_quantity) from marts.fct_stock_bins as b "
        "where b.sku = p.sku and b.warehouse_id = p.warehouse_id)"
    ).fetchall()
    assert wrong == []
    [drift] = con.execute(
        "select drift_quantity from marts.fct_stock_positions where sku = 'SKU840'"
    ).fetchone()
    assert drift == 0


def test_as_of_sees_the_same(con: Any) -> None:
    rows = con.execute(
        "select sku, warehouse_id, on_hand_quantity from marts.stock_at("
        "timestamp '2099-01-01', timestamp '2099-01-01') where sku like 'SKU84%'"
    ).fetchall()
    assert {row[:2]: int(row[2]) for row in rows} == EXPECTED


@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_told_in_any_order_and_in_steps_it_is_the_same(tmp_path: Path, seed: int) -> None:
    """Also where the warehouse's booking is known before what it books."""
    facts = stock_decided()
    random.Random(seed).shuffle(facts)
    world = World(home=tmp_path)
    for number in range(3):
        world.deliver(*facts[number::3], *facts[: number * 2])
        build(world, from_seq=number if number else None)
    in_steps = fingerprint(world)
    with marts(world) as con:
        assert _on_hand(con) == EXPECTED
    build(world)
    assert in_steps == fingerprint(world)
