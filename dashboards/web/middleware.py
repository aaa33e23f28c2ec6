"""What every answer carries, and who gets the app's page at all.

The policy of content makes a tracking pixel or a script in a buyer's text harmless even if a page
ever rendered it: nothing may be loaded from, or sent to, anywhere but this server.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards.web import cookies
from orderhouse.ledger import Session, session_for
from orderhouse.settings import get_settings

# Vega compiles expressions and Streamlit styles elements at run time: hence the two exceptions.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
}
OPEN_PATHS = ("/auth/", "/healthz", "/static/", "/_stcore/", "/favicon")
_HTML = re.compile(rb"<html\b[^>]*>", re.IGNORECASE)


class SecurityHeaders:
    """Adds the headers, and HSTS where the cookie is Secure, that is behind TLS."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if get_settings().cookie_secure:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        await self.app(scope, receive, with_headers)


class SignedInOnly:
    """Sends whoever asks for the app's page without a session to the sign-in form.

    The page's script checks again at every run; this only spares people an empty page. The answer's
    `<html lang>` is set to the reader's language, which Streamlit always says is English.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _is_page(scope["path"]):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        session = _session(request)
        if session is None:
            query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
            after = quote(scope["path"] + query, safe="")
            response = RedirectResponse(f"/auth/login?next={after}", status_code=303)
            await response(scope, receive, send)
            return
        # Compressed, the page could not be rewritten; it is small.
        scope["headers"] = [h for h in scope["headers"] if h[0] != b"accept-encoding"]
        language = request.query_params.get("lang") or session.locale or get_settings().locale
        await self.app(scope, receive, _Rewriter(send, "zh-CN" if language == "zh" else "en"))


def _is_page(path: str) -> bool:
    return "." not in path.rpartition("/")[2] and not path.startswith(OPEN_PATHS)


def _session(request: Request) -> Session | None:
    from dashboards.context import ledger_of

    settings = get_settings()
    return session_for(ledger_of(settings), cookies.token_of(request), settings.clock())


class _Rewriter:
    """Collects an HTML answer and names its language; passes everything else through."""

    def __init__(self, send: Send, language: str) -> None:
        self._send = send
        self._tag = f'<html lang="{language}" translate="no">'.encode()
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            is_html = headers.get("content-type", "").startswith("text/html")
            if is_html and "content-encoding" not in headers:
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()
            return
        await self._send(message)

    async def _finish(self) -> None:
        body = _HTML.sub(self._tag, bytes(self._body), count=1)
        start, self._start = self._start, None
        assert start is not None
        headers = MutableHeaders(scope=start)
        headers["content-length"] = str(len(body))
        headers["cache-control"] = "no-store"
        if "etag" in headers:
            del headers["etag"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
