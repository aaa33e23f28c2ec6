"""The stopwatch: CPU seconds of this process and its children, paired and interleaved."""

from __future__ import annotations

import os
import random
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]
_BOOTSTRAPS = 2_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took. Seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Median cost of both sides and the median of the per-pair CPU ratios with its interval."""

    name: str
    ours: Cost
    baseline: Cost
    ratio: float
    low: float
    high: float
    pairs: int

    def row(self) -> str:
        return (
            f"| {self.name} | {self.ours.cpu:.2f} | {self.baseline.cpu:.2f} | "
            f"{self.ratio:.2f} ({self.low:.2f} to {self.high:.2f}) | {self.ours.wall:.2f} | "
            f"{self.baseline.wall:.2f} | {self.pairs} |"
        )


HEADER = (
    "| What | ours, CPU s | baseline, CPU s | ratio (95 %) | ours, wall s | baseline, wall s "
    "| pairs |\n"
    "|---|---:|---:|---:|---:|---:|---:|"
)


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def once(work: Work) -> Cost:
    """One run of `work`, timed."""
    cpu, wall = _cpu(), time.perf_counter()
    work()
    return Cost(_cpu() - cpu, time.perf_counter() - wall)


def compare(name: str, ours: Work, baseline: Work, pairs: int = 7) -> Comparison:
    """Times both sides ABBA and compares their CPU seconds."""
    our_costs: list[Cost] = []
    their_costs: list[Cost] = []
    for number in range(pairs):
        if number % 2 == 0:
            our_costs.append(once(ours))
            their_costs.append(once(baseline))
        else:
            their_costs.append(once(baseline))
            our_costs.append(once(ours))
    ratios = [a.cpu / b.cpu for a, b in zip(our_costs, their_costs, strict=True)]
    low, high = interval(ratios)
    return Comparison(
        name=name,
        ours=_median(our_costs),
        baseline=_median(their_costs),
        ratio=statistics.median(ratios),
        low=low,
        high=high,
        pairs=pairs,
    )


def interval(values: list[float]) -> tuple[float, float]:
    """Bootstrap 95 % interval of the median; the draws are seeded, so it can be repeated."""
    draw = random.Random(1)
    medians = sorted(
        statistics.median(draw.choices(values, k=len(values))) for _ in range(_BOOTSTRAPS)
    )
    return medians[int(_BOOTSTRAPS * 0.025)], medians[int(_BOOTSTRAPS * 0.975)]


def _median(costs: list[Cost]) -> Cost:
    return Cost(statistics.median(c.cpu for c in costs), statistics.median(c.wall for c in costs))


def conditions() -> str:
    """The machine in one line."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, load average {load}, Linux {os.uname().release}"
