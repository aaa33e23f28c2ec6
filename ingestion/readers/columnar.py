"""Parquet: rows as text, counted against the file's own footer."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from ingestion.readers.options import Format, Recognise
from ingestion.readers.reading import Fate, Reading, text_table, whole_file_bad


def read_parquet(data: bytes, options: Format, recognise: Recognise) -> Reading:
    """Read a Parquet file; values become the text their type prints as."""
    del options  # a Parquet file describes itself
    try:
        file = parquet.ParquetFile(pa.BufferReader(data))
        stated, table = file.metadata.num_rows, file.read()
    except (pa.ArrowException, OSError, ValueError) as error:
        return whole_file_bad(len(data), "parquet", "unreadable_file", str(error)[:200])
    if table.num_rows != stated:
        detail = f"the footer states {stated} rows, {table.num_rows} can be read"
        return whole_file_bad(len(data), "parquet", "unreadable_file", detail)
    header = tuple(table.column_names)
    texts = pa.table({f"c{i}": _text(column) for i, column in enumerate(table.columns)})
    return rows_reading("parquet", header, texts, recognise)


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        values = column.to_pylist()
        return pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values],
            pa.string(),
        )


def rows_reading(
    encoding: str, header: tuple[str, ...], texts: pa.Table, recognise: Recognise
) -> Reading:
    """The reading of a format whose rows have no bytes of their own."""
    found, rows = recognise(header), texts.num_rows
    place = np.arange(rows + 1, dtype=np.int64)
    reading = Reading(
        encoding=encoding,
        layout=found.layout if found else None,
        header=header,
        names=found.names if found else (),
        start=place[:-1],
        end=place[1:],
        fate=np.full(rows, Fate.DATA, dtype=np.uint8),
        table=texts,
        has_bytes=False,
    )
    if found is None:
        reading.fate[:] = Fate.BAD
        detail = "no layout of the source has these columns"
        reading.faults = dict.fromkeys(range(rows), ("schema_mismatch", detail))
        reading.table = text_table(0)
    return reading
