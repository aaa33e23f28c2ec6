"""Sign-in, sign-out and headers, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboards.web.middleware import SecurityHeaders, SignedInOnly
from dashboards.web.routes import ROUTES, safe_path
from orderhouse.ledger import Ledger
from tests.support.people import PASSWORD


async def _page(_request: Request) -> Response:
    return HTMLResponse('<!doctype html><html lang="en"><body>the app</body></html>')


@pytest.fixture
def browser(home: Path, ledger: Ledger) -> Iterator[TestClient]:
    routes = [*ROUTES, Route("/{rest:path}", _page)]
    app = Starlette(
        routes=routes, middleware=[Middleware(SecurityHeaders), Middleware(SignedInOnly)]
    )
    with TestClient(app, follow_redirects=False) as client:
        yield client


def _sign_in(browser: TestClient, password: str = PASSWORD, **more: str) -> Response:
    form = browser.get("/auth/login").text
    token = re.search(r'name="form" value="([^"]+)"', form)
    assert token is not None
    data = {"login": "ops-lead", "password": password, "form": token[1], "lang": "zh"} | more
    return browser.post("/auth/login", data=data)


def test_the_app_is_not_there_before_signing_in(browser: TestClient) -> None:
    answer = browser.get("/queue?q=Q07")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth/login?next=%2Fqueue%3Fq%3DQ07"


def test_signing_in_leads_where_one_was_going_with_a_closed_cookie(browser: TestClient) -> None:
    answer = _sign_in(browser, next="/queue?q=Q07")
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue?q=Q07")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    page = browser.get("/queue")
    assert page.status_code == 200
    assert '<html lang="zh-CN"' in page.text


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(browser: TestClient) -> None:
    wrong = _sign_in(browser, password="not the password")
    unknown = _sign_in(browser, login="nobody")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    strip = re.compile(r'name="form" value="[^"]+"')
    assert strip.sub("", wrong.text) == strip.sub("", unknown.text)


def test_a_form_from_another_site_is_refused(browser: TestClient) -> None:
    browser.get("/auth/login")
    data = {"login": "ops-lead", "password": PASSWORD, "form": "made up"}
    assert browser.post("/auth/login", data=data).status_code == 400
    assert browser.get("/queue").status_code == 303


def test_signing_out_ends_the_session_everywhere(browser: TestClient) -> None:
    _sign_in(browser)
    token = dict(browser.cookies)["orderhouse_session"]
    elsewhere = browser.get("/auth/logout", headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.headers["location"] == "/"
    browser.get("/auth/logout")
    browser.cookies.set("orderhouse_session", token)
    assert browser.get("/queue").status_code == 303


def test_every_answer_carries_the_headers(browser: TestClient) -> None:
    for path in ("/auth/login", "/healthz", "/queue"):
        headers = browser.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_health_names_the_build_and_fails_without_one(browser: TestClient, home: Path) -> None:
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.json()["build_id"]) == (200, "b001")
    (home / "serving" / "current").unlink()
    assert browser.get("/healthz").status_code == 503


@pytest.mark.parametrize(
    "hostile",
    ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/auth/logout",
     "\\\\evil.test", "/a\r\nset-cookie: x", "evil.test"],
)  # fmt: skip
def test_nobody_is_led_elsewhere_after_signing_in(hostile: str) -> None:
    assert safe_path(hostile) == "/"


def test_what_people_type_is_escaped(browser: TestClient) -> None:
    page = browser.get('/auth/login?next=/"><script>alert(1)</script>&lang=en')
    assert "<script>" not in page.text
