"""Commands about people: accounts and the audit chain."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from orderhouse.settings import get_settings
from pipelines.cli.errors import UsageError

user_app = typer.Typer(no_args_is_help=True)
audit_app = typer.Typer(no_args_is_help=True)


@user_app.command("create")
def create(
    login: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[list[str], typer.Option(help="Role; may be given several times.")],
    name: Annotated[str, typer.Option(help="Name to show; default the login.")] = "",
    password: Annotated[
        str | None,
        typer.Option(help="Default: one is made up and printed.", envvar="ORDERHOUSE_NEW_PASSWORD"),
    ] = None,
) -> None:
    """Create a local account."""
    from orderhouse.ledger import NewUser, create_user, open_ledger

    settings = get_settings()
    secret = password or secrets.token_urlsafe(12)
    ledger = open_ledger(settings.ledger_address)
    new = NewUser(login=login, display_name=name or login, password=secret, roles=tuple(role))
    create_user(ledger, new, now=settings.clock())
    ledger.close()
    print(f"Created {login} ({', '.join(role)}).")
    if password is None:
        print(f"Password: {secret}")


@user_app.command("list")
def list_accounts() -> None:
    """List the accounts."""
    from orderhouse.ledger import list_users, open_ledger

    ledger = open_ledger(get_settings().ledger_address)
    for user in list_users(ledger):
        state = "active" if user.is_active else "disabled"
        print(f"{user.login:20} {state:9} {', '.join(user.roles)}")
    ledger.close()


@user_app.command("disable")
def disable(login: Annotated[str, typer.Argument(help="Name to sign in with.")]) -> None:
    """Disable an account; its sessions end at their next step."""
    from orderhouse.ledger import list_users, open_ledger, set_active

    settings = get_settings()
    ledger = open_ledger(settings.ledger_address)
    found = [user for user in list_users(ledger) if user.login == login]
    if not found:
        raise UsageError(f"There is no account {login!r}. See: orderhouse user list")
    set_active(ledger, found[0].user_id, False, now=settings.clock())
    ledger.close()
    print(f"Disabled {login}.")


@audit_app.command("verify")
def verify(
    anchor: Annotated[str | None, typer.Option(help="seq:hash noted earlier, elsewhere.")] = None,
) -> None:
    """Check every entry of the ledger against the chain; exits 1 at the first that does not fit."""
    from orderhouse.ledger import audit_verify, open_ledger

    ledger = open_ledger(get_settings().ledger_address)
    report = audit_verify(ledger, anchor)
    ledger.close()
    if not report.ok:
        raise UsageError(
            f"The chain is broken at entry {report.first_bad_seq}: {report.reason}. "
            "Compare with a backup; nothing before that entry was changed."
        )
    print(f"{report.rows} entries, unbroken. Anchor to keep elsewhere: {report.head}")
