"""`connections.yml` of a home: the systems outside, how each is reached, what it gets and gives.

One file for both directions: what is fetched from a system and what is sent to it. A credential is
never written here, only named (`env:NAME`); `orderhouse.settings.named` looks it up when it is
used. Nothing here opens a connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orderhouse.access import get_policy
from orderhouse.settings import Settings

FILE_NAME = "connections.yml"
EVERYTHING = "all"
# What a shop's API is asked to do: cancel an order, show its parcels, pay a part back.
CANCELS = ("review_reject", "cancel_order")
REFUND = "refund_approve"
SHOP_VERBS = (*CANCELS, "re_push", REFUND)
_NAME = r"^[a-z0-9][a-z0-9_-]{0,59}$"
_SHOP = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"
_MAIL = r"^[^@\s<>,;]+@[^@\s<>,;]+$"
_REFERENCE = r"^env:[A-Za-z_][A-Za-z0-9_]*$"

Reference = Annotated[str, Field(pattern=_REFERENCE)]
Address = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]


class ConnectionsError(RuntimeError):
    """The file does not say what is meant; the text names the entry."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Named(_Strict):
    """What every system has."""

    name: str = Field(pattern=_NAME)

    def takes(self, verb: str, shop_id: str | None) -> bool:
        """Whether a decision of this kind, about this shop, goes there."""
        return False


class _Taker(_Named):
    """A system that is told of decisions.

    Attributes:
        shops: whose messages go there; empty means every shop's.
        sends: verbs of decisions that go there, or `all`.
    """

    shops: tuple[str, ...] = ()
    sends: tuple[str, ...] | Literal["all"] = ()

    def takes(self, verb: str, shop_id: str | None) -> bool:
        if self.shops and shop_id not in self.shops:
            return False
        return self.sends == EVERYTHING or verb in self.sends


class _Notified(_Taker):
    """A system that people of one post read.

    Attributes:
        role: whose cases and whose digest it gets.
        notices: `urgent` for cases of severity 1 as they open, `digest` for each day's figures,
            `mentions` when somebody of the post was named in a comment.
    """

    role: str = ""
    notices: tuple[Literal["urgent", "digest", "mentions"], ...] = ()
    language: Literal["zh", "en"] = "zh"
    timeout_seconds: float = Field(default=20, gt=0, le=120)


class FolderConnection(_Taker):
    """Files in a folder, for a system that reads files; default `<home>/outbox/<name>`."""

    kind: Literal["folder"]
    path: Path | None = None
    format: Literal["csv", "json"] = "json"


class WebhookConnection(_Notified):
    """An address that takes one signed message a call."""

    kind: Literal["webhook"]
    url: Address
    secret: Reference


class MailConnection(_Notified):
    """A mailbox, reached by SMTP. Decisions are no mail: `sends` stays empty."""

    kind: Literal["mail"]
    host: str
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: Reference | None = None
    password: Reference | None = None
    sender: str = Field(pattern=_MAIL)
    to: tuple[Annotated[str, Field(pattern=_MAIL)], ...] = Field(min_length=1)


class _Teller(_Named):
    """A system that tells us facts, as one shop of one source."""

    source: str
    shop: str = Field(pattern=_SHOP)


class HookConnection(_Teller):
    """A system that pushes to us.

    Attributes:
        secrets: any of them may have signed, so that a secret can be changed without a gap.
        scheme: how it signs; by default as its source does.
    """

    kind: Literal["hook"]
    secrets: tuple[Reference, ...] = Field(min_length=1)
    scheme: str = ""


class PullConnection(_Teller):
    """A system that we ask.

    Attributes:
        client: which API it is; by default that of the source.
        address: where it is, where that differs from shop to shop.
        credentials: what the API wants, by the API's own names.
        feeds: what it is asked for; by default what the client thinks is needed.
        since: where the first reading begins.
        overlap_minutes: how much is read again each time; by default what each feed needs.
        window_days: how much time one step of a long reading covers.
        marketplaces: which of an API's marketplaces, by its own ids.
        token_address: where access is granted, if that is not where it usually is.
    """

    kind: Literal["pull"]
    client: str = ""
    address: Address | None = None
    credentials: dict[str, Reference] = Field(min_length=1)
    feeds: tuple[str, ...] = ()
    since: date | None = None
    overlap_minutes: int | None = Field(default=None, ge=0, le=527_040)
    window_days: int = Field(default=7, ge=1, le=366)
    page_size: int | None = Field(default=None, ge=1, le=250)
    marketplaces: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")], ...] = ()
    token_address: Address | None = None


class BucketConnection(_Teller):
    """Files below a prefix of S3-compatible storage.

    Attributes:
        endpoint: where the storage is, if it is not Amazon's.
        key, secret: without them the client looks where it usually does.
        marker: ending of the empty object that says its neighbour is complete, such as `.done`.
        settle_seconds: without markers, how long an object must lie unchanged.
    """

    kind: Literal["bucket"]
    url: str = Field(pattern=r"^s3://[^/\s]+(/\S*)?$")
    endpoint: Address | None = None
    region: str = "us-east-1"
    key: Reference | None = None
    secret: Reference | None = None
    marker: str = Field(default="", pattern=r"^(\.[A-Za-z0-9_]+)?$")
    settle_seconds: int = Field(default=60, ge=0, le=86_400)


class _Shop(_Taker):
    """A shop whose own API is told: to cancel what was refused, to show parcels again.

    Attributes:
        refunds: whether money goes back through it: refunds that were agreed to, and what was paid
            for an order that is cancelled.
    """

    address: Address
    sends: tuple[str, ...] | Literal["all"] = SHOP_VERBS
    refunds: bool = False
    timeout_seconds: float = Field(default=20, gt=0, le=120)

    def takes(self, verb: str, shop_id: str | None) -> bool:
        if verb == REFUND and not self.refunds:
            return False
        return super().takes(verb, shop_id)


class ShopifyConnection(_Shop):
    """A Shopify shop (Admin GraphQL)."""

    kind: Literal["shopify"]
    token: Reference
    api_version: str = Field(default="2026-04", pattern=r"^\d{4}-\d{2}$")


class WooCommerceConnection(_Shop):
    """A WooCommerce shop (REST, v3)."""

    kind: Literal["woocommerce"]
    key: Reference
    secret: Reference


class StripeConnection(_Taker):
    """A Stripe account that pays back what was agreed to (REST, v1)."""

    kind: Literal["stripe"]
    key: Reference
    address: Address = "https://api.stripe.com"
    # Empty: the account's own; what is used here is the same in all of them.
    api_version: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2}(\.[a-z]+)?)?$")
    sends: tuple[str, ...] | Literal["all"] = (REFUND,)
    timeout_seconds: float = Field(default=20, gt=0, le=120)


Connection = Annotated[
    FolderConnection
    | WebhookConnection
    | MailConnection
    | HookConnection
    | PullConnection
    | BucketConnection
    | ShopifyConnection
    | WooCommerceConnection
    | StripeConnection,
    Field(discriminator="kind"),
]


class Connections(_Strict):
    """The whole file."""

    connections: tuple[Connection, ...] = ()

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.connections if isinstance(one, kind)]

    def named(self, name: str) -> Any | None:
        return next((one for one in self.connections if one.name == name), None)

    def takers(self, verb: str, shop_id: str | None) -> list[str]:
        """Names of the systems that are told of such a decision, in the file's order."""
        return [one.name for one in self.connections if one.takes(verb, shop_id)]


def references_of(connection: Any) -> list[str]:
    """The credentials a connection names, each once, in the order of its entry."""
    found: dict[str, None] = {}
    for value in connection.model_dump().values():
        several = value.values() if isinstance(value, dict) else value
        texts = several if isinstance(value, dict | tuple | list) else (value,)
        found |= {text: None for text in texts if re.match(_REFERENCE, str(text))}
    return list(found)


def load_connections(settings: Settings) -> Connections:
    """The home's connections; none when it has no file.

    Raises:
        ConnectionsError: the file is no YAML, or an entry is not understood.
    """
    path = settings.root / FILE_NAME
    if not path.exists():
        return Connections()
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark else ""
        raise ConnectionsError(f"{path} is no YAML{line}.") from None
    try:
        found = Connections.model_validate(_listed(raw))
    except ValidationError as error:
        said = "; ".join(_complaint(one, raw) for one in error.errors()[:5])
        raise ConnectionsError(f"{path}: {said}") from None
    _check(path, found)
    return found


def _listed(raw: Any) -> Any:
    """`connections` is written as a mapping from name to entry; here each knows its name."""
    if not isinstance(raw, dict) or not isinstance(raw.get("connections"), dict):
        return raw
    entries = [
        {**entry, "name": name} if isinstance(entry, dict) else entry
        for name, entry in raw["connections"].items()
    ]
    return {**raw, "connections": entries}


def _complaint(error: Any, raw: Any) -> str:
    """Where and what, never the value: somebody may have written a password there."""
    where = [str(part) for part in error["loc"]]
    names = list(raw["connections"]) if isinstance(raw.get("connections"), dict) else []
    if where[:1] == ["connections"] and len(where) > 1 and where[1].isdigit() and names:
        where[1] = str(names[int(where[1])])
    return f"{'.'.join(where)}: {error['msg']}"


def _check(path: Path, found: Connections) -> None:
    verbs = get_policy().outbox
    _one_payer(path, found)
    for one in found.connections:
        if isinstance(one, _Notified) and (one.notices or one.role):
            _known(path, f"connections.{one.name}.role", [one.role], get_policy().roles)
        if isinstance(one, _Taker) and isinstance(one.sends, tuple):
            known = SHOP_VERBS if isinstance(one, _Shop) else verbs
            known = (REFUND,) if isinstance(one, StripeConnection) else known
            known = () if isinstance(one, MailConnection) else known
            _known(path, f"connections.{one.name}.sends", one.sends, known)


def _one_payer(path: Path, found: Connections) -> None:
    """Two systems that both pay a shop's refunds would pay each of them twice."""
    payers = [one for one in found.connections
              if isinstance(one, _Shop | StripeConnection)
              and one.takes(REFUND, one.shops[0] if one.shops else None)]  # fmt: skip
    for number, one in enumerate(payers):
        for other in payers[number + 1 :]:
            if not one.shops or not other.shops or set(one.shops) & set(other.shops):
                raise ConnectionsError(
                    f"{path}: {one.name} and {other.name} would both pay the same refunds back: "
                    "give each its shops, or take refunds from one of them"
                )


def _known(path: Path, where: str, said: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(said) - set(known))
    if unknown:
        raise ConnectionsError(
            f"{path}: {where}: {', '.join(unknown)} not among {', '.join(sorted(known))}"
        )
