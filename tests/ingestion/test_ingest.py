"""Ingest: nothing lost, nothing twice, in any order, after any crash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion import mapping as mappings
from ingestion.ingest import load_records
from orderhouse.settings import PROJECT_ROOT, Settings
from tests.ingestion.conftest import NOW, RECEIVED, Home, deliver, movement, movements

FEW = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_a_file_becomes_records_and_a_load(home: Home) -> None:
    file_id = home.land(movements(movement(n) for n in range(3)))
    report = home.ingest()
    assert (report.read, report.recorded, report.new_streams) == (3, 3, {"stock_movements"})
    assert home.rows(
        "select record_key, source, shop_id, zone_assumed, quantity::int, moved_at::varchar,"
        " file_id, row_number, byte_from, byte_to from records.stock_movements order by 1 limit 1"
    ) == [("s1-M0", "wms", "s1", "Asia/Shanghai", 5, "2026-11-01 02:00:00", file_id, 1, 74, 120)]
    home.check_accounts()


def test_loading_again_changes_nothing(home: Home) -> None:
    home.land(movements([movement(1)]))
    home.ingest()
    before = home.content()
    home.land(movements([movement(1)]), name="other name")
    assert home.ingest().files == 0
    assert home.content() == before


def test_a_bad_value_quarantines_its_row_only(home: Home) -> None:
    home.land(movements([movement(1), movement(2, quantity="1e3"), movement(3)]))
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (2, 1)
    assert home.rows(
        "select reason_code, column_name, stream, row_number, raw_masked, state from ops.quarantine"
    ) == [
        ("bad_quantity", "quantity", "stock_movements", 2,
         "a9,aaa9,aa9,,aaaaaaa,9a9,9999-99-99 99:99:99,,,", "open")
    ]  # fmt: skip
    home.check_accounts()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (movement(1).replace("RECEIPT", "GIVEAWAY"), "bad_code"),
        (movement(1, moved_at="2026-02-30 00:00:00"), "bad_time"),
        (movement(1).replace("WH1", ""), "required_missing"),
        (movement(1) + ",x", "ragged_row"),
        (movement(1).replace("WH1", "W\x00"), "nul_byte"),
        (movement(1).replace("WH1", '"WH1'), "unterminated_quote"),
        (movement(1, moved_at="2026-11-25 00:00:00"), "future_time"),
    ],
)
def test_each_fault_has_its_reason(home: Home, line: str, code: str) -> None:
    home.land(movements([line, movement(2)]))
    home.ingest()
    assert home.rows("select reason_code from ops.quarantine") == [(code,)]
    assert home.rows("select count(*) from records.stock_movements") == [(1,)]
    home.check_accounts()


def test_clocks_may_differ_by_a_quarter_of_an_hour(home: Home) -> None:
    local = RECEIVED + timedelta(hours=8)
    early, late = local + timedelta(minutes=15), local + timedelta(minutes=16)
    home.land(movements([movement(1, moved_at=str(early)), movement(2, moved_at=str(late))]))
    home.ingest()
    assert home.rows("select movement_id from records.stock_movements") == [("s1-M1",)]


def test_an_archive_may_speak_of_any_time(home: Home) -> None:
    home.land(movements([movement(1, moved_at="2030-01-01 00:00:00")]))
    assert home.ingest(tolerance=None).recorded == 1


def test_an_unknown_layout_is_quarantined_whole(home: Home) -> None:
    home.land(b"x,y\n1,2\n")
    home.ingest()
    assert home.rows("select reason_code from ops.quarantine") == [("schema_mismatch",)] * 2
    assert home.rows("select state, layout from ops.files") == [("unrecognised", None)]
    home.check_accounts()


def test_an_empty_file_is_a_load_of_nothing(home: Home) -> None:
    home.land(b"")
    assert (home.ingest().files, home.ingest().files) == (1, 0)
    home.check_accounts()


def test_one_bad_file_does_not_stop_the_others(home: Home) -> None:
    home.land(os.urandom(500))
    home.land(movements([movement(1)]))
    assert home.ingest().recorded == 1
    home.check_accounts()


def test_a_file_whose_landed_copy_is_damaged_is_named_and_waits(home: Home) -> None:
    file_id = home.land(movements([movement(1)]))
    path = home.settings.landing_dir / "files" / file_id[:2] / file_id
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert set(home.ingest().failed) == {file_id}
    path.write_bytes(whole)
    assert home.ingest().recorded == 1


@FEW
@given(data=st.data())
def test_order_batches_names_and_repeats_do_not_matter(homes, data: st.DataObject) -> None:
    files = [
        movements([movement(n) for n in range(first, first + 4)] + [movement(first, "x")])
        for first in range(0, 15, 3)
    ]
    expected = homes()
    for file in files:
        expected.land(file)
    expected.ingest()
    tried = homes()
    deliveries = data.draw(st.permutations(files + files[:2]))
    cut = data.draw(st.integers(0, len(deliveries)))
    for number, part in enumerate((deliveries[:cut], deliveries[cut:])):
        for place, file in enumerate(part):
            tried.land(file, name=f"{number}-{place}")
        tried.ingest()
    assert tried.content() == expected.content()
    tried.check_accounts()


@FEW
@given(place=st.integers(0, 10_000), piece=st.binary(max_size=4))
def test_a_mutated_file_is_accounted_for(homes, place: int, piece: bytes) -> None:
    home = homes()
    whole = movements(movement(n) for n in range(6))
    place %= len(whole)
    home.land(whole[:place] + piece + whole[place + len(piece) // 2 :])
    home.ingest()
    home.check_accounts()


def test_replay_moves_a_row_to_the_records_once(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.land(movements([movement(1), movement(2, quantity="7 boxes"), movement(3, "x")]))
    home.ingest()
    assert home.replay() == 0
    text = (mappings.SOURCES / "wms" / "mapping.yml").read_text()
    fixed = text.replace("quantity: number(qty)", "quantity: \"replace(qty, ' boxes', '')\"")
    monkeypatch.setattr(
        "ingestion.replay.load_mapping", lambda n, _: mappings.parse_mapping(n, fixed)
    )
    assert home.replay() == 1
    assert home.replay() == 0
    assert home.rows("select movement_id from records.stock_movements order by 1") == [
        ("s1-M1",),
        ("s1-M2",),
    ]
    assert home.rows("select state, replayed_load_seq from ops.quarantine order by row_number") == [
        ("replayed", 2),
        ("open", None),
    ]
    assert home.rows("select load_seq, records_recorded from ops.loads order by 1") == [
        (1, 1),
        (2, 1),
    ]
    home.check_accounts()


def test_a_mapping_that_fails_on_a_row_blames_the_row(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (mappings.SOURCES / "wms" / "mapping.yml").read_text()
    risky = text.replace("quantity: number(qty)", "quantity: qty::tinyint")
    monkeypatch.setattr(
        "ingestion.ingest.load_mapping", lambda n, _: mappings.parse_mapping(n, risky)
    )
    home.land(movements([movement(1, "5"), movement(2, "700"), movement(3, "6")]))
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (2, 1)
    assert home.rows("select reason_code, row_number from ops.quarantine") == [("mapping_error", 2)]


DECISION = {
    "decision_id": "d1",
    "verb": "claim",
    "decided_at": "2026-11-20 10:00:00",
    "actor_id": "u1",
    "source_sequence": 7,
}


def test_decisions_load_once(home: Home) -> None:
    rows = [DECISION, DECISION | {"decision_id": "d2", "source_sequence": 8}]
    load = {"source": "ledger", "now": NOW}
    assert load_records(home.settings, "decisions", rows[:1], **load) == 1
    assert load_records(home.settings, "decisions", rows, **load) == 1
    assert load_records(home.settings, "decisions", rows, **load) == 0
    assert home.rows("select record_key, source_sequence from records.decisions order by 1") == [
        ("d1", 7),
        ("d2", 8),
    ]
    home.check_accounts()


def test_a_stream_with_a_key_of_several_parts_loads_once_too(home: Home) -> None:
    counted = {
        "count_line_id": "OHS-1", "count_id": "OHS-1", "count_step": "counted",
        "event_at": "2026-11-20 10:00:00", "sku": "SKU1", "warehouse_id": "WH1",
        "source_sequence": 7,
    }  # fmt: skip
    rows = [counted, counted | {"count_step": "approved", "source_sequence": 8}]
    load = {"source": "ledger", "now": NOW}
    assert load_records(home.settings, "stock_counts", rows, **load) == 2
    assert load_records(home.settings, "stock_counts", rows, **load) == 0
    assert home.rows("select record_key from records.stock_counts order by 1") == [
        ("OHS-1|approved",), ("OHS-1|counted",),
    ]  # fmt: skip
    home.check_accounts()


def test_a_snapshot_that_tells_bins_is_a_record_a_bin(home: Home) -> None:
    head = "warehouse,sku,lot,bin,taken_at,on_hand\n"
    at = "2026-11-20 08:00:00"
    home.land(f"{head}WH1,SKU1,,A01-1,{at},5\nWH1,SKU1,,A01-4,{at},2\n".encode())
    home.ingest()
    home.land(f"warehouse,sku,taken_at,on_hand\nWH1,SKU2,{at},3\n".encode(), name="plain")
    home.ingest()
    rows = "select sku, bin_id, on_hand_quantity::int, record_key from records.stock_snapshots"
    told = home.rows(f"{rows} order by 1, 2")
    assert [row[:3] for row in told] == [
        ("SKU1", "A01-1", 5), ("SKU1", "A01-4", 2), ("SKU2", None, 3),
    ]  # fmt: skip
    assert len({row[3] for row in told}) == 3
    home.check_accounts()


def test_the_sums_beside_a_bill_are_skipped_whole_and_no_work_for_anybody(home: Home) -> None:
    head = (
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,商家实收（元）,"
        "支付宝优惠（元）,商家优惠（元）,卡消费金额（元）,服务费（元）,分润（元）,实收净额（元）"
    )
    sums = "3,0,9.99,9.93,0.00,0.06,0.00,-0.06,0.00,9.87"
    text = f"#支付宝业务汇总查询\n{head}\n01,一号店,{sums}\n合计,,{sums}\n#业务汇总列表结束\n"
    home.land(text.encode("gb18030"), source="alipay", name="业务明细(汇总).csv")
    home.ingest()
    assert home.rows("select layout, records_recorded, records_quarantined from ops.loads") == [
        ("summary", 0, 0)
    ]
    home.check_accounts()


def test_a_decision_that_breaks_the_grammar_is_quarantined(home: Home) -> None:
    bad = DECISION | {"decided_at": "yesterday"}
    assert load_records(home.settings, "decisions", [bad], source="ledger", now=NOW) == 0
    assert home.rows("select reason_code from ops.quarantine") == [("bad_time",)]
    home.check_accounts()


FAILPOINTS = [
    "landing.after_keys", "landing.before_sync", "landing.after_rename", "landing.after_write",
    "landing.after_pending", "store.before_begin", "store.after_records",
    "store.after_quarantine", "store.before_commit", "store.after_commit", "landing.after_mark",
]  # fmt: skip

# One process loads the libraries; a child per failpoint works in a home of its own until it dies.
SCRIPT = """
import json, os, sys
from pathlib import Path
from orderhouse.settings import get_settings
from tests.ingestion.conftest import Home, deliver
base, statuses = Path(sys.argv[1]), {}
for point in sys.argv[2:]:
    child = os.fork()
    if not child:
        os.environ["ORDERHOUSE_HOME"] = str(base / point)
        os.environ["ORDERHOUSE_FAILPOINT"] = point
        get_settings.cache_clear()
        deliver(Home(get_settings()))
        os._exit(0)
    statuses[point] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps(statuses))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    base = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", SCRIPT, str(base), *FAILPOINTS]
    done = subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True, text=True)
    return base, json.loads(done.stdout)


@pytest.mark.parametrize("point", FAILPOINTS)
def test_a_kill_at_any_point_leaves_nothing_to_repair(
    killed: tuple[Path, dict[str, int]], point: str
) -> None:
    base, statuses = killed
    assert statuses[point] == -signal.SIGKILL
    home = Home(Settings(home=base / point))
    deliver(home)
    home.check_accounts()
    assert home.rows(
        "select count(*), count(distinct record_key) from records.stock_movements"
    ) == [(4, 4)]
    assert home.rows("select count(*), count(distinct file_id) from ops.loads") == [(2, 2)]


def test_a_warehouse_of_an_older_house_gets_what_is_new(home: Home) -> None:
    """A table and a column that were not there yet; what is recorded stays."""
    deliver(home)
    before = home.content()
    with duckdb.connect(str(home.settings.warehouse_path)) as warehouse:
        warehouse.execute("alter table records.stock_movements drop column warehouse_id")
        warehouse.execute("drop table records.orders")
        warehouse.execute("drop table ops.control_totals")
    assert home.rows("select count(*) from records.orders") == [(0,)]
    assert home.rows("select count(*) from ops.control_totals") == [(0,)]
    assert home.rows("select count(*) from records.stock_movements where warehouse_id is null") == [
        (4,)
    ]
    after = home.content()
    assert {name for name in before if after[name] != before[name]} == {"stock_movements"}
