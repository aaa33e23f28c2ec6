"""Whoever sees many queues picks an area of work first; whoever sees few sees them all."""

from __future__ import annotations

import csv
from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from dashboards.components.queue_shell import AREAS
from orderhouse.settings import PROJECT_ROOT

Open = Callable[..., AppTest]


def _options(at: AppTest, key: str) -> list[str]:
    group = next((group for group in at.get("button_group") if group.key == key), None)
    return [] if group is None else [option.content for option in group.proto.options]


def _names(labels: list[str]) -> list[str]:
    return [label.rpartition(" ")[0].replace("\\", "") for label in labels]


def test_many_queues_are_shown_area_by_area(open_page: Open) -> None:
    at = open_page("queue", "ops-lead", "en", q="Q23")
    assert _names(_options(at, "queue_area_choice")) == [
        "Orders", "Review", "Stock", "Fulfilment", "Logistics", "After-sales", "Money", "House"
    ]  # fmt: skip
    assert _names(_options(at, "queue_choice")) == [
        "Not synced to the channel", "No first scan", "Carrier exception", "Silent parcel",
        "Delivered but not received",
    ]  # fmt: skip


def test_another_area_opens_its_first_queue_that_has_work(open_page: Open) -> None:
    at = open_page("queue", "ops-lead", "en", q="Q23")
    area = next(group for group in at.get("button_group") if group.key == "queue_area_choice")
    area.set_value("review").run()
    assert at.query_params["q"] in {"Q07", "Q08", "Q09", "Q10"}
    assert not at.exception


def test_few_queues_are_shown_at_once(open_page: Open) -> None:
    at = open_page("queue", "logistics", "en")
    assert _options(at, "queue_area_choice") == []
    assert len(_options(at, "queue_choice")) == 3


def test_every_queue_has_its_area() -> None:
    with (PROJECT_ROOT / "dbt_project/seeds/queues.csv").open(encoding="utf-8") as seed:
        assert {row["area"] for row in csv.DictReader(seed)} == set(AREAS)
