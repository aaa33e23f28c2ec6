"""What metrics were when they were first published, and what they became: `serving/figures.db`.

A day's figure is first published by the first build made after the day was over. Later builds add a
row where it has changed. Rows are only ever added, all of one build in one transaction. The file
lies beside the snapshots because it is about them, and outlives the ones that are cleared away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path

NAME = "figures.db"
WHOLE = "*"  # every shop together
_TABLES = """
create table if not exists published_days (
    figure_date text primary key, build_id text not null, published_at text not null
) without rowid;
create table if not exists figures (
    metric_code text not null, figure_date text not null, shop_id text not null,
    currency_code text not null, over_value text, under_value text,
    build_id text not null, published_at text not null,
    primary key (metric_code, figure_date, shop_id, currency_code, build_id)
) without rowid;
create trigger if not exists figures_stay before update on figures
    begin select raise(abort, 'figures are only added'); end;
create trigger if not exists figures_keep before delete on figures
    begin select raise(abort, 'figures are only added'); end;
"""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Figure:
    """One metric, day, shop and currency as a build had it: the sums behind the value, as text."""

    metric_code: str
    figure_date: str
    shop_id: str
    currency_code: str
    over_value: str | None
    under_value: str | None
    build_id: str
    published_at: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.metric_code, self.figure_date, self.shop_id, self.currency_code)

    @property
    def value(self) -> float | None:
        if self.over_value is None:
            return None
        if self.under_value is None:
            return float(self.over_value)
        under = float(self.under_value)
        return float(self.over_value) / under if under else None


class Figures:
    """The file of one home. Reading it needs no right to write."""

    def __init__(self, serving_dir: Path) -> None:
        self.path = serving_dir / NAME

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            yield db

    def days(self) -> dict[date, str]:
        """Day -> when its figures were first published."""
        if not self.path.exists():
            return {}
        with self._open() as db:
            found = db.execute("select figure_date, published_at from published_days").fetchall()
        return {date.fromisoformat(day): at for day, at in found}

    def between(self, first: date, last: date, metric_code: str | None = None) -> list[Figure]:
        """Every row of some days, the oldest publication of each figure first."""
        if not self.path.exists():
            return []
        names = ", ".join(Figure.__dataclass_fields__)
        only, params = "", [first.isoformat(), last.isoformat()]
        if metric_code is not None:
            only, params = " and metric_code = ?", [*params, metric_code]
        sql = (
            f"select {names} from figures where figure_date between ? and ?{only} "  # noqa: S608
            "order by metric_code, figure_date, shop_id, currency_code, published_at, build_id"
        )
        with self._open() as db:
            rows = db.execute(sql, params).fetchall()
        return [Figure(**dict(zip(Figure.__dataclass_fields__, row, strict=True))) for row in rows]

    def append(self, figures: Iterable[Figure], closed: Sequence[date], build_id: str,
               published_at: str) -> None:  # fmt: skip
        """Adds the figures of a build and the days it closed; the same build twice is once."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=30, isolation_level=None)) as db:
            db.execute("pragma synchronous = full")
            db.executescript(_TABLES)
            marks = ", ".join("?" * len(Figure.__dataclass_fields__))
            db.execute("begin immediate")
            db.executemany(
                f"insert or ignore into figures values ({marks})",  # noqa: S608
                [astuple(figure) for figure in figures],
            )
            db.executemany(
                "insert or ignore into published_days values (?, ?, ?)",
                [(day.isoformat(), build_id, published_at) for day in closed],
            )
            db.execute("commit")
