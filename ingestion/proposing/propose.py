"""Writing a mapping for a sample: which streams its rows are, and what each column is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ingestion.proposing.choices import apply, literal
from ingestion.proposing.choosing import guess, match, order_number
from ingestion.proposing.sample import Sample
from ingestion.proposing.synonyms import column_for, plain
from ingestion.records import STREAMS
from ingestion.records.schema import Column, Kind
from orderhouse.settings import Settings
from orderhouse.source_choices import BadDraft, Choices

# Of these an order has one, however many rows it has.
GROUPED = frozenset({"orders", "payments", "shipments"})
_OFFSET = re.compile(r".*\d(?:Z|[+-]\d{2}:?\d{2})$")

# What follows from the order's number where the table has none of its own; `{n}` stands for it.
OF_ORDER = {
    ("orders", "order_id"): "shop_id({n})",
    ("order_lines", "order_id"): "shop_id({n})",
    ("payments", "order_id"): "shop_id({n})",
    ("payments", "payment_id"): "shop_id({n}) || '-pay'",
    ("payments", "payment_kind"): "'capture'",
    ("payments", "payment_status"): "'succeeded'",
    ("shipments", "order_id"): "shop_id({n})",
    ("refunds", "order_id"): "shop_id({n})",
    ("refunds", "refund_status"): "'succeeded'",
}


# Rows that say nothing here are no record of the stream.
ONLY_WHERE = {"payments": "paid_at", "shipments": "tracking_number"}
CHANGED = frozenset({"updatedat", "updated", "modifiedat", "modified", "lastupdated",
                     "lastmodified", "datemodified", "更新时间", "修改时间"})  # fmt: skip


class NoStream(ValueError):
    """The columns of a sample are those of no stream; somebody has to say what its rows are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What all streams of a table share: the order's number, what makes rows the same, times,
    and what its writer chose."""

    number: str | None
    same: tuple[str, ...]
    seen: tuple[str, ...]
    missing: list[str]
    chosen: dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping and what its writer should know.

    Attributes:
        text: the `mapping.yml`.
        streams: what the rows become.
        found: header -> `stream.column`.
        left: headers that nothing is made of; they are kept, sealed.
        missing: `stream.column` that a record needs and no header was found for.
        matches: stream -> column -> header.
    """

    text: str
    streams: tuple[str, ...]
    found: dict[str, str]
    left: tuple[str, ...]
    missing: tuple[str, ...]
    matches: dict[str, dict[str, str]] = field(default_factory=dict)


def propose(  # noqa: PLR0913  one call says everything a mapping says
    name: str,
    sample: Sample,
    *,
    streams: Iterable[str] = (),
    zone: str | None = None,
    currency: str | None = None,
    channel: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> Proposal:
    """Propose a mapping.

    Args:
        streams: what the rows are; default: guessed from the names of the columns.
        zone: of local times; currency: where no column says it.
        channel: where the orders are from; default: called like the source.
        fields: what somebody knows better: `stream.column` -> `column:<header>`, `value:<text>`
            or `nothing`.

    Raises:
        NoStream: no stream fits the columns.
        BadDraft: no such stream or column, or what was chosen for it cannot be.
    """
    chosen = tuple(dict.fromkeys(streams)) or guess(sample)
    if unknown := set(chosen) - set(STREAMS):
        raise BadDraft("unknown_stream", name=", ".join(sorted(unknown)), known=", ".join(STREAMS))
    if not chosen:
        raise NoStream("no stream fits these columns: say which with --stream")
    matches = {stream: match(sample, STREAMS[stream]) for stream in chosen}
    settled = apply(fields or {}, matches, sample.columns)
    number = order_number(matches)
    same = _same(sample, matches, number)
    seen = _times(sample, matches)
    found = {h: f"{s}.{c}" for s in reversed(chosen) for c, h in matches[s].items()}
    missing: list[str] = []
    plan = Plan(number, same, seen, missing, settled)
    parts = [_stream(sample, s, matches[s], plan) for s in chosen]
    left = tuple(column for column in sample.columns if column not in found)
    is_counted = any("occurrence" in part for part in parts)
    table = _table(sample, found, same if is_counted else ())
    text = "\n".join([*_head(channel or name, sample, zone, currency), *table, *parts])
    return Proposal(
        text=text + "\n", streams=chosen, found=found, left=left, missing=tuple(missing),
        matches=matches,
    )  # fmt: skip


def proposed(settings: Settings, choices: Choices, sample: Sample) -> Proposal:
    """The mapping somebody's choices make, whether the command line or the app heard them."""
    choices.check()
    return propose(
        choices.name, sample, streams=choices.streams, fields=choices.fields,
        zone=choices.zone or settings.reporting_zone, currency=choices.currency or None,
        channel=choices.channel or None,
    )  # fmt: skip


def _stream(sample: Sample, name: str, matched: dict[str, str], plan: Plan) -> str:
    is_grouped = name in GROUPED and not sample.document and _repeats(sample, plan.number)
    lines = [f"      - stream: {name}"]
    if needed := matched.get(ONLY_WHERE.get(name, "")):
        lines.append(f"        where: {_yaml(f'{_cell(sample, needed)} is not null')}")
    if is_grouped and plan.number:
        waybill = matched.get("tracking_number") if name == "shipments" else None
        extra = f", {_name(sample, waybill)}" if waybill else ""
        lines.append(f"        group_by: [{_name(sample, plan.number)}{extra}]")
    if "buyer_id" in matched:
        lines.append("        pseudonyms: [buyer_id]")
    lines.append("        values:")
    lines += _values(sample, name, matched, plan, is_grouped)
    if plan.seen:
        # The later version of a record is the one that has seen more; without a time of its own
        # change a table says no more than this.
        seen = f"latest([{', '.join(plan.seen)}])"
        lines.append(f"          observed_at: {_yaml(f'max({seen})' if is_grouped else seen)}")
    return "\n".join(lines)


def _values(
    sample: Sample, name: str, matched: dict[str, str], plan: Plan, is_grouped: bool
) -> Iterator[str]:
    for column in STREAMS[name].columns:
        expression = _expression(sample, name, column, matched, plan)
        if expression is not None:
            is_key = _is_key(column.name, name) and (name, column.name) not in plan.chosen
            if is_grouped and not is_key:
                expression = f"min({expression})"
            yield f"          {column.name}: {_yaml(expression)}"
        elif column.required:
            plan.missing.append(f"{name}.{column.name}")
            yield f"          # {column.name}: needed, {column.note}"


def _is_key(column: str, stream: str) -> bool:
    return (stream, column) in OF_ORDER or column in ("channel_order_id", "tracking_number",
                                                     "shipment_id")  # fmt: skip


def _repeats(sample: Sample, header: str | None) -> bool:
    values = sample.values(header) if header else []
    return len(set(values)) < len(values)


def _expression(
    sample: Sample, stream: str, column: Column, matched: dict[str, str], plan: Plan
) -> str | None:
    number = plan.number
    header = matched.get(column.name)
    if (settled := plan.chosen.get((stream, column.name))) is not None and header is None:
        return literal(settled)
    derived = OF_ORDER.get((stream, column.name))
    if derived and number and (header is None or header == number):
        return derived.format(n=_cell(sample, number))
    if header is not None and column.name == "order_id":
        # Of another order than the row's own, perhaps; as unique across channels as any.
        return f"shop_id({_cell(sample, header)})"
    if header is not None:
        return _wrapped(sample, header, column)
    if stream == "payments" and column.name == "amount" and number:
        total = next(
            (h for h in sample.columns if column_for(h, "orders") == "payable_amount"), None
        )
        return f"money({_cell(sample, total)})" if total else None
    if (
        (stream, column.name) == ("shipments", "shipment_id")
        and number
        and "tracking_number" in matched
    ):
        waybill = _cell(sample, matched["tracking_number"])
        return f"shop_id({_cell(sample, number)}) || '-' || {waybill}"
    # `movement_id` numbers stock movements; `warehouse_id` is no number of theirs.
    is_its_number = column.name.removesuffix("_id") in stream
    if column.required and is_its_number and column.name == STREAMS[stream].key[0]:
        return _made_up(sample, stream, plan)
    return None


def _made_up(sample: Sample, stream: str, plan: Plan) -> str:
    """A number for records that have none: of what stays, and which of equal ones it is."""
    content = ", ".join(_cell(sample, column) for column in plan.same)
    start = f"shop_id({_cell(sample, plan.number)})" if plan.number else f"shop_id('{stream}')"
    place = "" if sample.document else " || '-' || occurrence"
    return f"{start} || '-' || digest12(concat_ws('|', {content})){place}"


def _same(
    sample: Sample, matches: dict[str, dict[str, str]], number: str | None
) -> tuple[str, ...]:
    """The columns by which a row is the same row in a later file, where its state has changed."""
    lines = matches.get("order_lines", {})
    named = [number, *(lines.get(column) for column in ("sku", "product_name"))]
    kept = tuple(header for header in named if header)
    return kept if number and len(kept) > 1 else sample.columns


def _times(sample: Sample, matches: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """Every time a row tells, as expressions; when it was changed, if it says so, is enough."""
    changed = [h for h in sample.columns if plain(h) in CHANGED]
    if changed:
        return (_time(sample, changed[0]),)
    headers = {
        header
        for stream, matched in matches.items()
        for column, header in matched.items()
        if STREAMS[stream].column(column).kind is Kind.TIME
    }
    return tuple(_time(sample, header) for header in sample.columns if header in headers)


def _time(sample: Sample, header: str) -> str:
    cell, values = _cell(sample, header), sample.values(header)
    if values and all(re.fullmatch(r"\d{10}", value) for value in values):
        return f"unix({cell})"
    has_offset = bool(values) and all(_OFFSET.match(value) for value in values)
    return f"utc({cell})" if has_offset else f"local({cell})"


def _wrapped(sample: Sample, header: str, column: Column) -> str:
    cell = _cell(sample, header)
    if column.kind is Kind.TIME:
        return _time(sample, header)
    wrappers = {
        Kind.MONEY: "money", Kind.QUANTITY: "number", Kind.INTEGER: "whole", Kind.BOOLEAN: "truth",
        Kind.PHONE: "bare", Kind.REMARK: "cell",
    }  # fmt: skip
    if column.name == "currency_code":
        return f"capitals({cell})"
    if column.kind is Kind.CODE:
        return f"code({cell})"
    if column.kind is Kind.TEXT and column.name in ("reason", "note", "cancel_reason"):
        return f"scrubbed({cell})"
    wrapper = wrappers.get(column.kind)
    return f"{wrapper}({cell})" if wrapper else cell


def _cell(sample: Sample, header: str) -> str:
    if sample.document:
        parts = header.replace("'", "''").split(".")
        path = ".".join(f'"{part}"' for part in parts)
        return f"document->>'$.{path}'"
    return _name(sample, header)


def _name(sample: Sample, header: str) -> str:
    """Our short name of a column: letters where it has some, else its place."""
    if sample.document:
        return _cell(sample, header)
    short = re.sub(r"[^a-z0-9]+", "_", header.casefold()).strip("_")
    is_usable = re.fullmatch(r"[a-z][a-z0-9_]{1,40}", short) and short not in _RESERVED
    same = [column for column in sample.columns if column.casefold() != header.casefold()]
    if is_usable and all(
        re.sub(r"[^a-z0-9]+", "_", c.casefold()).strip("_") != short for c in same
    ):
        return f"c_{short}"
    return f"c_{sample.columns.index(header) + 1}"


_RESERVED = frozenset({"document", "occurrence", "shop"})


def _yaml(text: str) -> str:
    """Text between double quotes; what JSON writes, YAML reads, but for signs nobody can see."""
    written = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in written)


def _head(channel: str, sample: Sample, zone: str | None, currency: str | None) -> list[str]:
    form = sample.format
    lines = [
        "# Proposed from a sample. Read it through, then try it: `orderhouse source try`.",
        f"channel: {_yaml(channel)}",
    ]
    if zone:
        lines.append(f"zone: {_yaml(zone)}")
    if currency:
        lines.append(f"currency: {_yaml(currency)}")
    lines += ["format:", f"  type: {form.type}"]
    if not sample.document:
        lines.append(f"  encodings: [{', '.join(form.encodings)}]")
        lines.append(f"  delimiter: {_yaml(form.delimiter)}")
    else:
        lines.append(f"  documents: [{', '.join(_yaml(d) for d in form.documents)}]")
    return [*lines, "", "tables:", "  rows:"]


def _table(sample: Sample, found: dict[str, str], same: tuple[str, ...]) -> list[str]:
    """How the layout is recognised: by what is used, told under the names the expressions use."""
    if sample.document:
        keys = list(dict.fromkeys(column.split(".")[0] for column in found))
        places = ", ".join(_yaml(d) for d in (*sample.format.documents, "lines"))
        return [
            f"    document: [{places}]",
            f"    required: [{', '.join(_yaml(key) for key in keys)}]",
            "    streams:",
        ]
    lines = ["    required:"]
    lines += [f"      {_name(sample, h)}: {_yaml(h)}" for h in sample.columns if h in found]
    left = [h for h in sample.columns if h not in found]
    if left:
        lines.append("    optional:")
        lines += [f"      {_name(sample, h)}: {_yaml(h)}" for h in left]
    if same:
        lines.append(f"    occurrence: [{', '.join(_name(sample, h) for h in same)}]")
    return [*lines, "    streams:"]
