"""How often an address may call: a bucket of tokens for each, and only so many buckets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

_BURST_S = 10.0
_MAX_BUCKETS = 10_000


class Limiter:
    """Tokens come back at a steady rate; a burst of ten seconds' worth is free."""

    def __init__(self, per_minute: int, clock: Callable[[], float]) -> None:
        self._rate = per_minute / 60
        self._room = max(1.0, self._rate * _BURST_S)
        self._clock = clock
        # The bucket used longest ago is first: it is the one to forget.
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def wait(self, key: Hashable) -> float:
        """Takes a token and gives 0, or gives the seconds until there is one."""
        now = self._clock()
        tokens, seen = self._buckets.pop(key, (self._room, now))
        tokens = min(self._room, tokens + (now - seen) * self._rate)
        taken = tokens >= 1
        self._buckets[key] = (tokens - 1 if taken else tokens, now)
        if len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / self._rate
