"""What goes wrong with data as such: a column that appears one day, a code nobody
knows, a date nobody can have meant."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from ingestion.demo.formats import Outbound, day_text
from ingestion.demo.parcels import LOADED
from ingestion.demo.plan import DAY, LOCAL_OFFSET, MINUTE, TAOBAO, DemoPlan

NEW_COLUMN = "temperature_zone"
# As archives and old systems write a date they do not know.
NO_DATE = "1980-01-01 00:00:00"
# The checks and feeds these faults are seen by.
SHAPE = f"wms/{TAOBAO}/snapshots"
CHECK = "gx door products"
ODD_CODE, ODD_TEXT, ODD_SCANS = "9X1", "快件已转入共配网点", 3


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


def with_unexplained(plan: DemoPlan, scans: pl.DataFrame, parcels: pl.DataFrame) -> pl.DataFrame:
    """A few scans of the day before yesterday bear a code the carrier never told anybody of."""
    taobao = parcels.filter(pl.col("shop") == TAOBAO).select("tracking_number")
    odd = (
        scans.filter((pl.col("day") == _odd_day(plan)) & (pl.col("code") == LOADED))
        .join(taobao, on="tracking_number", how="semi")
        .sort("at", "tracking_number")
        .head(ODD_SCANS)
        .with_columns(at=pl.col("at") + 2 * MINUTE, code=pl.lit(ODD_CODE), text=pl.lit(ODD_TEXT))
    )
    return pl.concat([scans, odd]).sort("at", "tracking_number", "code")


def _odd_day(plan: DemoPlan) -> int:
    return (plan.until_s + LOCAL_OFFSET) // DAY - 2


def unexplained_files(plan: DemoPlan, out: Outbound) -> list[str]:
    """Ids (sha256) of the files with such scans."""
    path = out.folder / "files" / "sf_express" / TAOBAO / f"routes-{day_text(_odd_day(plan))}.jsonl"
    if not path.exists() or f'"{ODD_CODE}"'.encode() not in path.read_bytes():
        return []
    return [hashlib.sha256(path.read_bytes()).hexdigest()]


def undated(articles: pl.DataFrame) -> pl.DataFrame:
    """The last article of the list was listed before there were computers."""
    last = pl.int_range(pl.len()) == pl.len() - 1
    return articles.with_columns(
        listed_at=pl.when(last).then(pl.lit(NO_DATE)).otherwise(pl.col("listed_at"))
    )
