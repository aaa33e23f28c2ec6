"""One working day in a real browser: sign in, open the queue, claim, pass, gone; nothing fetched.

Clicks and keys go through Chromium against the real server, because selections, shortcuts, cookies
and headers exist only there.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from orderhouse.ledger import Ledger, decisions_after
from tests.support.people import NOW, PASSWORD

ROOT = Path(__file__).resolve().parents[2]
WAIT = 30_000


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """The app's server in a process of its own."""
    port = _free_port()
    env = os.environ | {"ORDERHOUSE_HOME": str(home), "ORDERHOUSE_NOW": NOW.isoformat()}
    command = [sys.executable, "-m", "uvicorn", "dashboards.server:app", "--port", str(port)]
    log = (home / "server.log").open("wb")
    server = subprocess.Popen(
        [*command, "--log-level", "warning"], cwd=ROOT, env=env, stdout=log, stderr=log
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", server, home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.25)
    raise AssertionError(f"the app did not come up:\n{log.read_text()}")


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    browser_path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert browser_path, "Chromium is needed to see the app as people do: install `chromium`."
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(viewport={"width": 1440, "height": 950}, locale="zh-CN")
        context.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        yield context.new_page()
        browser.close()


def _settle(page: Page) -> None:
    """The script has run to its end and the page has bound its shortcuts, which takes a moment."""
    page.wait_for_selector('[data-test-script-state="notRunning"]')
    page.wait_for_timeout(1_000)


def _persist(page: Page, step: Callable[[], None], done: Callable[[], bool]) -> None:
    """Do as people do on a busy machine: try, look, and try again if nothing happened."""
    for _ in range(4):
        _settle(page)
        step()
        for _ in range(32):
            page.wait_for_timeout(250)
            if done():
                return
    raise AssertionError("nothing happened after four tries")


def _sign_in(page: Page, password: str) -> None:
    page.fill("#login", "order-processor")
    page.fill("#password", password)
    page.click("button[type=submit]")


def test_sign_in_claim_pass_and_the_case_is_gone(page: Page, address: str, ledger: Ledger) -> None:
    outside: set[str] = set()
    refused: list[str] = []
    page.on("request", lambda r: outside.add(r.url) if _is_outside(r.url, address) else None)
    page.on("console", lambda m: refused.append(m.text) if "Content Security" in m.text else None)

    page.goto(f"{address}/queue?q=Q07")
    expect(page).to_have_url(f"{address}/auth/login?next=%2Fqueue%3Fq%3DQ07")
    _sign_in(page, "wrong password")
    expect(page.get_by_role("alert")).to_contain_text("账号或密码不正确")
    _sign_in(page, PASSWORD)

    panel = page.locator(".st-key-case_panel")
    expect(panel).to_contain_text("为什么在这里")
    order = panel.locator("strong").first.inner_text()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert "orderhouse_session" not in page.evaluate("document.cookie")

    expect(panel.get_by_role("button", name="认领")).to_be_visible()
    held = panel.get_by_role("button", name="放弃认领")
    _persist(page, lambda: page.keyboard.press("a"), held.is_visible)
    dialog = page.get_by_role("dialog")
    _persist(page, lambda: page.keyboard.press("d"), dialog.is_visible)
    expect(dialog).to_contain_text(order)
    confirm = dialog.get_by_role("button", name="确认")
    _persist(page, confirm.click, lambda: not dialog.is_visible())
    expect(panel.locator("strong").first).not_to_have_text(order)

    verbs = [(row["verb"], row["order_id"]) for row in decisions_after(ledger, 0)]
    assert verbs == [("claim", order), ("review_pass", order)]
    assert outside == set()
    assert refused == []
    _leave(page, address)


def _leave(page: Page, address: str) -> None:
    """The other language, then out."""
    page.get_by_text("EN", exact=True).click()
    expect(page.locator(".st-key-case_panel")).to_contain_text("Why it is here")
    _settle(page)
    page.get_by_role("button", name="Order-Processor").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{address}/auth/login")


def _is_outside(url: str, address: str) -> bool:
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))
