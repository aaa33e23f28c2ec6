"""People of the demo business refuse and merge orders, and look at what is hidden, as people do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from orderhouse.ledger import Ledger, access_events_after, decisions_after, open_ledger
from orderhouse.settings import Settings
from pipelines.demo_review import DECISIONS, DESK, LEFT_OVER, REVIEWER, make_demo_reviews
from tests.support.people import CHEAP, NOW, add_person


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}", passwords=CHEAP)
    add_person(opened, REVIEWER, "order_processor")
    add_person(opened, DESK, "cs")
    yield opened
    opened.close()


def _reviewed(home: Path, ledger: Ledger, cases: int) -> pl.DataFrame:
    """The labels that are left."""
    settings = Settings(home=home)  # type: ignore[call-arg]
    settings.demo_dir.mkdir(parents=True, exist_ok=True)
    kinds = [*DECISIONS, ("Q25", "delivered_not_received")]
    rows = [
        {"queue_code": queue, "entity_type": "order", "entity_id": one, "order_id": one,
         "fault": fault}
        for queue, fault in kinds
        for one in [f"tb-{queue}{number:04}" for number in range(cases)]
    ]  # fmt: skip
    path = settings.demo_dir / "labels.csv"
    pl.DataFrame(rows).write_csv(path)
    make_demo_reviews(settings, ledger, NOW)
    return pl.read_csv(path)


def test_one_order_of_each_kind_is_decided_and_no_longer_labelled(
    tmp_path: Path, ledger: Ledger
) -> None:
    left = _reviewed(tmp_path, ledger, LEFT_OVER + 1)
    decided = [(row["queue_code"], row["verb"]) for row in decisions_after(ledger, 0)]
    assert sorted(decided) == sorted((queue, verb) for (queue, _), (verb, _) in DECISIONS.items())
    for queue, _ in DECISIONS:
        assert left.filter(pl.col("queue_code") == queue).height == LEFT_OVER


def test_a_small_business_keeps_its_few_cases(tmp_path: Path, ledger: Ledger) -> None:
    left = _reviewed(tmp_path, ledger, LEFT_OVER)
    assert left.height == LEFT_OVER * (len(DECISIONS) + 1)
    assert not list(decisions_after(ledger, 0))


def test_looks_behind_a_mask_and_a_page_that_failed_are_told_as_codes(
    tmp_path: Path, ledger: Ledger
) -> None:
    _reviewed(tmp_path, ledger, LEFT_OVER)
    told = [
        (event["verb"], event["subject"])
        for event in access_events_after(ledger, 0)
        if event["verb"] in ("reveal", "page_error")
    ]
    assert told == [
        ("reveal", "buyer_phone"), ("reveal", "ship_address"), ("page_error", "timeout_error"),
    ]  # fmt: skip
