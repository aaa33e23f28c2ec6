"""The app as an ASGI application: `uvicorn dashboards.server:app` or `python -m dashboards.server`.

Streamlit draws the pages; sign-in, sign-out, health and headers are plain routes around it.
"""

from __future__ import annotations

import gc
import logging
import pkgutil
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from dashboards.web.middleware import SecurityHeaders, SignedInOnly
from dashboards.web.routes import ROUTES
from orderhouse.access import get_policy
from orderhouse.settings import get_settings
from orderhouse.terms import entries

SCRIPT = Path(__file__).with_name("app.py")
log = logging.getLogger("orderhouse.app")


@asynccontextmanager
async def warmed(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Pay for the heavy imports before the first visitor does."""
    import altair  # noqa: F401
    import pandas.io.formats.style  # noqa: F401

    import dashboards.components as parts
    from dashboards.context import ledger_of

    for part in pkgutil.iter_modules(parts.__path__):
        import_module(f"{parts.__name__}.{part.name}")
    ledger_of(get_settings())
    get_policy()
    entries()
    # What is loaded by now stays. Streamlit collects after every run of a page, and going through
    # all these modules each time would cost more than the page.
    gc.collect()
    gc.freeze()
    yield {}
    gc.unfreeze()


def on_script_error(error: BaseException) -> bool:
    """A page failed: log it under an id, record the id, show the id. Never the traceback."""
    from dashboards.components.frame import error_page
    from dashboards.context import current, ledger_of
    from orderhouse.ledger import record_error

    error_id = f"E-{secrets.token_hex(4)}"
    log.error("page failed %s", error_id, exc_info=error)
    settings, session = get_settings(), None
    try:
        session = current().session
        kind = type(error).__name__
        record_error(
            ledger_of(settings), session, error_id=error_id, kind=kind, now=settings.clock()
        )
    except Exception:
        log.exception("the error page itself failed for %s", error_id)
    error_page(error_id, session.locale if session else settings.locale)
    return True


app = st.App(
    SCRIPT,
    routes=ROUTES,
    middleware=[Middleware(SecurityHeaders), Middleware(SignedInOnly)],
    lifespan=warmed,
    on_script_error=on_script_error,
)


def serve() -> None:
    """Run the app on the address of the settings until it is stopped."""
    import uvicorn

    settings = get_settings()
    uvicorn.run(app, host=settings.app_host, port=settings.app_port, log_level="warning")


if __name__ == "__main__":
    serve()
