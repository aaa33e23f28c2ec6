"""What a stream of records is: its columns, their text grammar, its natural key, its event time.

Values arrive as text. Each `Kind` says which text is acceptable and what it becomes; text that does
not pass goes to quarantine with the column's name in the reason, never silently rounded or cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Type of a value: grammar for its text and DuckDB type in `records.<stream>`."""

    ID = "id"  # varchar: identifiers, kept exactly, no blanks at the ends
    CODE = "code"  # varchar: closed lists, lower case
    TEXT = "text"  # varchar: free text without personal data
    MONEY = "money"  # decimal(18, 4)
    QUANTITY = "quantity"  # decimal(18, 4): goods may be weighed
    INTEGER = "integer"  # bigint
    TIME = "time"  # timestamp, naive UTC
    BOOLEAN = "boolean"
    JSON = "json"  # varchar holding valid JSON
    # Personal data: each becomes three columns, <name>_masked, <name>_index, <name>_cipher.
    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    REMARK = "remark"

    @property
    def is_personal(self) -> bool:
        return self in (Kind.NAME, Kind.PHONE, Kind.ADDRESS, Kind.REMARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a stream. `required` means: without it the row is quarantined."""

    name: str
    kind: Kind
    note: str
    required: bool = False
    codes: tuple[str, ...] = ()  # for CODE: the closed list; anything else is quarantined


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream of records.

    Attributes:
        key: columns whose values, joined, are the record's natural key (`record_key`).
        event_time: the column that says when the fact happened.
    """

    name: str
    note: str
    key: tuple[str, ...]
    event_time: str
    columns: tuple[Column, ...] = field(default_factory=tuple)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"stream {self.name} has no column {name}")


def required(name: str, kind: Kind, note: str, codes: tuple[str, ...] = ()) -> Column:
    return Column(name=name, kind=kind, note=note, required=True, codes=codes)


def optional(name: str, kind: Kind, note: str, codes: tuple[str, ...] = ()) -> Column:
    return Column(name=name, kind=kind, note=note, codes=codes)


# Every record carries these besides its own columns, in this order, before them.
ENVELOPE: tuple[tuple[str, str], ...] = (
    ("record_key", "varchar"),  # natural key: the same fact, whatever its version
    ("record_hash", "varchar"),  # md5 of the mapped text values: the same version, whoever sent it
    ("source", "varchar"),
    ("channel", "varchar"),
    ("shop_id", "varchar"),
    ("source_sequence", "bigint"),  # the source's own version order, where it has one
    ("observed_at", "timestamp"),  # when the source said it
    ("ingested_at", "timestamp"),  # when we received the file
    ("zone_assumed", "varchar"),  # zone used to read local times; null where the text had an offset
    ("load_seq", "bigint"),  # which load brought it: rising, the build's watermark
    ("file_id", "varchar"),  # sha256 of the landed file
    ("row_number", "bigint"),  # 1-based record number in the file
    ("byte_from", "bigint"),  # [byte_from, byte_to) in the landed (unpacked) bytes
    ("byte_to", "bigint"),
    ("extra", "varchar"),  # JSON of what the mapping did not use
)

DUCKDB_TYPES: dict[Kind, str] = {
    Kind.ID: "varchar",
    Kind.CODE: "varchar",
    Kind.TEXT: "varchar",
    Kind.MONEY: "decimal(18, 4)",
    Kind.QUANTITY: "decimal(18, 4)",
    Kind.INTEGER: "bigint",
    Kind.TIME: "timestamp",
    Kind.BOOLEAN: "boolean",
    Kind.JSON: "varchar",
}


def table_columns(stream: Stream) -> list[tuple[str, str]]:
    """(name, DuckDB type) of every column of `records.<stream>`, in table order."""
    columns = list(ENVELOPE)
    for column in stream.columns:
        if column.kind.is_personal:
            columns += [
                (f"{column.name}_masked", "varchar"),
                (f"{column.name}_index", "varchar"),
                (f"{column.name}_cipher", "blob"),
            ]
        else:
            columns.append((column.name, DUCKDB_TYPES[column.kind]))
    return columns
