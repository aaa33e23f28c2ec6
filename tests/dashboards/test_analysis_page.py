"""The page of analyses: each draws for its posts in both languages and leaves by its export."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from orderhouse.access import get_policy
from tests.dashboards.test_journey import address, page  # noqa: F401  fixtures of the browser
from tests.dashboards.test_pages import CHINESE, sent, texts
from tests.support.people import PASSWORD

Open = Callable[..., AppTest]
POLICY = get_policy()
OFFERED = sorted(
    (analysis, role)
    for role, known in POLICY.roles.items()
    for analysis in known.analyses
    if POLICY.may_open([role], "analysis")
)
ANALYSES = sorted({analysis for analysis, _ in OFFERED})


@pytest.mark.parametrize(("analysis", "role"), OFFERED)
def test_an_analysis_draws_for_its_posts_in_both_languages(
    open_page: Open, analysis: str, role: str
) -> None:
    at = open_page("analysis", role.replace("_", "-"), "zh", view=analysis, period="year")
    for language in ("zh", "en"):
        at.session_state["language"] = language
        at.run()
        assert not at.exception, at.exception
        assert not at.error, at.error
        assert "CANARY" not in sent(at) and "_cipher" not in sent(at)
        is_chinese = any(CHINESE.search(text) for text in texts(at))
        assert is_chinese == (language == "zh"), texts(at)


def test_every_post_with_an_analysis_may_open_the_page_and_the_other_way_round() -> None:
    for role in POLICY.roles.values():
        assert bool(role.analyses) == ("analysis" in role.pages), role.code


def test_an_analysis_of_another_post_is_not_offered(open_page: Open) -> None:
    at = open_page("analysis", "inventory", "en", view="buyers")
    assert "Buyers" not in texts(at)
    assert "What is bought together" in " ".join(texts(at))


def test_people_go_through_the_analyses_in_a_browser(page: Page, address: str) -> None:  # noqa: F811
    page.goto(f"{address}/analysis?view=hours&period=year")
    page.fill("#login", "ops-lead")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    for language in ("中文", "EN"):
        page.wait_for_selector('[data-test-script-state="notRunning"]')
        page.get_by_text(language, exact=True).first.click()
        for analysis in ANALYSES:
            page.goto(f"{address}/analysis?view={analysis}&period=year")
            page.wait_for_selector('[data-test-script-state="notRunning"]')
            expect(page.get_by_role("heading").first).to_be_visible()
            expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    page.goto(f"{address}/analysis?view=hours&period=year")
    expect(page.locator("canvas, svg.marks").first).to_be_visible()
    page.get_by_role("button", name=re.compile("Export")).first.click()
    with page.expect_download() as taken:
        page.get_by_role("button", name=re.compile("CSV")).first.click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert "2026-01-01" in lines[0]
    assert lines[1].startswith("Channel,Weekday,Hour,Orders")
    assert len(lines) > 10
