"""The page of events is whole, and names only what there is."""

from __future__ import annotations

import csv
import re

import pytest

from ingestion.records import STREAMS
from orderhouse.access import get_policy
from orderhouse.settings import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "events.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z_]+) \| (event|state|stream|decision) \| (.+) \|$", PAGE, flags=re.M)
RULES = re.findall(r"^\| ([a-z][^|]+) \| ([^|]+) \|$", PAGE, flags=re.M)
DBT = PROJECT_ROOT / "dbt_project"


def _column(seed: str, column: str) -> set[str]:
    with (DBT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return {row[column] for row in csv.DictReader(lines)}


EVENTS = _column("event_types", "event_type")


def _exists(name: str) -> bool:
    stream, _, column = name.partition(".")
    if column and stream in STREAMS:
        return any(column == known.name for known in STREAMS[stream].columns)
    return (
        name in STREAMS
        or name in get_policy().verbs
        or name in _column("thresholds", "threshold_code")
        or (PROJECT_ROOT / "ingestion" / "sources" / name / "mapping.yml").exists()
        or (DBT / "seeds" / f"{name}.csv").exists()
        or any((DBT / "models").rglob(f"{name}.sql"))
        or any((DBT / "macros").rglob(name))
        or (PROJECT_ROOT / "orderhouse" / name).exists()
    )


def test_every_event_of_the_domain_has_one_row() -> None:
    names = [row[0] for row in ROWS]
    assert len(names) == len(set(names))
    assert len(names) == 117


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_event_is_where_the_page_says(row: tuple[str, str, str]) -> None:
    event, kind, where = row
    names = re.findall(r"`([^`]+)`", where)
    assert [name for name in names if not _exists(name)] == []
    assert (event in EVENTS) == (kind == "event")
    assert names or "the same" in where or kind == "state"
    if kind == "state":
        states = set(where.removeprefix("TRACK_SCAN: ").split(", "))
        assert states <= _column("carrier_state_map", "norm_state")


def test_rules_that_are_kept_elsewhere_name_places_there_are() -> None:
    assert len(RULES) == 10
    codes = _column("queues", "queue_code") | _column("sla_policies", "sla_code")
    codes |= _column("recon_definitions", "recon_code")
    for _, where in RULES:
        assert [name for name in re.findall(r"`([^`]+)`", where) if not _exists(name)] == []
        assert [code for code in re.findall(r"\b(?:Q|S|RC)\d+\b", where) if code not in codes] == []
