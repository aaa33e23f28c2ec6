"""Files of real systems, landed and loaded: what became of every record, and what the files say.

    python -m benchmarks.real_data [--write docs/real-data.md]

The files are not part of the project; `ORDERHOUSE_REAL_DATA` says where they are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from ingestion.ingest import ingest
from ingestion.landing import Landing
from ingestion.mapping import source_names
from ingestion.records import STREAMS
from ingestion.store import open_warehouse
from orderhouse.privacy import open_privacy
from orderhouse.settings import PROJECT_ROOT, Settings, get_settings

RECEIVED, NOW = datetime(2026, 11, 20), datetime(2026, 11, 21)

# Where the files of each source lie. What no pattern takes is listed as left out, with its reason.
FILES: tuple[tuple[str, str], ...] = (
    ("online_retail", "online_retail/*"),
    ("olist", "olist/*"),
    ("shopify", "shopify/rest/*.json"),
    ("shopify_tables", "shopify/tables/seeds/*.csv"),
    ("woocommerce", "woocommerce/order*"),
    ("amazon", "amazon/reports/*.tsv"),
    ("amazon", "amazon/reports/*.xml"),
    ("amazon_api", "amazon/sp_api_tables/seeds/*.csv"),
    ("stripe", "stripe/tables/seeds/*.csv"),
    ("alipay", "merchant_bills/alipay*"),
    ("wechatpay", "merchant_bills/wechat*"),
    ("pinduoduo", "alipay_wechat_wallet_bills/*/拼多多*"),
    ("wallets", "alipay_wechat_wallet_bills/*/*"),
    ("taobao", "taobao_jd_orders/*.csv"),
    ("sf_express", "tracking/sf_*"),
    ("kuaidi100", "tracking/kuaidi100*"),
    ("track17", "tracking/17track*"),
)
LEFT_OUT = {
    "SCHEMA.md": "a description",
    "README.md": "a description",
    "tax_rates.json": "tax rates of a shop: an order says what tax it bears",
    "report_headers.json": "headers without rows; tests make rows under them",
    "jd_order_export_header.json": "a header without rows; a test makes rows under it",
    "taobao_ExportOrderList_headers.json": "headers without rows; a test makes rows under them",
}
NO_SOURCE = "no source takes it yet"


@dataclass(frozen=True, slots=True)
class Row:
    """One file, or one archive of files, and what became of its records."""

    path: str
    source: str
    read: int = 0
    layouts: str = ""
    streams: str = ""
    skipped: int = 0
    quarantine: str = ""
    totals: str = ""


def real_data_dir() -> Path:
    return (get_settings().real_data or PROJECT_ROOT / "../shared/data").resolve()


def rows(root: Path) -> Iterator[Row]:
    """Every file under the folder, once."""
    known, taken = set(source_names()), {}
    for source, pattern in FILES:
        if source in known:
            for path in sorted(root.glob(pattern)):
                taken.setdefault(path, source)
    for source in dict.fromkeys(taken.values()):
        yield from _of_source(root, source, [p for p, s in taken.items() if s == source])
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p not in taken):
        reason = LEFT_OUT.get(path.name, NO_SOURCE)
        yield Row(str(path.relative_to(root)), "", streams=reason)


def _of_source(root: Path, source: str, paths: list[Path]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="real-data-") as folder:
        settings = Settings(home=Path(folder) / "home")
        privacy = open_privacy(settings)
        landing = Landing(settings.landing_dir, privacy)
        landed = {
            path: landing.land(path, source=source, shop="s1", received_at=RECEIVED)
            for path in paths
        }
        privacy.vault.close()
        report = ingest(settings, NOW)
        if report.failed:
            raise SystemExit(f"{source}: {report.failed}")
        with open_warehouse(settings) as warehouse:
            for path, file_ids in landed.items():
                yield _row(warehouse, str(path.relative_to(root)), source, file_ids)


def _row(warehouse: duckdb.DuckDBPyConnection, path: str, source: str, ids: list[str]) -> Row:
    found = warehouse.execute(
        "select sum(records_read)::bigint, sum(records_skipped)::bigint,"
        " sum(records_recorded)::bigint, sum(records_quarantined)::bigint"
        " from ops.loads where list_contains(?, file_id)",
        [ids],
    ).fetchone()
    read, skipped, recorded, quarantined = (int(value or 0) for value in found or (0, 0, 0, 0))
    if read != skipped + recorded + quarantined:
        raise SystemExit(f"{path}: {read} read, but {skipped} + {recorded} + {quarantined}")
    return Row(
        path, source, read, _layouts(warehouse, ids), _streams(warehouse, ids), skipped,
        _reasons(warehouse, ids), _totals(warehouse, ids),
    )  # fmt: skip


def _layouts(warehouse: duckdb.DuckDBPyConnection, ids: list[str]) -> str:
    found = warehouse.execute(
        "select distinct layout from ops.loads"
        " where list_contains(?, file_id) and layout is not null order by 1",
        [ids],
    ).fetchall()
    return ", ".join(layout for (layout,) in found)


def _streams(warehouse: duckdb.DuckDBPyConnection, ids: list[str]) -> str:
    union = " union all ".join(
        f"select '{name}' as stream, count(*) as n from records.{name}"
        " where list_contains($ids, file_id)"
        for name in STREAMS
    )
    query = f"select stream, n from ({union}) where n > 0 order by n desc, stream"
    return _joined(warehouse.execute(query, {"ids": ids}).fetchall())


def _reasons(warehouse: duckdb.DuckDBPyConnection, ids: list[str]) -> str:
    return _joined(
        warehouse.execute(
            "select reason_code, count(*) from ops.quarantine where list_contains(?, file_id)"
            " group by 1 order by 2 desc, 1",
            [ids],
        ).fetchall()
    )


def _totals(warehouse: duckdb.DuckDBPyConnection, ids: list[str]) -> str:
    found = warehouse.execute(
        "select totals.name, totals.stated::varchar, totals.computed::varchar, totals.is_equal"
        " from ops.control_totals as totals inner join ops.loads as loads using (load_seq)"
        " where list_contains(?, loads.file_id) order by totals.name",
        [ids],
    ).fetchall()
    return ", ".join(
        f"{name} {_plain(stated)}" + ("" if equal else f" (found {_plain(computed)})")
        for name, stated, computed, equal in found
    )


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _joined(pairs: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in pairs)


HEAD = """# Real files and what becomes of them

Generated by `make real-data`; do not edit. One line for each file: how many records were read,
which streams they gave records to, how many were no facts (blank, preamble, footers, tests, what
another table says), what is in quarantine and why, and the totals the file states about itself with
what was found where that differs. Every record is in exactly one of recorded, skipped and
quarantine; a run ends with an error where that does not hold.

| File | Source | Layout | Read | Records | Skipped | Quarantine | Totals in the file |
|---|---|---|---:|---|---:|---|---|
"""


def table(found: Iterable[Row]) -> str:
    lines = [
        f"| {row.path} | {row.source} | {row.layouts} | {row.read:,} | {row.streams} |"
        f" {row.skipped:,} | {row.quarantine} | {row.totals} |"
        if row.source
        else f"| {row.path} | | | | *{row.streams}* | | | |"
        for row in found
    ]
    return HEAD + "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", type=Path, help="also write the table to this file")
    arguments = parser.parse_args()
    root = real_data_dir()
    if not root.is_dir():
        raise SystemExit(f"no real data at {root}; set ORDERHOUSE_REAL_DATA")
    text = table(rows(root))
    sys.stdout.write(text)
    if arguments.write:
        arguments.write.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
