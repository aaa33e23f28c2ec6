"""Commands about facts that come over the network: hooks, pull, connections."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from orderhouse.settings import get_settings

# More callers than this at once are told to come again; each may hold one body in memory.
_CALLERS = 64


def register(app: typer.Typer) -> None:
    for command in (hooks, pull, connections):
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


def pull(
    connection: Annotated[
        list[str] | None, typer.Option(help="Which connection; default all that are asked.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Read again from here, UTC; resumes when cut off.")
    ] = None,
) -> None:
    """Ask connected systems for what is new and land it. Then: orderhouse build."""
    from ingestion.connections import pulls_of
    from ingestion.pulling.calls import PullError
    from orderhouse.settings import MissingCredential
    from pipelines.pulls import pull_connection

    settings = get_settings()
    failed = 0
    for name in connection or [one.name for one in pulls_of(settings)]:
        # One that cannot be asked does not keep us from the others.
        try:
            report = pull_connection(settings, name, since)
        except (PullError, MissingCredential) as error:
            failed += 1
            print(f"Error: {error}", file=sys.stderr)
            continue
        print(f"{name}: {report.pages} pages, {report.rows} rows, {report.files} new files")
    if failed:
        sys.exit(1)


def connections() -> None:
    """List the connected systems: who pushes, who is asked, when last with success, how far."""
    from ingestion.connections import hooks_of
    from pipelines.pulls import reaches

    settings = get_settings()
    for hook in hooks_of(settings):
        print(f"{hook.name:20} pushes to /hooks/{hook.source}/{hook.shop}")
    for reach in reaches(settings):
        lag = "never read" if reach.lag_minutes is None else f"{reach.lag_minutes} minutes behind"
        last = f"last success {reach.succeeded_at} UTC" if reach.succeeded_at else "no success yet"
        print(f"{reach.name:20} {reach.client} is asked for {reach.shop}: {last}, {lag}")
        if reach.error:
            print(f"{'':20} {reach.error}")
