"""Accounts that say what they came to after each line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.dbt_project.facts import DAY, START, Fact

HOUR = DAY / 24


def logged(account: str, number: int, when: datetime, amount: float, balance: float | None,
           /, **given: Any) -> Fact:  # fmt: skip
    values = {
        "account_line_id": f"{account}-{number}", "account_id": account, "posted_at": when,
        "amount": amount, "balance_amount": balance, "currency_code": "CNY",
        "provider": "alipay", "source": "alipay", "shop_id": "tb", "row_number": number,
        "file_id": f"log-{account}",
    }  # fmt: skip
    return "account_lines", {**values, **given}


def accounts_with_balances() -> list[Fact]:
    t, second = START + DAY, {"file_id": "log-second"}
    return [
        # All of it, from two files that overlap, the second with the newest row first.
        logged("whole", 1, t, 100, 100), logged("whole", 2, t + HOUR, -40, 60),
        logged("whole", 2, t + HOUR, -40, 60, **second, row_number=9),
        logged("whole", 3, t + DAY, 15, 75, **second, row_number=2),
        logged("whole", 4, t + DAY, 5, 80, **second, row_number=1),
        # Of the second day a line is missing; the same account in another currency is whole.
        logged("gap", 1, t, 100, 100), logged("gap", 3, t + DAY, 10, 135),
        logged("gap", 4, t + DAY * 5, -35, 100),
        logged("gap", 5, t, 7, 7, currency_code="USD"),
        logged("gap", 6, t + DAY, 3, 10, currency_code="USD"),
        # Told twice, under two numbers.
        logged("twice", 1, t, 100, 100), logged("twice", 2, t + HOUR, 20, 120),
        logged("twice", 3, t + HOUR, 20, 120), logged("twice", 4, t + DAY * 4, 1, 121),
        # The missing line comes a week later.
        logged("late", 1, t, 100, 100), logged("late", 3, t + HOUR * 2, 10, 115),
        logged("late", 2, t + HOUR, 5, 105, ingested_at=t + DAY * 8, file_id="log-late-2"),
        logged("late", 4, t + DAY * 3, 1, 116),
        # Booked in another order than it was counted.
        logged("mixed", 1, t, 100, 100), logged("mixed", 2, t + HOUR, 10, 130),
        logged("mixed", 3, t + HOUR * 2, 20, 120), logged("mixed", 4, t + DAY, 1, 131),
    ]  # fmt: skip
