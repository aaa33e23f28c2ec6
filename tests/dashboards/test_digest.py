"""The digest: one day beside two others, each post its own, the same on the page and in files."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.digest import digest_of, folder, words_of, write_all, yesterday
from dashboards.queries.kpis import Kpis, offered
from dashboards.queries.overview import CONVERTED, Period, Slice
from dashboards.reader import Reader
from dashboards.warehouse import Snapshot, current_snapshot
from orderhouse.access import get_policy
from orderhouse.settings import Settings
from tests.support.homes import built_template, copy_of, run_cli, settings_of, templates_folder
from tests.support.people import NOW

POLICY = get_policy()
DAY = date(2026, 6, 28)
GIVEN = [role for role in POLICY.roles if POLICY.digest_of([role])]
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_template(templates_folder(tmp_path_factory))


@pytest.fixture(scope="module")
def settings(template: Path) -> Settings:
    return settings_of(template)


@pytest.fixture(scope="module")
def snapshot(settings: Settings) -> Snapshot:
    return current_snapshot(settings)


def _day(snapshot: Snapshot, metric: str, day: date) -> object:
    run = Kpis(Reader(snapshot, POLICY, ("ops_lead",), None), "Asia/Shanghai", "CNY")
    kpi = next(kpi for kpi in offered(run.reader) if kpi.code == metric)
    return run.figure(kpi, Slice(period=Period(first=day, last=day), currency=CONVERTED)).value


def test_a_digest_sets_the_day_beside_the_day_and_the_week_before(
    snapshot: Snapshot, settings: Settings
) -> None:
    report = digest_of(snapshot, settings, POLICY, ["ops_lead"], DAY)
    orders = report.sections[0]
    row = next(row for row in orders.rows if row[0].value == "placed_orders")
    days = (DAY, DAY - timedelta(days=1), DAY - timedelta(days=7))
    assert [cell.value for cell in row[1:]] == [_day(snapshot, "placed_orders", d) for d in days]
    by_hand = snapshot.rows(
        "select count(*) as n from marts.fct_orders where placed_date = ?", [DAY]
    )
    assert row[1].value == by_hand[0]["n"] > 0


@pytest.mark.parametrize(
    ("code", "metric"),
    [("digest_by_queue", "queue_inflow"), ("digest_by_level", "sla_breaches"),
     ("digest_by_recon", "recon_breaks")],
)  # fmt: skip
def test_counts_by_code_add_up_to_the_figure_of_the_day(
    code: str, metric: str, snapshot: Snapshot, settings: Settings
) -> None:
    report = digest_of(snapshot, settings, POLICY, ["ops_lead"], DAY)
    table = next(section for section in report.sections if section.code == code)
    for at, days in ((1, 0), (2, 1), (3, 7)):
        whole = _day(snapshot, metric, DAY - timedelta(days=days))
        assert sum(row[at].value for row in table.rows) == whole


@pytest.mark.parametrize("role", GIVEN)
def test_a_post_reads_of_its_own_queues_and_of_no_money_it_may_not_see(
    role: str, snapshot: Snapshot, settings: Settings
) -> None:
    report = digest_of(snapshot, settings, POLICY, [role], DAY)
    queues = POLICY.roles[role].queues
    for section in report.sections:
        cells = [cell for row in section.rows for cell in row]
        if not POLICY.sees([role], "money"):
            assert "money" not in {cell.kind for cell in cells if cell.value is not None}
        if section.code == "digest_by_queue" and queues:
            assert {row[0].value for row in section.rows} <= queues


def test_files_say_what_the_digest_says_in_both_languages(template: Path, tmp_path: Path) -> None:
    settings = settings_of(copy_of(template, tmp_path / "home"))
    files = write_all(settings, DAY)
    assert {path.name for path in files} == {
        f"{role}.{language}.{kind}"
        for role in GIVEN for language in ("zh", "en") for kind in ("html", "md")
    }  # fmt: skip
    snapshot = current_snapshot(settings)
    for role in ("ops_lead", "cs"):
        report = digest_of(snapshot, settings, POLICY, [role], DAY)
        for language in ("zh", "en"):
            words = words_of(snapshot, settings, language)
            page = (folder(settings, DAY) / f"{role}.{language}.html").read_text("utf-8")
            text = (folder(settings, DAY) / f"{role}.{language}.md").read_text("utf-8")
            assert "<script" not in page and "http" not in page
            bare = text.replace("\\", "")
            for section in report.sections:
                assert words.title(section) in page
                for row in section.rows:
                    said = [words.written(cell, "CNY") for cell in row]
                    assert f"| {' | '.join(said)} |" in bare
                    assert all(f"<td>{part}</td>" in page for part in said if "&" not in part)
    before = {path: path.read_bytes() for path in files}
    assert {path: path.read_bytes() for path in write_all(settings, DAY)} == before
    assert not list(folder(settings, DAY).glob(".*"))


def test_the_command_writes_the_day_asked_for_and_yesterday_otherwise(
    template: Path, tmp_path: Path
) -> None:
    home = copy_of(template, tmp_path / "home")
    assert "2026-06-28" in run_cli(home, "digest", "--date", "2026-06-28").stdout
    run_cli(home, "digest")
    assert {path.name for path in (home / "outbox" / "digests").iterdir()} == {
        "2026-06-28", "2026-06-29",
    }  # fmt: skip


def test_the_command_says_when_nothing_is_published(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "digest", check=False)
    assert result.returncode == 1
    assert "Nothing is published yet" in result.stderr and "Traceback" not in result.stderr


def test_yesterday_is_a_day_of_the_business(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, reporting_zone="Asia/Shanghai")
    assert yesterday(settings, datetime(2026, 6, 29, 17, 0)) == date(2026, 6, 29)
    assert yesterday(settings, datetime(2026, 6, 29, 15, 0)) == date(2026, 6, 28)


def test_the_page_shows_the_day_and_says_where_it_was_written(open_page: Open, home: Path) -> None:
    at = open_page("digest", "analyst", "en")
    assert not at.exception and at.dataframe
    assert any("orderhouse digest" in item.value for item in at.caption)
    day = yesterday(Settings(home=home), NOW)
    write_all(Settings(home=home, now=NOW), day)
    at.run()
    said = [re.sub(r"\\", "", item.value) for item in at.caption]
    assert any(f"outbox/digests/{day}" in text for text in said)
