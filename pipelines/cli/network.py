"""Commands about facts that come over the network: hooks."""

from __future__ import annotations

import typer

from orderhouse.settings import get_settings

# More callers than this at once are told to come again; each may hold one body in memory.
_CALLERS = 64


def register(app: typer.Typer) -> None:
    for command in (hooks,):
        app.command()(command)


def hooks() -> None:
    """Run the webhook inbox: take what connected systems push, land it, acknowledge it."""
    import uvicorn

    from ingestion.hooks.server import hooks_app

    settings = get_settings()
    uvicorn.run(
        hooks_app(settings), host=settings.hooks_host, port=settings.hooks_port,
        log_level="warning", access_log=False, limit_concurrency=_CALLERS,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies), server_header=False,
    )  # fmt: skip
