"""The snapshot: what the pointer names, nothing else, and no way out of it."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest

from dashboards.reader import Reader, Where
from dashboards.warehouse import NoSnapshot, current_snapshot, last_attempt
from orderhouse.access import get_policy
from orderhouse.ledger import Denied
from orderhouse.settings import get_settings
from tests.support.snapshot import publish

FORBIDDEN = [
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/hostname')",
    "attach '/tmp/other.duckdb' as other",
    "copy (select 1) to '/tmp/out.csv'",
    "set enable_external_access = true",
    "set memory_limit = '1TB'",
    "install httpfs",
    "delete from marts.fct_orders",
    "create table marts.mine as select 1",
]


def _reader(role: str, shops: tuple[str, ...] | None = None) -> Reader:
    return Reader(current_snapshot(get_settings()), get_policy(), (role,), shops)


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_a_query_cannot_leave_the_snapshot(home: Path, sql: str) -> None:
    with pytest.raises(duckdb.Error):
        current_snapshot(get_settings()).rows(sql)


def test_a_python_variable_is_not_a_table(home: Path) -> None:
    secret = [{"a": 1}]
    assert secret
    with pytest.raises(duckdb.Error):
        current_snapshot(get_settings()).rows("select * from secret")


def test_the_pointer_decides_which_build_is_read(home: Path) -> None:
    first = current_snapshot(get_settings())
    assert current_snapshot(get_settings()) is first
    publish(home, build_id="b002")
    second = current_snapshot(get_settings())
    assert (first.build_id, second.build_id) == ("b001", "b002")
    assert first.rows("select count(*) as n from marts.fct_orders")[0]["n"] > 0


@pytest.mark.parametrize("name", ["../ledger.db", "serving-x/../../a", "ledger.db", ""])
def test_a_pointer_to_anything_else_is_not_followed(home: Path, name: str) -> None:
    (home / "serving" / "current").write_text(name, encoding="utf-8")
    with pytest.raises(NoSnapshot):
        current_snapshot(get_settings())


def test_threads_read_side_by_side(home: Path) -> None:
    snapshot, failures = current_snapshot(get_settings()), []

    def read() -> None:
        try:
            for _ in range(20):
                snapshot.rows("select channel, count(*) as n from marts.fct_orders group by all")
        except duckdb.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_column_of_another_post_is_not_in_the_query(home: Path) -> None:
    rows = _reader("inventory").select("fct_orders", limit=1)
    assert not {"buyer_phone_masked", "payable_amount", "buyer_phone_index"} & rows[0].keys()
    assert "payable_amount" in _reader("finance").select("fct_orders", limit=1)[0]
    with pytest.raises(Denied):
        _reader("ops_lead").select("contacts", limit=1)
    with pytest.raises(Denied):
        _reader("ops_lead").select("fct_quarantine", ["raw_cipher"], limit=1)


def test_a_shop_sees_its_own_rows_in_every_relation(home: Path) -> None:
    everything, mine = _reader("ops_lead"), _reader("ops_lead", ("tb-outlet",))
    for relation in ("fct_orders", "queue_items", "agg_daily_channel_orders"):
        where = Where().also("shop_id = ?", "tb-outlet")
        assert mine.count(relation) == everything.count(relation, where) > 0
    for relation in ("fct_order_lines", "fct_order_states", "fct_payments"):
        assert 0 < mine.count(relation) < everything.count(relation)
    assert mine.count("agg_recon_totals") == 0


def test_the_last_attempt_is_read_or_is_not_there(home: Path) -> None:
    attempt = last_attempt(get_settings())
    assert attempt is not None and attempt.ok
    (home / "serving" / "last_attempt.json").write_text("{half", encoding="utf-8")
    assert last_attempt(get_settings()) is None
