"""Numbers, money, times and text for people, in the app's language rather than the browser's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

LOCALES = {"zh": "zh_CN", "en": "en_US"}
NOTHING = "–"
UNITS = {"zh": ("天", "小时", "分"), "en": ("d", "h", "min")}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def plain(value: Any) -> str:
    """Text that means itself where Streamlit would read Markdown: labels, captions, headings."""
    text = str(value).replace("\n", " ").replace("\r", " ")
    return _MARKDOWN.sub(r"\\\1", text)


@lru_cache(maxsize=len(LOCALES))
def _locale(language: str) -> Locale:
    """Babel looks a locale's name up among a thousand others each time it is given a name."""
    return Locale.parse(LOCALES[language])


@dataclass(frozen=True, slots=True)
class Format:
    """How one reader wants values written."""

    language: str
    zone: ZoneInfo

    @property
    def locale(self) -> Locale:
        return _locale(self.language)

    def money(self, amount: Any, currency: str | None) -> str:
        if amount is None:
            return NOTHING
        value = Decimal(amount)
        if not currency:
            return format_decimal(value, locale=self.locale)
        return format_currency(value, currency, locale=self.locale)

    def short_money(self, amount: Any, currency: str) -> str:
        """Room for a card: 1.2万 in Chinese, 1.2K in English."""
        value = Decimal(amount or 0)
        if not currency:
            return format_decimal(value, locale=self.locale)
        if abs(value) < 10_000:
            return format_currency(value, currency, locale=self.locale)
        return format_compact_currency(value, currency, locale=self.locale, fraction_digits=1)

    def count(self, number: Any) -> str:
        return NOTHING if number is None else format_decimal(int(number), locale=self.locale)

    def short_count(self, number: Any) -> str:
        value = int(number or 0)
        if abs(value) < 100_000:
            return format_decimal(value, locale=self.locale)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def quantity(self, number: Any) -> str:
        if number is None:
            return NOTHING
        return format_decimal(Decimal(number).normalize(), locale=self.locale)

    def ratio(self, value: Any) -> str:
        if value is None:
            return NOTHING
        return format_percent(Decimal(value), format="0.0%", locale=self.locale)

    def day(self, value: date | None) -> str:
        return NOTHING if value is None else format_date(value, "y-MM-dd", locale=self.locale)

    def time(self, value: datetime | None) -> str:
        """A moment with its minute, in the reporting zone."""
        if value is None:
            return NOTHING
        return format_datetime(self.local(value), "y-MM-dd HH:mm", locale=self.locale)

    def exact(self, value: datetime | None) -> str:
        if value is None:
            return NOTHING
        return format_datetime(self.local(value), "y-MM-dd HH:mm:ss", locale=self.locale)

    def local(self, value: datetime) -> datetime:
        """A naive UTC time as a naive time of the reporting zone, which is what a grid shows."""
        shifted = value.replace(tzinfo=ZoneInfo("UTC")).astimezone(self.zone)
        return shifted.replace(tzinfo=None)

    def duration(self, span: timedelta) -> str:
        """The two largest units: 3天 4小时, 25分."""
        minutes = int(abs(span).total_seconds() // 60)
        parts = (minutes // 1440, minutes % 1440 // 60, minutes % 60)
        gap = "" if self.language == "zh" else " "
        words = [
            f"{number}{gap}{unit}"
            for number, unit in zip(parts, UNITS[self.language], strict=True)
            if number
        ]
        return " ".join(words[:2]) or f"0{gap}{UNITS[self.language][2]}"
