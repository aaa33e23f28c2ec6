"""A shop says what its mapping cannot know; what held when a file landed holds for good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingestion.errors import LandingError
from ingestion.landing import Landing
from ingestion.mapping import SOURCES, load_mapping, source_names
from ingestion.parameters import FILE_NAME, ParametersError
from ingestion.shaping_sql import words
from orderhouse.privacy import open_privacy
from orderhouse.settings import Settings
from tests.ingestion.conftest import RECEIVED, Home

CHARGE = {
    "id": "ch_1", "object": "charge", "amount": 1200, "amount_refunded": 0, "currency": "eur",
    "created": 1793000000, "captured": True, "paid": True, "status": "succeeded",
    "metadata": {"order_id": "7"}, "refunded": False, "balance_transaction": "txn_1",
}  # fmt: skip


@contextmanager
def landing_of(home: Home) -> Iterator[Landing]:
    privacy = open_privacy(home.settings)
    try:
        yield Landing(home.settings.landing_dir, privacy)
    finally:
        privacy.vault.close()


def land(home: Home, data: bytes, shop: str = "s1", **given: str) -> None:
    with landing_of(home) as landing:
        landing.land_bytes("f", data, source="stripe", shop=shop, received_at=RECEIVED, given=given)


def charge(number: int = 1) -> bytes:
    return json.dumps(CHARGE | {"id": f"ch_{number}"}).encode()


def say(home: Home, text: str) -> None:
    home.settings.root.mkdir(parents=True, exist_ok=True)
    (home.settings.root / FILE_NAME).write_text(text)


PAYMENTS = "select order_id, count(*) from records.payments group by 1 order by 1"


def test_each_shop_of_a_batch_is_read_by_its_own_parameters(home: Home) -> None:
    say(home, 'shops:\n  eu:\n    stripe: {is_only_word: "yes", order_shop: web}\n'
              '  us:\n    stripe: {is_only_word: "yes"}\n')  # fmt: skip
    for number, shop in enumerate(("eu", "us", "other")):
        land(home, charge(number), shop)
    assert home.ingest().quarantined == 0
    home.check_accounts()
    assert home.rows(PAYMENTS) == [("us-7", 1), ("web-7", 1)]


def test_what_is_said_at_a_landing_comes_before_what_the_home_says(home: Home) -> None:
    say(home, 'shops: {s1: {stripe: {is_only_word: "yes", order_shop: web}}}')
    land(home, charge(1), order_shop="till")
    land(home, charge(2))
    home.ingest()
    assert home.rows(PAYMENTS) == [("till-7", 1), ("web-7", 1)]


def test_a_file_is_read_again_as_it_was_meant_when_it_landed(homes) -> None:
    calm, changed = homes(), homes()
    for home in (calm, changed):
        say(home, 'shops: {s1: {stripe: {is_only_word: "yes", order_shop: web}}}')
        land(home, charge(1))
        # A bad row, which is tried again later.
        land(home, json.dumps([CHARGE | {"id": "ch_9", "amount": "x"}]).encode())
    say(changed, 'shops: {s1: {stripe: {is_only_word: "no", order_shop: other}}}')
    for home in (calm, changed):
        home.ingest()
        home.replay()
    assert changed.content() == calm.content()
    assert changed.rows(PAYMENTS) == [("web-7", 1)]


def test_landing_again_changes_nothing_and_with_other_parameters_is_refused(home: Home) -> None:
    land(home, charge(1), is_only_word="yes")
    land(home, charge(1))
    land(home, charge(1), is_only_word="yes")
    with pytest.raises(LandingError, match=r"other parameters before \(is_only_word=yes\)"):
        land(home, charge(1), is_only_word="no")


def test_files_that_landed_before_there_were_parameters_are_known(home: Home) -> None:
    land(home, charge(1))
    [path] = (home.settings.landing_dir / "pending").glob("*.json")
    row = json.loads(path.read_text())
    del row["parameters"]
    path.write_text(json.dumps(row))
    assert home.ingest().files == 1


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("shops: {s1: {stripe: {is_only_wrod: 'yes'}}}",
         r"sources\.yml: shops\.s1\.stripe: .*is_only_wrod; it has: is_only_word"),
        ("shops: {s1: {stripe: {is_only_word: yes}}}", r"s1\.stripe\.is_only_word: .*in quotes"),
        ("shops: {s1: [stripe]}", "s1 is no mapping"),
        ("shops: {s1: stripe: x}", r"no YAML \(line 1\)"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_names_its_place(home: Home, text: str, mistake: str) -> None:
    say(home, text)
    with pytest.raises(ParametersError, match=mistake):
        land(home, charge(1))


def test_other_shops_and_sources_are_not_touched(home: Home) -> None:
    say(home, 'shops: {s2: {stripe: {nothing: "x"}}, s1: {wms: {}}}')
    land(home, charge(1))
    assert home.ingest().files == 1


def test_a_parameter_that_is_not_there_is_told_at_the_landing(home: Home) -> None:
    with pytest.raises(ParametersError, match="--set: stripe has no parameter x"):
        land(home, charge(1), x="1")


def test_the_command_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from orderhouse.settings import get_settings
    from pipelines.cli import app

    monkeypatch.setenv("ORDERHOUSE_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    (tmp_path / "f.json").write_bytes(charge(1))
    asked = ["land", str(tmp_path / "f.json"), "--source", "stripe", "--shop", "s1", "--set"]
    assert CliRunner().invoke(app, [*asked, "is_only_word=yes"]).exit_code == 0
    home = Home(Settings(home=tmp_path / "home"))
    home.ingest()
    get_settings.cache_clear()
    assert home.rows(PAYMENTS) == [("s1-7", 1)]


def test_refunds_of_taobao_are_counted_once_whichever_export_says_them(home: Home) -> None:
    assert load_mapping("taobao").parameters["refunds_from_orders"] == "yes"
    say(home, 'shops: {s1: {taobao: {refunds_from_orders: "no"}}}')
    orders = (
        "订单编号,总金额,订单状态,订单创建时间,退款金额\n"
        "77,100.00,交易成功,2026-11-01 10:00:00,40.00\n"
    )
    refunds = (
        "订单编号,退款编号,退款的申请时间,退款状态,买家退款金额,退款完结时间,发货物流信息\n"
        "77,R1,2026-11-03 10:00:00,退款成功,40.00,2026-11-06 10:00:00,中通\n"
    )
    for text in (orders, refunds):
        home.land(text.encode(), source="taobao")
    assert home.ingest().quarantined == 0
    assert home.rows(
        "select refund_id, refund_status, refunded_at::varchar from records.refunds order by 2"
    ) == [("s1-R1", "requested", "2026-11-03 02:00:00"),
          ("s1-R1", "succeeded", "2026-11-06 02:00:00")]  # fmt: skip


@pytest.mark.parametrize("source", source_names())
def test_each_parameter_is_used_and_told(source: str) -> None:
    mapping, text = load_mapping(source), (SOURCES / source / "README.md").read_text()
    used = {word for table in mapping.tables for word in words(table)}
    for name in mapping.parameters:
        assert name in used, f"sources/{source}/mapping.yml: nothing depends on {name}"
        assert f"`{name}`" in text or f"`{name}: " in text, f"sources/{source}/README.md: {name}"
