"""What a transport is, and which one a connection means. How each speaks is in its own module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from orderhouse.connections import (
    Connections,
    FolderConnection,
    ShopifyConnection,
    StripeConnection,
    WebhookConnection,
    WooCommerceConnection,
)
from orderhouse.ledger import Answer, Message
from orderhouse.ledger.deliveries import DEFAULT_SYSTEM
from orderhouse.settings import Settings
from pipelines.delivery.folders import FolderTransport
from pipelines.delivery.shopify import ShopifyTransport
from pipelines.delivery.stripe import StripeTransport
from pipelines.delivery.webhooks import WebhookTransport
from pipelines.delivery.woocommerce import WooCommerceTransport


class Transport(Protocol):
    """A way to one system. `batch` is how many messages it takes at once."""

    batch: int

    def send(self, messages: Sequence[Message]) -> list[Answer]:
        """Tells the system; an answer for each message. Raises nothing a receiver can cause."""
        ...

    def close(self) -> None: ...


class NotConfigured(RuntimeError):
    """No connection has this name; messages wait until one has."""


def open_transport(settings: Settings, connections: Connections, system: str) -> Transport:
    """The transport to a system.

    Raises:
        NotConfigured: the connection is gone, or cannot be sent to.
        MissingCredential: a credential it names is not there.
    """
    found = connections.named(system)
    if found is None and system == DEFAULT_SYSTEM:
        found = FolderConnection(
            name=DEFAULT_SYSTEM, kind="folder", path=settings.outbox_dir / "decisions"
        )
    if isinstance(found, FolderConnection):
        return FolderTransport(found, found.path or settings.outbox_dir / found.name)
    if isinstance(found, WebhookConnection):
        return WebhookTransport(found, settings.clock)
    if isinstance(found, ShopifyConnection):
        return ShopifyTransport(settings, found)
    if isinstance(found, StripeConnection):
        return StripeTransport(settings, found)
    if isinstance(found, WooCommerceConnection):
        return WooCommerceTransport(settings, found)
    raise NotConfigured(f"No connection {system!r} to send to.")
