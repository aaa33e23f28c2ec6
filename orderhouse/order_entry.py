"""An order somebody enters by hand about a case: checked, and handed in like any other file.

It is a file of the source `order_sheet` in the watched folder, so it is landed, read, encrypted and
folded as the workbook of hand-entered orders is. Nothing of it is in the ledger: it is personal.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from orderhouse.settings import Settings

SOURCE = "order_sheet"
METHODS = ("online", "cod", "bank_transfer", "balance")
_WRITTEN = {"online": "线上支付", "cod": "货到付款", "bank_transfer": "银行转账", "balance": "余额"}
_HEADER = (
    "订单号", "下单时间", "商品编码", "数量", "单价", "币种", "付款方式", "付款时间", "收货人",
    "电话", "地址", "城市", "省份", "国家", "录入员",
)  # fmt: skip
_SHOP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_TIME = "%Y-%m-%d %H:%M"
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,19}")
_MOST = Decimal(10_000_000)


class BadEntry(ValueError):
    """What is missing or cannot be right: `code` of a message, and what its sentence names."""

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code, self.fields = f"entry.{code}", fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of the order as it was typed."""

    sku: str
    pieces: str
    price: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One order as it was typed. Times are of Shanghai, as in the workbook; not paid: empty."""

    order_id: str
    shop_id: str
    ordered: str
    paid: str
    currency: str
    method: str
    articles: Sequence[Article]
    name: str
    phone: str
    address: str
    city: str = ""
    region: str = ""
    country: str = "CN"

    @property
    def number(self) -> str:
        """The number the channel gave it: the order's name here is the shop's and it."""
        return self.order_id.removeprefix(f"{self.shop_id}-")


def check(entry: Entry, known: Collection[str] | None) -> None:
    """Raises BadEntry: what has to be put right first. `known`: articles there are; None: any."""
    if not _SHOP.fullmatch(entry.shop_id) or entry.number in ("", entry.order_id):
        raise BadEntry("no_shop", id=entry.order_id)
    _check_payment(entry)
    if not entry.articles:
        raise BadEntry("no_articles")
    for row, article in enumerate(entry.articles, start=1):
        _check_article(row, article, known)
    if not entry.name.strip() or not entry.address.strip():
        raise BadEntry("no_contact")
    if not _PHONE.fullmatch(entry.phone.strip()):
        raise BadEntry("no_phone")


def _check_payment(entry: Entry) -> None:
    ordered = _moment(entry.ordered, "ordered")
    if entry.paid.strip() and _moment(entry.paid, "paid") < ordered:
        raise BadEntry("paid_before")
    if not re.fullmatch(r"[A-Z]{3}", entry.currency) or entry.method not in METHODS:
        raise BadEntry("no_currency")


def _check_article(row: int, article: Article, known: Collection[str] | None) -> None:
    sku = article.sku.strip()
    if not sku or (known is not None and sku not in known):
        raise BadEntry("unknown_sku", row=row, sku=sku)
    if not 0 < _number(article.pieces) < _MOST:
        raise BadEntry("no_pieces", row=row)
    if not 0 <= _number(article.price) < _MOST:
        raise BadEntry("no_price", row=row)


def _moment(text: str, name: str) -> datetime:
    try:
        return datetime.strptime(text.strip(), _TIME)
    except ValueError as error:
        raise BadEntry(f"no_time_{name}") from error


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() else Decimal(-1)


def as_csv(entry: Entry, clerk: str) -> bytes:
    """The order as rows of the workbook, one for each article."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADER)
    for article in entry.articles:
        writer.writerow(
            [entry.number, entry.ordered.strip(), article.sku.strip(), article.pieces.strip(),
             article.price.strip(), entry.currency, _WRITTEN[entry.method], entry.paid.strip(),
             entry.name.strip(), entry.phone.strip(), entry.address.strip(), entry.city.strip(),
             entry.region.strip(), entry.country.strip(), clerk]
        )  # fmt: skip
    return out.getvalue().encode()


def hand_in(settings: Settings, entry: Entry, clerk: str, action_id: str) -> None:
    """Put it where files are watched for, whole or not at all; twice is the same file."""
    folder = settings.inbox_dir / SOURCE / entry.shop_id
    folder.mkdir(parents=True, exist_ok=True)
    name = f"entered-{re.sub(r'[^A-Za-z0-9-]', '', action_id)[:40]}.csv"
    # With a dot in front it is still being written, and left alone.
    half = folder / f".{name}"
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(as_csv(entry, clerk))
        file.flush()
        os.fsync(file.fileno())
    half.replace(folder / name)
