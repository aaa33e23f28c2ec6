"""The story of an order is told in words of the reader's language, never in codes."""

from __future__ import annotations

import pytest

from dashboards.labels import Labels
from dashboards.warehouse import Snapshot, current_snapshot
from orderhouse.terms import terms_for
from tests.support.homes import built_template, settings_of, templates_folder


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return current_snapshot(settings_of(built_template(templates_folder(tmp_path_factory))))


def test_every_event_and_what_it_says_besides_has_a_name(snapshot: Snapshot) -> None:
    # English words may look like their codes; a name is always there in both languages or in none.
    labels = Labels(terms_for("zh"), snapshot)
    told = snapshot.rows(
        "select distinct event_type, detail_code from marts.fct_order_events "
        "where detail_code is not null"
    )
    assert len(told) > 50
    unnamed = [
        (row["event_type"], row["detail_code"])
        for row in told
        if labels("event", row["event_type"]) == row["event_type"]
        or labels.detail(row["event_type"], row["detail_code"]) == row["detail_code"]
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    ("event_type", "code", "expected"),
    [
        ("CHANNEL_STATUS_SEEN", "CLOSED", "已关闭"),
        ("RETURN_RECEIVED", "wrong_item", "货不对"),
        ("OPERATOR_ERROR_FOUND", "wrong_item", "错发"),
        ("HOLD_APPLIED", "channel", "渠道"),
    ],
)
def test_one_code_means_what_its_event_means_by_it(
    event_type: str, code: str, expected: str, snapshot: Snapshot
) -> None:
    assert Labels(terms_for("zh"), snapshot).detail(event_type, code) == expected
