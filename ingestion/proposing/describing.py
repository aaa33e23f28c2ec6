"""What the app is told of a sample: its columns, the proposal, the trial. No personal data.

Whoever reads it has not said yet which columns are about people. So cells are told by their shape,
and what a trial shows in clear is hidden where it stands in a column that is called like a
person's, or looks like a telephone number or a mail address.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ingestion.proposing.explaining import explain
from ingestion.proposing.propose import Proposal
from ingestion.proposing.sample import Sample
from ingestion.proposing.synonyms import known, plain
from ingestion.proposing.trying import Trial
from ingestion.records import STREAMS
from ingestion.records.schema import Kind
from orderhouse.privacy import masks

SHAPES = 3
HIDDEN = "•••"
# Sure signs anywhere: a mail address, a number with a country's code, a Chinese mobile. Numbers of
# orders are long as well, so what is only long is hidden in free text alone.
_CONTACT = re.compile(r"[^\s@]+@[^\s@]+|(?<![\w-])(?:\+\d[\d -]{7,}\d|1[3-9]\d{9})(?![\w-])")
_LONG_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){6,}(?!\d)")


def describe(
    sample: Sample, proposal: Proposal, trial: Trial, fields: Mapping[str, str]
) -> dict[str, Any]:
    """The whole answer to a question about a sample, ready for JSON."""
    hide = Hiding(sample, proposal)
    return {
        "format": sample.kind,
        "delimiter": "" if sample.document else sample.format.delimiter,
        "document": sample.document,
        "columns": [_column(sample, name) for name in sample.columns],
        "streams": list(proposal.streams),
        "offered": list(STREAMS),
        "fields": [asdict(field) for field in explain(sample, proposal, fields)],
        "left": list(proposal.left),
        "missing": list(proposal.missing),
        "mapping": proposal.text,
        "mapping_sha256": hashlib.sha256(proposal.text.encode()).hexdigest(),
        "trial": _trial(trial, hide),
    }


def _column(sample: Sample, name: str) -> dict[str, Any]:
    values = sample.values(name)
    shapes = Counter(masks.shape(value, 24) for value in values)
    return {
        "name": name,
        "filled": len(values),
        "rows": len(sample.rows),
        "different": len(set(values)),
        "shapes": [shape for shape, _ in shapes.most_common(SHAPES)],
    }


def _trial(trial: Trial, hide: Hiding) -> dict[str, Any]:
    return {
        "read": trial.read,
        "recorded": trial.recorded,
        "skipped": trial.skipped,
        "quarantined": sum(trial.quarantine.values()),
        "records": dict(sorted(trial.records.items())),
        "examples": {
            stream: [
                {name: hide(stream, name, value) for name, value in record.items()}
                for record in records
            ]
            for stream, records in trial.examples.items()
        },
        "quarantine": [
            {"reason_code": code, "about": hide.text(about), "count": count}
            for (code, about), count in sorted(trial.quarantine.items(), key=lambda i: -i[1])
        ],
        "rows": [
            {"row_number": row, "reason_code": code, "about": hide.text(about)}
            for row, code, about in trial.rows
        ],
    }


class Hiding:
    """What of a sample is about people, as far as its headers and its mapping tell."""

    def __init__(self, sample: Sample, proposal: Proposal) -> None:
        headers = {
            header
            for stream, matched in proposal.matches.items()
            for column, header in matched.items()
            if STREAMS[stream].column(column).kind.is_personal
        }
        headers |= {name for name in sample.columns if _is_a_persons(name)}
        self._values = {
            value for name in headers for value in sample.values(name) if not value.isspace()
        }

    def __call__(self, stream: str, name: str, value: str) -> str:
        """One value of a record; what is stored masked is masked already."""
        names = {column.name for column in STREAMS[stream].columns}
        if name not in names and name.endswith("_masked"):
            return value
        column = STREAMS[stream].column(name)
        if value in column.codes:
            return value
        if value in self._values:
            return HIDDEN
        shown = self.text(value)
        return _LONG_NUMBER.sub(HIDDEN, shown) if column.kind is Kind.TEXT else shown

    def text(self, value: str) -> str:
        """A sentence about the sample, such as an error, without what is a person's."""
        for known_value in sorted(self._values, key=len, reverse=True)[:2_000]:
            if len(known_value) > 1 and known_value in value:
                value = value.replace(known_value, HIDDEN)
        return _CONTACT.sub(HIDDEN, value)


def _is_a_persons(header: str) -> bool:
    """Whether any mapping calls a column of people's data so."""
    return any(
        STREAMS[stream].column(column).kind.is_personal
        for name in (header, header.rpartition(".")[2])
        for stream, column in known().get(plain(name), {})
    )
