"""Personal values of shaped records -> mask, blind index and ciphertext; nothing in clear goes on.

The subject, whose key encrypts the values of a record, is by default the person behind the phone
number, else the buyer, else the order, the parcel or the record itself.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ingestion.mapping import StreamMap
from ingestion.records import STREAMS
from ingestion.records.schema import Column, Kind
from orderhouse.privacy import Privacy

# Who a record is about, from the most to the least personal.
_SUBJECT_COLUMNS = (
    ("buyer_id", "buyer"),
    ("order_id", "order"),
    ("tracking_number", "parcel"),
    ("case_id", "case"),
    ("contact_id", "contact"),
)


def protect(
    privacy: Privacy, stream: StreamMap, records: pa.Table, region: str
) -> tuple[pa.Table, list[str] | None]:
    """The records with personal columns replaced, and their subjects if any were needed."""
    for name in stream.pseudonyms:
        hidden = privacy.blind_indexes("account", records[name].to_pylist())
        records = _replaced(records, name, {name: pa.array(hidden, pa.string())})
    personal = [
        column
        for column in STREAMS[stream.stream].columns
        if column.kind.is_personal and column.name in records.column_names
    ]
    if not personal:
        return _without(records, "_subject"), None
    subjects = subjects_of(privacy, stream, records, region)
    for column in personal:
        done = privacy.protect(
            f"{stream.stream}.{column.name}",
            column.kind.value,
            records[column.name].to_pylist(),
            subjects,
            region,
        )
        records = _replaced(
            records,
            column.name,
            {
                f"{column.name}_masked": pa.array(done.masked, pa.string()),
                f"{column.name}_index": pa.array(done.index, pa.string()),
                f"{column.name}_cipher": pa.array(done.cipher, pa.binary()),
            },
        )
    return _without(records, "_subject"), subjects


def subjects_of(privacy: Privacy, stream: StreamMap, records: pa.Table, region: str) -> list[str]:
    """The subject of each record."""
    length = records.num_rows
    if "_subject" in records.column_names:
        chosen = records["_subject"].to_pylist()
    else:
        chosen = [None] * length
    phone = _phone(STREAMS[stream.stream].columns, records)
    if phone is not None:
        indexes = privacy.blind_indexes("phone", records[phone].to_pylist(), region)
        chosen = _first(chosen, "phone", indexes)
    for name, label in _SUBJECT_COLUMNS:
        if name in records.column_names:
            chosen = _first(chosen, label, records[name].to_pylist())
    return [subject or f"{stream.stream}:nobody" for subject in chosen]


def _phone(columns: Sequence[Column], records: pa.Table) -> str | None:
    names = [c.name for c in columns if c.kind is Kind.PHONE and c.name in records.column_names]
    return names[0] if names else None


def _first(chosen: list[str | None], label: str, values: Sequence[str | None]) -> list[str | None]:
    return [
        subject or (f"{label}:{value}" if value else None)
        for subject, value in zip(chosen, values, strict=True)
    ]


def extra_column(
    privacy: Privacy,
    stream: str,
    rows: np.ndarray,
    subjects: Sequence[str],
    unused: pa.Table,
) -> pa.Array:
    """`extra` of the given rows: readable columns as they are, all others sealed as one text."""
    unused_rows = unused.select(["_row", "kept", "sealed"]).to_pylist()
    by_row = {item["_row"]: (item["kept"], item["sealed"]) for item in unused_rows}
    said = [by_row.get(int(row), (None, None)) for row in rows]
    places = [i for i, (_, sealed) in enumerate(said) if sealed]
    ciphers = privacy.seal_bytes(
        f"{stream}.extra",
        [said[i][1].encode() for i in places],
        [subjects[i] for i in places],
    )
    sealed_at = dict(zip(places, ciphers, strict=True))
    texts: list[str | None] = []
    for i, (kept, _) in enumerate(said):
        value = json.loads(kept) if kept else {}
        if sealed_at.get(i):
            value["sealed"] = b64encode(sealed_at[i]).decode()
        texts.append(json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None)
    return pa.array(texts, pa.string())


def _replaced(records: pa.Table, name: str, new: dict[str, pa.Array]) -> pa.Table:
    records = records.drop_columns(name)
    for column, values in new.items():
        records = records.append_column(column, values)
    return records


def _without(records: pa.Table, name: str) -> pa.Table:
    return records.drop_columns(name) if name in records.column_names else records
