"""`mapping.yml` of a source: which tables its files hold and which records come out of them.

A source is a folder `ingestion/sources/<name>/` with a `mapping.yml` and a README; adding the
folder is enough. The file says in SQL expressions over named text columns what each column of each
stream is; docs: `ingestion/sources/README.md`. Mistakes are found when the mapping is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ingestion.errors import MappingError
from ingestion.readers import Format, Found
from ingestion.records import STREAMS

# The C one where it is there: all mappings are read to know what columns are called.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SOURCES = Path(__file__).parent / "sources"
ENVELOPE_VALUES = ("source_sequence", "observed_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamMap:
    """How rows of a table become records of one stream.

    Attributes:
        where: rows it takes; all when empty.
        explode: list expressions, each giving one row per element: `<name>`, `<name>_number`.
        let: named intermediate expressions, each may use the ones before.
        group_by: one record per distinct value of these in a file; values are then aggregates.
        values: expression by column of the stream, and of `source_sequence` and `observed_at`.
        pseudonyms: columns whose text is replaced by its blind index.
        subject: whose key encrypts the personal values; by default phone, buyer, order.
        zone: False where every time of the stream carries its own offset.
    """

    stream: str
    where: str = ""
    explode: Dict[str, str] = field(default_factory=dict)
    let: Dict[str, str] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()
    values: Dict[str, str] = field(default_factory=dict)
    pseudonyms: tuple[str, ...] = ()
    subject: str = ""
    has_zone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """A total the file states about itself, against an aggregate of its rows.

    Attributes:
        pattern: finds what is stated in the asides of the file.
        stated: finds it in the rows, as an aggregate: some files open with a row of totals.
    """

    name: str
    computed: str
    pattern: str = ""
    stated: str = ""

    def __post_init__(self) -> None:
        if bool(self.pattern) == bool(self.stated):
            raise ValueError(f"control total {self.name} needs either a pattern or `stated`")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMap:
    """One layout of a source.

    Attributes:
        required, optional: our short name -> the headers it goes by in any generation.
        document: for JSON, where the record may be found (`[]`, `orders[]`, ...).
        occurrence: columns by which equal rows of a sheet are numbered 1, 2, ... as `occurrence`;
            among rows equal in these the others decide the order, never the place in the file.
        sheet: names of the sheet of a workbook that this layout is on; none: on any sheet.
        is_exact: the file has these columns and no others.
        unused: why nothing is taken from this layout; its rows are counted as skipped.
        skip: rows that are no facts, for example summaries; counted as skipped.
        keep: unmapped headers without personal data, kept readable in `extra`.
        known: further headers that are known to be there and that nothing is made of; any other is
            new, and somebody looks at it.
    """

    name: str
    required: Dict[str, tuple[str, ...]]
    optional: Dict[str, tuple[str, ...]] = field(default_factory=dict)
    document: tuple[str, ...] = ()
    sheet: tuple[str, ...] = ()
    is_exact: bool = False
    unused: str = ""
    skip: str = ""
    occurrence: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    let: Dict[str, str] = field(default_factory=dict)
    streams: tuple[StreamMap, ...] = ()
    control_totals: tuple[ControlTotal, ...] = ()

    def names(self) -> list[str]:
        return [*self.required, *self.optional]

    def found(self, header: Sequence[str]) -> Found | None:
        """The layout if the header has every required column (and no other, if exact)."""
        ours = {h: name for name, hs in {**self.required, **self.optional}.items() for h in hs}
        names = tuple(ours.get(cell) for cell in header)
        known = [name for name in names if name]
        # The same column twice under two of its names: nobody can say which one is meant.
        if not set(self.required) <= set(known) or len(known) != len(set(known)):
            return None
        if self.is_exact and None in names:
            return None
        return Found(layout=self.name, names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Everything known of one source. `version` changes with every change of the file."""

    source: str
    version: str
    channel: str | None
    zone: str | None
    currency: str | None
    phone_region: str
    format: Format
    parameters: Dict[str, str | None]
    tables: tuple[TableMap, ...]

    def table(self, layout: str) -> TableMap:
        return next(table for table in self.tables if table.name == layout)

    def recognise(self, header: Sequence[str], sheet: str = "", /) -> Found | None:
        """The layout with the most known columns among those that fit; the first of equals. One
        that names its sheet fits no other, and on that sheet comes before those that name none."""
        document = None
        if header and header[0].startswith("document:"):
            document, header = header[0].removeprefix("document:"), header[1:]
        fits = [
            found
            for table in self.tables
            if (document in table.document if document else not table.document)
            and (not table.sheet or sheet in table.sheet)
            and (found := table.found(header))
        ]
        named = [found for found in fits if self.table(found.layout).sheet]
        return max(named or fits, key=lambda f: sum(n is not None for n in f.names), default=None)


def source_names(own: Path | None = None) -> list[str]:
    """The sources that have a mapping: the shipped ones, and those of the folder `own`."""
    folders = [SOURCES] if own is None else [SOURCES, own]
    return sorted({path.parent.name for f in folders for path in f.glob("*/mapping.yml")})


def load_mapping(name: str, own: Path | None = None) -> Mapping:
    """The mapping of a source; one in the folder `own` comes before the shipped one.

    Raises:
        MappingError: with the place of a mistake, or the names there are.
    """
    path = mapping_path(name, own)
    return _read(name, path, path.stat().st_mtime_ns)


def mapping_path(name: str, own: Path | None = None) -> Path:
    """Where the mapping of a source is; raises MappingError when it has none."""
    for folder in (own, SOURCES):
        path = folder / name / "mapping.yml" if folder else None
        if path is not None and path.is_file():
            return path
    raise MappingError(f"there is no source {name!r}; the sources are {source_names(own)}")


@lru_cache(maxsize=128)
def _read(name: str, path: Path, _changed: int) -> Mapping:
    """Read once for as long as the file is not changed."""
    return parse_mapping(name, path.read_text("utf-8"))


def parse_mapping(name: str, text: str) -> Mapping:
    """Read and check the text of a mapping."""
    try:
        tree = yaml.load(text, Loader=_LOADER)  # noqa: S506  safe loader
        return _mapping(name, tree, hashlib.sha256(text.encode()).hexdigest()[:12])
    except (yaml.YAMLError, TypeError, KeyError, ValueError, AttributeError) as error:
        raise MappingError(f"sources/{name}/mapping.yml: {error}") from error


def _mapping(name: str, tree: dict[str, Any], version: str) -> Mapping:
    tree = dict(tree)
    zone = tree.pop("zone", None)
    if zone is not None:
        ZoneInfo(zone)
    mapping = Mapping(
        source=name,
        version=version,
        channel=tree.pop("channel", None),
        zone=zone,
        currency=tree.pop("currency", None),
        phone_region=tree.pop("phone_region", "CN"),
        format=Format(**_tuples(tree.pop("format", {}))),
        parameters=tree.pop("parameters", {}),
        tables=tuple(_table(key, dict(value)) for key, value in tree.pop("tables").items()),
    )
    _no_more(tree, "the mapping")
    return mapping


def _tuples(tree: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in tree.items()}


def _table(name: str, tree: dict[str, Any]) -> TableMap:
    table = TableMap(
        name=name,
        required=_headers(tree.pop("required", {})),
        optional=_headers(tree.pop("optional", {})),
        document=_list(tree.pop("document", ())),
        sheet=_list(tree.pop("sheet", ())),
        is_exact=tree.pop("is_exact", False),
        unused=tree.pop("unused", ""),
        skip=tree.pop("skip", ""),
        occurrence=tuple(tree.pop("occurrence", ())),
        keep=tuple(tree.pop("keep", ())),
        known=tuple(tree.pop("known", ())),
        let=_texts(tree.pop("let", {})),
        streams=tuple(_stream(name, dict(item)) for item in tree.pop("streams", ())),
        control_totals=tuple(ControlTotal(**item) for item in tree.pop("control_totals", ())),
    )
    _no_more(tree, f"table {name}")
    if not table.required:
        raise ValueError(f"table {name} needs required columns to be recognised by")
    if bool(table.streams) == bool(table.unused):
        raise ValueError(f"table {name} needs either streams or a reason in `unused`")
    return table


def _list(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _headers(tree: dict[str, Any] | list[str]) -> dict[str, tuple[str, ...]]:
    """A list names columns as the file does; a mapping gives our name and the file's names."""
    if isinstance(tree, list):
        return {name: (name,) for name in tree}
    return {name: _list(headers) for name, headers in tree.items()}


def _texts(tree: dict[str, Any]) -> dict[str, str]:
    for name, value in tree.items():
        if not isinstance(value, str):
            raise TypeError(f"{name}: an expression is text, not {value!r}")
    return dict(tree)


def _stream(table: str, tree: dict[str, Any]) -> StreamMap:
    stream = StreamMap(
        stream=tree.pop("stream"),
        where=tree.pop("where", ""),
        explode=_texts(tree.pop("explode", {})),
        let=_texts(tree.pop("let", {})),
        group_by=tuple(tree.pop("group_by", ())),
        values=_texts(tree.pop("values")),
        pseudonyms=tuple(tree.pop("pseudonyms", ())),
        subject=tree.pop("subject", ""),
        has_zone=tree.pop("has_zone", True),
    )
    place = f"table {table}, stream {stream.stream}"
    _no_more(tree, place)
    if stream.stream not in STREAMS:
        raise ValueError(f"{place}: there is no such stream; streams are {sorted(STREAMS)}")
    known = {column.name for column in STREAMS[stream.stream].columns} | set(ENVELOPE_VALUES)
    if unknown := (set(stream.values) | set(stream.pseudonyms)) - known:
        raise ValueError(f"{place}: the stream has no columns {sorted(unknown)}")
    return stream


def _no_more(tree: dict[str, Any], place: str) -> None:
    if tree:
        raise ValueError(f"{place}: unknown keys {sorted(tree)}")
