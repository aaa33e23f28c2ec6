"""What goes wrong with data as such: a column that appears one day, a date nobody can have meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from ingestion.demo.formats import Outbound
from ingestion.demo.plan import TAOBAO

NEW_COLUMN = "temperature_zone"
# As archives and old systems write a date they do not know.
NO_DATE = "1980-01-01 00:00:00"
# The checks and feeds these faults are seen by.
SHAPE = f"wms/{TAOBAO}/snapshots"
CHECK = "gx door products"


def reshape(out: Outbound) -> list[str]:
    """The newest stock snapshot has a column more than all before; the case it has to become."""
    files = sorted((out.folder / "files" / "wms" / TAOBAO).glob("snapshots-*.csv"))
    if len(files) < 2:
        return []
    _widen(files[-1])
    told = hashlib.md5(f"{NEW_COLUMN}/".encode(), usedforsecurity=False).hexdigest()
    return [f"{SHAPE}#{told[:6]}"]


def _widen(path: Path) -> None:
    header, *rows = path.read_bytes().removesuffix(b"\n").split(b"\n")
    wider = [header + b"," + NEW_COLUMN.encode(), *(row + b",ambient" for row in rows)]
    path.write_bytes(b"\n".join(wider) + b"\n")


def undated(articles: pl.DataFrame) -> pl.DataFrame:
    """The last article of the list was listed before there were computers."""
    last = pl.int_range(pl.len()) == pl.len() - 1
    return articles.with_columns(
        listed_at=pl.when(last).then(pl.lit(NO_DATE)).otherwise(pl.col("listed_at"))
    )
