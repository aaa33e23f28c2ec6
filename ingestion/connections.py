"""The connections that tell us facts: what `connections.yml` says fits what ingestion has."""

from __future__ import annotations

from ingestion.hooks.signatures import SCHEMES
from ingestion.mapping import source_names
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


def _check_source(settings: Settings, one: HookConnection | PullConnection) -> None:
    if one.source not in source_names():
        known = ", ".join(source_names())
        raise _mistake(settings, one, f"source {one.source!r} not among {known}")


def _mistake(
    settings: Settings, one: HookConnection | PullConnection, what: str
) -> ConnectionsError:
    return ConnectionsError(f"{settings.root / FILE_NAME}: connections.{one.name}: {what}")
