"""How finely a currency is counted: amounts as decimals, and as the coins providers ask for."""

from __future__ import annotations

from decimal import Decimal

# Currencies without coins, and those whose coins are thousandths; all others have hundredths.
WHOLE = (
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "UGX", "VND", "VUV",
    "XAF", "XOF", "XPF",
)  # fmt: skip
THOUSANDTHS = ("BHD", "JOD", "KWD", "OMR", "TND")


def places(currency: str | None) -> int:
    """Decimals of an amount in this currency."""
    code = (currency or "").upper()
    return 0 if code in WHOLE else 3 if code in THOUSANDTHS else 2


def written(amount: Decimal, currency: str | None) -> str:
    """An amount with all the decimals its currency has."""
    return f"{amount:.{places(currency)}f}"


def coins(amount: Decimal, currency: str | None) -> int:
    """An amount in the currency's smallest coins.

    Raises:
        ValueError: there is no such coin; nothing is rounded.
    """
    number = amount.scaleb(places(currency))
    if number != number.to_integral_value():
        raise ValueError(f"{amount} is finer than the coins of {currency}")
    return int(number)
