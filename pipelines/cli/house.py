"""Commands about the running house: demo, serve, stop, worker, doctor."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import Annotated

import typer

from orderhouse.settings import get_settings

_SERVERS = ("app", "dagster", "hooks")


def register(app: typer.Typer) -> None:
    for command in (demo, serve, stop, worker, deliver, digest, doctor):
        app.command()(command)


def _say(text: str) -> None:
    print(text, flush=True)


def demo(
    orders: Annotated[
        int, typer.Option(min=2_000, max=10_000_000, help="How many orders.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed is another business.")] = 7,
    days: Annotated[int, typer.Option(min=30, max=720, help="How many days back.")] = 60,
    until: Annotated[
        datetime | None, typer.Option(help="The present of the business, UTC; default this hour.")
    ] = None,
) -> None:
    """Generate the demo business, land it, make its users. Then: orderhouse build."""
    from ingestion.demo import DemoPlan
    from pipelines.demo import land_demo
    from pipelines.demo_accounts import make_demo_users
    from pipelines.home import prepare_home

    settings = get_settings()
    prepare_home(settings)
    present = until or settings.clock().replace(minute=0, second=0, microsecond=0)
    land_demo(settings, DemoPlan(orders=orders, seed=seed, days=days, until=present), _say)
    make_demo_users(settings)


def serve(
    background: Annotated[bool, typer.Option(help="Return once both answer.")] = False,
    dagster: Annotated[bool, typer.Option(help="Also start the Dagster UI and daemon.")] = True,
) -> None:
    """Start the app and the Dagster UI on this machine, and the webhook inbox if one is wanted."""
    from pipelines.demo_accounts import DEMO_PASSWORD, DEMO_USERS
    from pipelines.home import use_dagster_home
    from pipelines.servers import app_command, servers_of, start, wait_until_up

    settings = get_settings()
    use_dagster_home(settings)
    if not background:
        command = app_command(settings)
        os.execv(command[0], command)  # noqa: S606  the app takes the place of this process
    servers = [one for one in servers_of(settings) if dagster or one.name != "dagster"]
    for server in servers:
        start(settings, server.name, server.command, server.port)
    for server in servers:
        wait_until_up(settings, server.name, server.health)
    _say("")
    for server in servers:
        _say(f"{server.label:11} {server.address}")
    if (settings.demo_dir / "landed").exists():
        _say(f"\nSign in with the password {DEMO_PASSWORD} as:")
        for login, name, roles in DEMO_USERS:
            _say(f"  {login:10} {name:20} {', '.join(roles)}")
    _say("\nStop with: make stop   (or: orderhouse stop)")


def stop() -> None:
    """Stop the servers that `serve --background` started."""
    from pipelines.servers import stop as stop_server

    settings = get_settings()
    for name in _SERVERS:
        stop_server(settings, name, _say)


def worker() -> None:
    """Run the fast lane: refresh the marts within seconds of every arrival."""
    from pipelines.worker import Stop, work

    wish = Stop()
    work(get_settings(), lambda: wish.wanted)


def deliver(
    loop: Annotated[bool, typer.Option(help="Go on until told to stop.")] = False,
) -> None:
    """Send what was decided to the systems it concerns (connections.yml of the home)."""
    from pipelines.delivery import deliver_once
    from pipelines.delivery.loop import deliver_until
    from pipelines.delivery.notices import notify_once
    from pipelines.worker import Stop

    if not loop:
        _say(f"{notify_once(get_settings())} notices")
        _say(str(deliver_once(get_settings())))
        return
    wish = Stop()
    deliver_until(get_settings(), lambda: wish.wanted)


def digest(
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Which day; default yesterday.")
    ] = None,
) -> None:
    """Write the digest of a day for every post, in both languages, into the outbox."""
    from pipelines.digest import write_digests

    files = write_digests(get_settings(), date.date() if date else None)
    _say(f"{len(files)} files in {files[0].parent}" if files else "No post gets a digest.")


def doctor() -> None:
    """Check this machine and this home; print what is wrong and how to mend it."""
    from pipelines.doctor import examine

    bad = 0
    for finding in examine(get_settings()):
        mark = "ok  " if finding.ok else "FAIL" if finding.is_serious else "note"
        bad += not finding.ok and finding.is_serious
        _say(f"{mark} {finding.subject}: {finding.detail}")
    if bad:
        sys.exit(1)
