"""Why a column of ours is filled as proposed, how sure that is, and what else it could be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ingestion.proposing.propose import OF_ORDER, Proposal
from ingestion.proposing.sample import Sample
from ingestion.proposing.synonyms import USUAL, known, plain
from ingestion.records import STREAMS
from ingestion.records.schema import Column, Stream
from orderhouse.source_choices import NOTHING, header_of

OTHERS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of one stream.

    Attributes:
        header: the column of theirs it is filled with, as far as it is one.
        why: code of the reason; sure: high, medium, low, or empty where nothing is filled.
        votes: how many mappings call a column so.
        choice: what somebody chose, empty where the proposal stands.
        others: headers it could be as well, the likelier first.
    """

    stream: str
    column: str
    kind: str
    is_required: bool
    codes: tuple[str, ...]
    header: str
    expression: str
    why: str
    sure: str
    votes: int
    choice: str
    others: tuple[str, ...]


def explain(sample: Sample, proposal: Proposal, fields: Mapping[str, str]) -> list[Field]:
    """Every column of the streams of a proposal, in the order of the streams."""
    (table,) = yaml.safe_load(proposal.text)["tables"].values()
    found = []
    for tree in table["streams"]:
        stream = STREAMS[tree["stream"]]
        for column in stream.columns:
            choice = fields.get(f"{stream.name}.{column.name}", "")
            found.append(_field(sample, proposal, stream, column, (choice, tree["values"] or {})))
    return found


def _field(
    sample: Sample,
    proposal: Proposal,
    stream: Stream,
    column: Column,
    said: tuple[str, dict[str, Any]],
) -> Field:
    choice, values = said
    expression = values.get(column.name, "")
    header = proposal.matches[stream.name].get(column.name, "") if expression else ""
    votes = _votes(header, stream.name).get(column.name, 0) if header else 0
    why = _why(stream, column, header, expression, choice)
    return Field(
        stream=stream.name, column=column.name, kind=column.kind.value,
        is_required=column.required, codes=column.codes, header=header, expression=expression,
        why=why, sure=_sure(sample, stream.name, column.name, header, why), votes=votes,
        choice=choice, others=_others(sample, stream.name, column.name, header),
    )  # fmt: skip


def _votes(header: str, stream: str) -> dict[str, int]:
    """Column -> how many say that this header is it; a path says the most by its end."""
    for name in (header, header.rpartition(".")[2]):
        votes = {c: n for (s, c), n in known().get(plain(name), {}).items() if s == stream}
        if votes:
            return votes
    return {}


def _why(stream: Stream, column: Column, header: str, expression: str, choice: str) -> str:
    if choice:
        is_column = header_of(choice) is not None
        return "chosen" if is_column else "left_out" if choice == NOTHING else "fixed"
    if not expression:
        return "missing" if column.required else "unused"
    if "digest12(" in expression:
        return "made_up"
    if (stream.name, column.name) in OF_ORDER and "'" in expression and not header:
        return "taken_as" if expression.startswith(("'", "min('")) else "of_number"
    if header:
        return _called(header, column.name)
    return "of_number" if "shop_id(" in expression else "of_total"


def _called(header: str, column: str) -> str:
    end = header.rpartition(".")[2]
    if plain(column) in (plain(header), plain(end)):
        return "same_name"
    usual = {plain(name) for name in USUAL.get(column, ())}
    return "usual_name" if {plain(header), plain(end)} & usual else "other_sources"


def _sure(sample: Sample, stream: str, column: str, header: str, why: str) -> str:
    if why in ("missing", "unused", "left_out"):
        return ""
    if not header or why == "chosen":
        return "high" if why in ("chosen", "fixed", "of_number") else "medium"
    if not sample.values(header):
        return "low"  # the name alone says so: nothing stands there
    votes = _votes(header, stream)
    return "high" if votes.get(column, 0) * 5 >= sum(votes.values()) * 3 else "medium"


def _others(sample: Sample, stream: str, column: str, header: str) -> tuple[str, ...]:
    """Headers somebody calls this column, in this stream or, less likely, in another one."""
    scores: dict[str, tuple[int, int]] = {}
    for name in sample.columns:
        here = _votes(name, stream).get(column, 0)
        votes = known().get(plain(name), {})
        anywhere = sum(n for (_, c), n in votes.items() if c == column)
        if name != header and (here or anywhere):
            scores[name] = (here, anywhere)
    return tuple(sorted(scores, key=lambda name: scores[name], reverse=True)[:OTHERS])
