"""A copy of the dbt project in which some policy rows say something else."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from orderhouse.settings import PROJECT_ROOT
from orderhouse.what_if import BadChange, Change

_LEFT_OUT = shutil.ignore_patterns("target", "logs", "dbt_packages")


def changed_project(target: Path, changes: Sequence[Change]) -> Path:
    """Copies the project and makes the changes in its seeds.

    Raises:
        BadChange: a policy has no such row.
    """
    shutil.copytree(PROJECT_ROOT / "dbt_project", target, ignore=_LEFT_OUT)
    for change in changes:
        _apply(target / "seeds" / f"{change.policy}.csv", change)
    return target


def _apply(path: Path, change: Change) -> None:
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        names, rows = list(reader.fieldnames or ()), list(reader)
    meant = [row for row in rows if row[change.key] == change.code]
    if not meant:
        known = ", ".join(sorted({row[change.key] for row in rows}))
        raise BadChange(f"{change.policy} has no row {change.code!r}; it has: {known}.")
    for row in meant:
        row[change.column] = change.value
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
