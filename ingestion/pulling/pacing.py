"""How fast an API may be asked: each operation has a bucket of calls that fills up again slowly.

A bucket lasts as long as one reading. What is left of it from an earlier reading nobody tells; then
the API refuses, and the refusal is waited out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What an API promises for one operation.

    Attributes:
        burst: calls a full bucket allows at once.
        per_second: calls that are restored each second.
    """

    operation: str
    burst: int
    per_second: float


@dataclass(slots=True)
class _Bucket:
    calls: float
    per_second: float
    filled_at: float


class Pace:
    """The buckets of one connection."""

    def __init__(
        self, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, rate: Rate) -> None:
        """One call; waits until the bucket has one."""
        bucket, now = self._of(rate), self._clock()
        since = now - bucket.filled_at
        bucket.calls = min(float(rate.burst), bucket.calls + since * bucket.per_second)
        bucket.filled_at = now
        if bucket.calls < 1:
            self._sleep((1 - bucket.calls) / bucket.per_second)
            bucket.calls, bucket.filled_at = 1.0, self._clock()
        bucket.calls -= 1

    def learn(self, rate: Rate, told: str | None) -> None:
        """Some sellers are allowed more than is promised, some less; each answer says it."""
        try:
            per_second = float(told or "")
        except ValueError:
            return
        if 0 < per_second < float("inf"):
            self._of(rate).per_second = per_second

    def refused(self, rate: Rate) -> float:
        """The bucket is empty, whatever we thought. After how many seconds it has a call again."""
        bucket = self._of(rate)
        # The waiting fills it: the call after it is the one that was waited for.
        bucket.calls, bucket.filled_at = 1.0, self._clock()
        return 1 / bucket.per_second

    def _of(self, rate: Rate) -> _Bucket:
        if rate.operation not in self._buckets:
            full = _Bucket(float(rate.burst), rate.per_second, self._clock())
            self._buckets[rate.operation] = full
        return self._buckets[rate.operation]
