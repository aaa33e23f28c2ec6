"""What a build folds in: what is new, or everything once the rules are others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingestion.ingest import load_records
from ingestion.warehouse import init_warehouse
from orderhouse.settings import Settings
from pipelines.window import close_window, open_window

AT = datetime(2026, 6, 1, 9)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that has folded what there was."""
    settings = Settings(home=tmp_path, now=AT)  # type: ignore[call-arg]
    init_warehouse(settings.warehouse_path)
    settings.candidate_path.parent.mkdir(parents=True, exist_ok=True)
    settings.candidate_path.touch()
    return settings


def _decide(settings: Settings, number: int, verb: str, undoes: int | None = None) -> None:
    row = {
        "decision_id": f"d{number}", "verb": verb, "decided_at": AT.isoformat(sep=" "),
        "actor_id": "li", "source_sequence": number,
        "undoes_decision_id": None if undoes is None else f"d{undoes}",
    }  # fmt: skip
    load_records(settings, "decisions", [row], source="ledger", now=AT)


def _is_full(settings: Settings) -> bool:
    window = open_window(settings, full=False, as_of=None)
    close_window(settings, window, "folded")
    return window.is_full


@pytest.mark.parametrize("explained", ["map_code", "map_sku"])
def test_a_code_explained_or_taken_back_has_all_folded_anew(
    settings: Settings, explained: str
) -> None:
    _decide(settings, 1, "claim")
    assert _is_full(settings)  # the first
    told = (("claim", None), (explained, None), ("claim", None), ("undo", 4), ("undo", 3))
    found = []
    for number, (verb, undoes) in enumerate(told, start=2):
        _decide(settings, number, verb, undoes)
        found.append(_is_full(settings))
    assert found == [False, True, False, False, True]
