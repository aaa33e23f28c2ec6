"""How the systems write numbers, times and rows; and where their files go."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from ingestion.demo.orders import NEVER
from ingestion.demo.plan import DAY, LOCAL_OFFSET


def money(cents: str | pl.Expr) -> pl.Expr:
    """Cents as text with two decimals; the sign stays in front."""
    value = pl.col(cents) if isinstance(cents, str) else cents
    size = value.abs()
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    return pl.concat_str(
        sign, (size // 100).cast(pl.String), pl.lit("."), (size % 100).cast(pl.String).str.zfill(2)
    )


def local_time(seconds: str | pl.Expr, pattern: str = "%Y-%m-%d %H:%M:%S") -> pl.Expr:
    """Local wall-clock text of epoch seconds; null where the moment never came."""
    value = pl.col(seconds) if isinstance(seconds, str) else seconds
    shifted = pl.when(value == NEVER).then(None).otherwise(value + LOCAL_OFFSET)
    return pl.from_epoch(shifted, time_unit="s").dt.strftime(pattern)


def iso_time(seconds: str | pl.Expr) -> pl.Expr:
    return local_time(seconds, "%Y-%m-%dT%H:%M:%S+08:00")


def local_day(seconds: str | pl.Expr) -> pl.Expr:
    """Number of the local day, counted from 1970-01-01."""
    value = pl.col(seconds) if isinstance(seconds, str) else seconds
    return (value + LOCAL_OFFSET) // DAY


def day_text(day: int) -> str:
    return pl.Series([day]).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y%m%d")[0]


def by_day(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """(day, its rows without the column `day`), oldest day first."""
    parts = frame.sort("day", maintain_order=True).partition_by(
        "day", as_dict=True, include_key=False, maintain_order=True
    )
    for (day,), rows in parts.items():
        yield int(day), rows


def csv_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_csv(buffer)
    return buffer.getvalue()


def ndjson_bytes(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ndjson(buffer)
    return buffer.getvalue()


@dataclass(slots=True)
class Outbound:
    """Collects the files of the business and when each was delivered."""

    folder: Path
    deliveries: list[tuple[str, str, str, int]] = field(default_factory=list)

    def write(self, source: str, shop: str, name: str, data: bytes, delivered_at: int) -> Path:
        path = self.folder / "files" / source / shop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        relative = path.relative_to(self.folder).as_posix()
        self.deliveries.append((relative, source, shop, delivered_at))
        return path
