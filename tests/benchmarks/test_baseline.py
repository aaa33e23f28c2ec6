"""The script written by hand and the marts answer alike: two ways from the rules to the figures."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.baseline import ANSWERS, COVERED_QUEUES, disagreements, run_baseline
from tests.support.homes import settings_of, small_built_template, templates_folder


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_built_template(templates_folder(tmp_path_factory))


def test_script_and_marts_agree_on_the_demo_business(marts: Path, tmp_path: Path) -> None:
    settings, answers = settings_of(marts), tmp_path / "answers.duckdb"
    run_baseline(settings.warehouse_path, settings.candidate_path, answers)
    assert disagreements(settings.candidate_path, answers) == {}
    with duckdb.connect(str(answers), read_only=True) as con:
        found = con.execute("select distinct queue_code from queue_items").fetchall()
        assert {code for (code,) in found} == set(COVERED_QUEUES), (
            "a queue nobody is in is compared in vain"
        )
        for mart in ANSWERS:
            assert con.execute(f"select count(*) from {mart}").fetchone() != (0,)


def test_one_wrong_figure_is_a_disagreement(marts: Path, tmp_path: Path) -> None:
    settings, answers = settings_of(marts), tmp_path / "answers.duckdb"
    run_baseline(settings.warehouse_path, settings.candidate_path, answers)
    with duckdb.connect(str(answers)) as con:
        con.execute("update fct_orders set captured_amount = captured_amount + 0.01 "
                    "where order_id = (select min(order_id) from fct_orders)")  # fmt: skip
        con.execute("delete from queue_items where queue_code = 'Q24'")
    found = disagreements(settings.candidate_path, answers)
    assert [row[0] for row in found["fct_orders"]] == ["marts", "script"]
    assert {row[1] for row in found["queue_items"]} == {"Q24"}
