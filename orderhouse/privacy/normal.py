"""What a personal value is compared by: one spelling for the many ways of writing it.

The blind index is computed over this form, so everything that must join must be equal here.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

_NOISE = str.maketrans("", "", " \t\u00a0-()'`.（）")
_CN_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
MIN_DIGITS = 7  # shorter ones are dialled inside a town at most; no courier can call them
_BLANKS = re.compile(r"\s+")


def fold(value: str) -> str:
    """NFKC, case folded, runs of blanks as one: for names, addresses and remarks."""
    if value.isascii():
        return " ".join(value.casefold().split())
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", value).casefold()).strip()


def phone(value: str, region: str = "CN") -> tuple[str, bool]:
    """(E.164 text, True), or (folded text, False) when it is no telephone number.

    Mobile numbers of mainland China and numbers already in E.164 take the fast path: parsing with
    the numbering plans costs about fifty times as much.
    """
    plain = value if value.isascii() else unicodedata.normalize("NFKC", value)
    bare = plain.translate(_NOISE)
    # "138..." is a mobile number in China only; "+86138..." everywhere.
    if (found := _CN_MOBILE.fullmatch(bare)) and (region == "CN" or len(bare) > 11):
        return f"+86{found[1]}", True
    if _E164.fullmatch(bare) and bare[1] != "0":
        return bare, True
    return _parsed(plain, region)


@lru_cache(maxsize=65_536)
def _parsed(value: str, region: str) -> tuple[str, bool]:
    try:
        number = phonenumbers.parse(value.strip("'` \t"), region)
    except phonenumbers.NumberParseException:
        return fold(value), False
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if number.extension:
        text = f"{text}x{number.extension}"
    is_long = len(str(number.national_number)) >= MIN_DIGITS
    return text, is_long and phonenumbers.is_possible_number(number)


def normalise(kind: str, value: str, region: str = "CN") -> str:
    """The comparable form of a value of `kind` (name, phone, address, remark, ...)."""
    return phone(value, region)[0] if kind == "phone" else fold(value)
