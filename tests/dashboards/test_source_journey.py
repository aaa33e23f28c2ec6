"""A new channel in a real browser: upload, look, choose, accept, and it is in the list."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orderhouse.settings import Settings
from pipelines.proposals import answer_drafts
from tests.dashboards.test_journey import _is_outside, _settle, address, page
from tests.ingestion.test_proposing import ORDERS, written
from tests.support.people import NOW, PASSWORD

__all__ = ["address", "page"]


@pytest.fixture
def worker(home: Path) -> Iterator[Settings]:
    """Answers as the worker does, each question in a process of its own."""
    settings, stop = Settings(home=home, now=NOW), threading.Event()

    def work() -> None:
        while not stop.wait(0.3):
            answer_drafts(settings)

    thread = threading.Thread(target=work)
    thread.start()
    yield settings
    stop.set()
    thread.join(60)


def test_a_channel_nobody_has_seen_is_live_after_one_visit(
    page: Page, address: str, worker: Settings
) -> None:
    outside: set[str] = set()
    page.on("request", lambda r: outside.add(r.url) if _is_outside(r.url, address) else None)
    page.goto(f"{address}/auth/login?next=%2Fsources")
    page.fill("#login", "data-team")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    expect(page.get_by_role("heading", name="数据来源")).to_be_visible()
    _settle(page)
    page.set_input_files(
        "input[type=file]",
        files=[{"name": "orders.csv", "mimeType": "text/csv", "buffer": written(ORDERS)}],
    )
    expect(page.get_by_text("orders.csv")).to_be_visible()
    page.locator(".st-key-source_name input").fill("corner")
    page.get_by_role("button", name="识别这份文件").click()

    accept = page.get_by_role("button", name="确认，写入映射")
    accept.wait_for(timeout=90_000)
    expect(page.get_by_text("全部行都能入库。")).to_be_visible()
    assert "13800000000" not in page.content()
    _settle(page)
    page.locator(".st-key-source_shop input").fill("corner-main")
    page.keyboard.press("Enter")
    _settle(page)
    accept.click()
    page.get_by_text("已接入").wait_for(timeout=90_000)
    assert (worker.sources_dir / "corner" / "mapping.yml").exists()
    _settle(page)
    page.get_by_role("link", name="查看这个来源").click()
    expect(page.get_by_role("heading", name="corner")).to_be_visible()
    assert outside == set()
