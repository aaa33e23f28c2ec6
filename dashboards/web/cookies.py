"""The session cookie: HttpOnly, SameSite=Lax, a random token and nothing else in it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from orderhouse.settings import Settings

NAME = "orderhouse_session"
# The prefix makes browsers refuse the cookie without Secure, a domain or another path.
SECURE_NAME = "__Host-orderhouse"
FORM_NAME = "orderhouse_form"


def token_of(request: Request) -> str | None:
    return request.cookies.get(SECURE_NAME) or request.cookies.get(NAME)


def set_token(response: Response, token: str, settings: Settings) -> None:
    response.set_cookie(
        SECURE_NAME if settings.cookie_secure else NAME,
        token,
        httponly=True,
        secure=settings.cookie_secure,
        samesite="lax",
        path="/",
    )


def clear(response: Response, settings: Settings) -> None:
    for name in (NAME, SECURE_NAME):
        response.delete_cookie(name, path="/", secure=name == SECURE_NAME, httponly=True)


def peer_of(request: Request, settings: Settings) -> str | None:
    """The client's address; a forwarded one only from a proxy that is trusted by name."""
    peer = request.client.host if request.client else None
    if peer in settings.trusted_proxies:
        forwarded = request.headers.get("x-forwarded-for", "").split(",")[-1].strip()
        return forwarded[:64] or peer
    return peer
