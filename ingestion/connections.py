"""The connections that tell us facts: what `connections.yml` says fits what ingestion has."""

from __future__ import annotations

from ingestion.hooks.signatures import SCHEMES
from ingestion.mapping import source_names
from ingestion.pulling.clients import CLIENTS
from orderhouse.connections import (
    FILE_NAME,
    ConnectionsError,
    HookConnection,
    PullConnection,
    load_connections,
)
from orderhouse.settings import Settings


def hooks_of(settings: Settings) -> list[HookConnection]:
    """Who pushes to us.

    Raises:
        ConnectionsError: an entry names what there is not, or two have the same address.
    """
    hooks: list[HookConnection] = load_connections(settings).of(HookConnection)
    seen: dict[tuple[str, str], str] = {}
    for one in hooks:
        _check_source(settings, one)
        if one.scheme and one.scheme not in SCHEMES:
            raise _mistake(settings, one, f"scheme {one.scheme!r} not among {', '.join(SCHEMES)}")
        # The address is made of source and shop.
        if other := seen.get((one.source, one.shop)):
            raise _mistake(settings, one, f"{other} is the hook of {one.source}/{one.shop} already")
        seen[one.source, one.shop] = one.name
    return hooks


def pulls_of(settings: Settings) -> list[PullConnection]:
    """Whom we ask.

    Raises:
        ConnectionsError: an entry names what there is not, or leaves out what its API needs.
    """
    pulls: list[PullConnection] = load_connections(settings).of(PullConnection)
    for one in pulls:
        _check_source(settings, one)
        client = CLIENTS.get(one.client or one.source)
        if client is None:
            known = ", ".join(CLIENTS)
            raise _mistake(settings, one, f"client {one.client or one.source!r} not among {known}")
        if not one.address and not client.address:
            raise _mistake(settings, one, "address is missing")
        if set(one.credentials) != set(client.credentials):
            wanted = ", ".join(client.credentials)
            raise _mistake(settings, one, f"credentials: {client.name} takes {wanted}")
        if client.has_marketplaces and not one.marketplaces:
            raise _mistake(settings, one, "marketplaces: say which, for example ATVPDKIKX0DER")
        if unknown := set(one.feeds) - {feed.name for feed in client.feeds}:
            offered = ", ".join(feed.name for feed in client.feeds)
            raise _mistake(settings, one, f"feeds: {', '.join(unknown)} not among {offered}")
    return pulls


def _check_source(settings: Settings, one: HookConnection | PullConnection) -> None:
    known = source_names(settings.sources_dir)
    if one.source not in known:
        raise _mistake(settings, one, f"source {one.source!r} not among {', '.join(known)}")


def _mistake(
    settings: Settings, one: HookConnection | PullConnection, what: str
) -> ConnectionsError:
    return ConnectionsError(f"{settings.root / FILE_NAME}: connections.{one.name}: {what}")
