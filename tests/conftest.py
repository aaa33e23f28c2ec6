"""In which order the files run: those that take longest first.

`make test` gives each of two workers a file at a time. Were a long one left for the end, one worker
would wait for the other; and what a file builds for all (`homes`, the worlds of `dbt_project`) is
there when the next one asks for it. README.md beside this file has what they cost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LONGEST = (
    "pipelines/test_build.py",
    "dbt_project/test_incremental.py",
    "pipelines/test_kills.py",
    "pipelines/test_transform.py",
    "dbt_project/test_stock_requests.py",
    "pipelines/test_decisions.py",
    "pipelines/test_worker.py",
    "pipelines/test_stock_requests.py",
    "pipelines/test_what_if.py",
    "ingestion/test_pulling.py",
    "ingestion/test_full_disk.py",
    "dashboards/test_source_journey.py",
    "dashboards/test_journey.py",
    "ingestion/test_graphql.py",
    "ingestion/test_broken_files.py",
    "pipelines/test_definitions.py",
    "ledger/test_crash.py",
    "ingestion/test_sources.py",
    "dashboards/test_pages.py",
)
_RANK = {TESTS / name: rank for rank, name in enumerate(LONGEST)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _RANK.get(item.path, len(_RANK)))
