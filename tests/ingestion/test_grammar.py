"""The text grammar: what passes is cast without loss, everything else is named and kept."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.engine import enter_shop, open_engine
from ingestion.grammar import CODES, text_check
from ingestion.reasons import REASONS, label
from ingestion.records.schema import DUCKDB_TYPES, Column, Kind

ENGINE = open_engine()
enter_shop(ENGINE, "s1", "Asia/Shanghai")


def passes(kind: Kind, text: str, name: str = "x", codes: tuple[str, ...] = ()) -> bool:
    check = text_check(Column(name=name, kind=kind, note="", codes=codes))
    query = f'select {check} from (select ?::varchar as "{name}")'
    return bool(ENGINE.execute(query, [text]).fetchone()[0])


GOOD = {
    Kind.MONEY: ["0", "1", "-3.50", "12345678901234.1234", "0.00020", "-0", "3.330"],
    Kind.QUANTITY: ["0.5", "-12"],
    Kind.INTEGER: ["0", "-7", "123456789012345678"],
    Kind.TIME: ["2026-01-31 23:59:59", "1970-01-01 00:00:00", "2026-01-01 00:00:00.123456"],
    Kind.BOOLEAN: ["true", "false"],
    Kind.ID: ["00123", "张-1", "a b"],
    Kind.JSON: ["{}", '{"a":[1]}'],
    Kind.CODE: ["sf", "顺丰"],
}
BAD = {
    Kind.MONEY: ["", "1,234.50", "1e3", "1_000", "007", "1.", ".5", "+1", "(12.00)", "¥1", "NaN",
                 "inf", "1.23456", "123456789012345", "１２", "1 ", "1\u00a0", "--1", "0x10",
                 "12.75元"],
    Kind.QUANTITY: ["1.23456", "3件"],
    Kind.INTEGER: ["12.75", "007", "1_000", "1e3", "１", "9999999999999999999", "-0.0", "1.0"],
    Kind.TIME: ["2025-02-30 00:00:00", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 24:00:00",
                "2026-01-01 00:00:60", "2026-01-01 00:00:00+08", "0001-01-01 00:00:00",
                "9999-01-01 00:00:00", "2026-13-01 00:00:00", "2026-1-1 0:0:0", "infinity", "now"],
    Kind.BOOLEAN: ["1", "yes", "TRUE"],
    Kind.ID: ["a\x00b", "a\nb", "x" * 600],
    Kind.JSON: ["{", "nope"],
    Kind.CODE: ["SF", "a\tb"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, ts in GOOD.items() for t in ts])
def test_good_text_passes_and_casts(kind: Kind, text: str) -> None:
    assert passes(kind, text)
    ENGINE.execute(f"select ?::{DUCKDB_TYPES[kind]}", [text]).fetchone()


@pytest.mark.parametrize(("kind", "text"), [(k, t) for k, ts in BAD.items() for t in ts])
def test_bad_text_does_not_pass(kind: Kind, text: str) -> None:
    assert not passes(kind, text)


def test_codes_are_a_closed_list_and_currencies_are_capitals() -> None:
    assert passes(Kind.CODE, "goods", codes=("goods", "fee"))
    assert not passes(Kind.CODE, "gift", codes=("goods", "fee"))
    assert passes(Kind.CODE, "CNY", name="currency_code")
    assert not passes(Kind.CODE, "cny", name="currency_code")


@given(st.text(st.sampled_from("0123456789.-+eE,_ ()NaN１"), max_size=22))
def test_money_that_passes_is_stored_exactly(text: str) -> None:
    if passes(Kind.MONEY, text):
        stored = ENGINE.execute("select ?::decimal(18, 4)", [text]).fetchone()[0]
        assert stored == Decimal(text)


@given(st.text(st.sampled_from("0123456789-: .T"), min_size=17, max_size=23))
def test_a_time_that_passes_is_stored_as_written(text: str) -> None:
    if passes(Kind.TIME, text):
        stored = ENGINE.execute("select ?::timestamp::varchar", [text]).fetchone()[0]
        assert stored.ljust(26, "0")[:19] == text[:19]


@given(st.datetimes(min_value=__import__("datetime").datetime(1970, 1, 1)))
def test_every_real_time_of_our_days_passes(moment) -> None:
    if moment.year <= 2099:
        assert passes(Kind.TIME, moment.isoformat(sep=" "))


def test_every_reason_is_documented_in_both_languages() -> None:
    assert set(CODES.values()) <= set(REASONS)
    assert all(label(code, "zh") != label(code, "en") for code in REASONS)


MACROS = {
    "cell('=\"0012\"')": "0012",
    "cell('\u3000 x\u00a0')": "x",
    "cell('  ')": None,
    "bare('`1')": "1",
    "bare('''138')": "138",
    "money('¥22.30')": "22.30",
    "money('-￥1,653.75')": "-1653.75",
    "money('(1,234.50)')": "-1234.50",
    "money('0元')": "0",
    "money('+5.00')": "5.00",
    # What is not understood comes back as it was.
    "money('1,23')": "1,23",
    "money('1e3')": "1e3",
    "money('235.61(已退款235.50)')": "235.61(已退款235.50)",
    "number('3件')": "3",
    "whole('17850.0')": "17850",
    "whole('17850.5')": "17850.5",
    "negated('-3.50')": "3.50",
    "negated('3')": "-3",
    "negated('x')": "x",
    "product('6', '3.39')": "20.34",
    "product('100', '1')": "100",
    "product('6', 'x')": "6*x",
    "product('6', null)": None,
    "total('1.10', '2.2')": "3.3",
    "difference('1', '3')": "-2",
    "summed(['1.5', '2'])": "3.5",
    "summed([])": None,
    "summed(['1', 'x'])": "x",
    "latest(['2026-01-01 00:00:00', null, '2025-01-01 00:00:00'])": "2026-01-01 00:00:00",
    "truth('是')": "true",
    "truth('0')": "false",
    "truth('maybe')": "maybe",
    "shop_id('7')": "s1-7",
    "unix('1600000000')": "2020-09-13 12:26:40",
    "scrubbed('call 138-0000-1111, a@b.cn')": "call ***, ***",
    "local('2026-01-02 03:04:05')": "2026-01-01 19:04:05",
    "local('2026/1/2 3:04')": "2026-01-01 19:04:00",
    "local('2026-01-02T03:04:05+02:00')": "2026-01-02 01:04:05",
    "local('2026-02-30 03:04:05')": "2026-02-30 03:04:05",
    # China had summer time in 1986.
    "local('1986-07-01 10:00:00')": "1986-07-01 01:00:00",
    # The gap is read with the offset before it, the doubled hour as standard time.
    "local_in('2025-03-30 01:30:00', 'Europe/London')": "2025-03-30 01:30:00",
    "local_in('2025-10-26 01:30:00', 'Europe/London')": "2025-10-26 01:30:00",
    "local_in('2025-11-02 01:30:00', 'America/New_York')": "2025-11-02 06:30:00",
    "local_in('2017-10-15 00:30:00', 'America/Sao_Paulo')": "2017-10-15 03:30:00",
    "utc('2026-01-02T03:04:05Z')": "2026-01-02 03:04:05",
    "utc('2008-01-10T11:00:00-05:00')": "2008-01-10 16:00:00",
    "utc('nonsense')": "nonsense",
    "array_to_string(pieces('No:1, 2;3'), '|')": "No:1|2|3",
}


@pytest.mark.parametrize(("expression", "value"), MACROS.items())
def test_macros_do_what_their_list_says(expression: str, value: str | None) -> None:
    assert ENGINE.execute(f"select {expression}").fetchone()[0] == value


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/x.csv'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "select * from ENGINE",
    ],
)
def test_a_mapping_reaches_nothing_but_its_rows(query: str) -> None:
    with pytest.raises(duckdb.Error):
        ENGINE.execute(query).fetchall()


@pytest.mark.parametrize(
    ("remark", "topics"),
    [
        ("麻烦改地址，发到公司", "address"),
        ("Please change the address and gift wrap it", "address,gift"),
        ("请开发票，晚点发", "invoice,later"),
        ("请尽快发货，谢谢", None),
        ("Please leave at the door", None),
        ("", None),
        (None, None),
    ],
)
def test_a_remark_says_what_it_asks_for(remark: str | None, topics: str | None) -> None:
    found = ENGINE.execute("select remark_topics(?::varchar)", [remark]).fetchone()
    assert found == (topics,)
