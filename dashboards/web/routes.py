"""Routes beside the app: /auth/login, /auth/logout, /healthz."""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboards.warehouse import NoSnapshot, current_snapshot
from dashboards.web import cookies
from dashboards.web.pages import sign_in_page
from orderhouse.ledger import Ledger, head_seq, sign_in, sign_out
from orderhouse.settings import get_settings
from orderhouse.terms import LANGUAGES


def _ledger() -> Ledger:
    from dashboards.context import ledger_of

    return ledger_of(get_settings())


def _language(value: object) -> str:
    text = str(value or "")
    return text if text in LANGUAGES else get_settings().locale


def safe_path(value: object) -> str:
    """A path of this site to go to after signing in; anything else becomes the front page."""
    text = str(value or "/")
    parts = urlsplit(text)
    is_ours = not parts.scheme and not parts.netloc and text.startswith("/")
    if not is_ours or text.startswith(("//", "/\\", "/auth")) or "\\" in text:
        return "/"
    return text if text.isprintable() else "/"


def _page(language: str, after: str, error: str | None, status: int = 200) -> Response:
    form_token = secrets.token_urlsafe(24)
    body = sign_in_page(language, form_token=form_token, after=after, error=error)
    response = HTMLResponse(body, status_code=status)
    response.set_cookie(
        cookies.FORM_NAME,
        form_token,
        httponly=True,
        samesite="strict",
        secure=get_settings().cookie_secure,
        path="/auth",
    )
    return response


async def show_login(request: Request) -> Response:
    query = request.query_params
    return _page(_language(query.get("lang")), safe_path(query.get("next")), None)


async def do_login(request: Request) -> Response:
    """Check the form's own token, then the password; one text for every refusal."""
    form = await request.form()
    language, after = _language(form.get("lang")), safe_path(form.get("next"))
    sent, kept = str(form.get("form") or ""), request.cookies.get(cookies.FORM_NAME, "")
    if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
        return _page(language, after, "login.form_expired", status=400)
    settings = get_settings()
    done = await run_in_threadpool(
        sign_in,
        _ledger(),
        str(form.get("login") or ""),
        str(form.get("password") or "")[:200],
        ip=cookies.peer_of(request, settings),
        user_agent=request.headers.get("user-agent"),
        now=settings.clock(),
    )
    if done.token is None:
        return _page(language, after, done.error, status=401)
    response = RedirectResponse(after, status_code=303)
    cookies.set_token(response, done.token, settings)
    response.delete_cookie(cookies.FORM_NAME, path="/auth")
    return response


async def logout(request: Request) -> Response:
    """End the session; a link on another site cannot."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return RedirectResponse("/", status_code=303)
    settings, token = get_settings(), cookies.token_of(request)
    if token:
        await run_in_threadpool(sign_out, _ledger(), token, settings.clock())
    response = RedirectResponse("/auth/login", status_code=303)
    cookies.clear(response, settings)
    return response


async def healthz(_request: Request) -> Response:
    """Whether the ledger answers and a snapshot is served. Names the build, nothing else."""
    state: dict[str, object] = {"ledger": "ok", "build_id": None}
    status = 200
    try:
        await run_in_threadpool(head_seq, _ledger())
    except Exception as error:
        state["ledger"], status = type(error).__name__, 503
    try:
        snapshot = await run_in_threadpool(current_snapshot, get_settings())
        state["build_id"] = snapshot.build_id
    except (NoSnapshot, OSError):
        status = 503
    return JSONResponse(state, status_code=status)


ROUTES = [
    Route("/auth/login", show_login, methods=["GET"]),
    Route("/auth/login", do_login, methods=["POST"]),
    Route("/auth/logout", logout, methods=["GET", "POST"]),
    Route("/healthz", healthz, methods=["GET"]),
]
