"""The table of requirements is whole, and names only what there is."""

from __future__ import annotations

import csv
import re

import pytest

from orderhouse.settings import PROJECT_ROOT

TABLE = (PROJECT_ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (R\d+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", TABLE, flags=re.M)
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
CODES = {
    r"Q\d+": ("queues", "queue_code"),
    r"S\d+[A-Z]?": ("sla_policies", "sla_code"),
    r"RV\d+": ("review_rules", "rule_code"),
    r"RC\d+[A-Z]?": ("recon_definitions", "recon_code"),
}
STATES = ("done", "part:", "later", "other system")


def _codes(seed: str, column: str) -> set[str]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return {row[column] for row in csv.DictReader(lines)}


def _exists(name: str) -> bool:
    for pattern, (seed, column) in CODES.items():
        if re.fullmatch(pattern, name):
            return name in _codes(seed, column)
    kind, _, what = name.partition(" ")
    if kind == "page":
        return (PROJECT_ROOT / "dashboards" / "views" / f"{what}.py").exists()
    if kind == "source":
        return (PROJECT_ROOT / "ingestion" / "sources" / what / "mapping.yml").exists()
    if kind == "metric":
        return what in _codes("metric_catalogue", "metric_code")
    if name.endswith(".py"):
        return any((PROJECT_ROOT / "tests").rglob(name))
    models = (PROJECT_ROOT / "dbt_project" / "models").rglob(f"{name}.sql")
    return any(models) or (SEEDS / f"{name}.csv").exists()


def test_every_requirement_has_a_row() -> None:
    assert [row[0] for row in ROWS] == [f"R{number}" for number in range(1, 84)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_requirement_says_where_it_is_and_the_place_exists(row: tuple[str, ...]) -> None:
    number, _, state, where = row
    names = re.findall(r"`([^`]+)`", where)
    assert state.startswith(STATES), f"{number}: {state}"
    assert names or state == "later", f"{number} is nowhere"
    assert [name for name in names if not _exists(name)] == []
