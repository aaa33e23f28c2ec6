"""What an analysis is asked of: who asks, which days, channels and shops, and what is too little.

Answers are kept with the build they are of: a build never changes, so it is asked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dashboards.queries.kpis import COUNTED_ONLY
from dashboards.queries.overview import Slice
from dashboards.queries.policies import analysis_limits
from dashboards.reader import Reader, Where
from dashboards.warehouse import NoSnapshot
from orderhouse.ledger import Denied

# What went back beyond the price of the goods is shipping and tax.
VALID_NET = (
    "coalesce(goods_amount, 0) - discount_amount - least(refunded_amount, "
    "greatest(coalesce(goods_amount, 0) - discount_amount, 0))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question's frame. `zone` is the zone business days are of."""

    reader: Reader
    wanted: Slice
    zone: str

    @property
    def as_of(self) -> datetime:
        manifest = self.reader.snapshot.manifest
        return manifest.as_of or manifest.published_at

    @property
    def today(self) -> date:
        """The business day the build is of; it is not over."""
        sql = f"select {self.day('?::timestamp')} as today"
        return self.reader.query(sql, [self.as_of])[0]["today"]

    def day(self, column: str) -> str:
        """The business day of a moment."""
        return f"cast({self.local(column)} as date)"

    def local(self, column: str) -> str:
        return f"timezone('{self.zone}', timezone('UTC', {column}))"

    def needs(self, relation: str, *columns: str) -> None:
        """Raises Denied unless this person may see every column a query touches."""
        missing = set(columns) - set(self.reader.columns(relation)) - COUNTED_ONLY
        if missing:
            raise Denied("ledger.not_allowed", verb="read", queue=relation)

    def limit(self, code: str) -> Decimal:
        """One row of `policies.analysis_limits`."""
        limits = analysis_limits(self.reader.snapshot)
        if code not in limits:
            raise NoSnapshot(f"this build is older than the limit {code!r}")
        return limits[code]

    def where(self, relation: str, day: str, wanted: Slice | None = None) -> Where:
        """Rows of the days, channels and shops asked for, cut down to the reader's shops."""
        of = wanted or self.wanted
        where = Where().also(f"{day} between ? and ?", of.period.first, of.period.last)
        return self.reader.scope(relation, narrowed(where, of))

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Rows of a query; the same ones for the same question of one build."""
        key = f"analysis {self.reader.shops} {sql} {list(params)}"
        memo = self.reader.snapshot.memo
        if key not in memo:
            memo[key] = self.reader.query(sql, params)
        return [dict(row) for row in memo[key]]


def narrowed(where: Where, of: Slice) -> Where:
    """Only the channels and shops of a slice."""
    listed = "in (select unnest(?::varchar[]))"
    if of.channels:
        where = where.also(f"channel {listed}", list(of.channels))
    if of.shops:
        where = where.also(f"shop_id {listed}", list(of.shops))
    return where
