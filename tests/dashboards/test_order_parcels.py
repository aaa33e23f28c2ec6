"""What the order page says of parcels: who could take what is still here, then what has left."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.world import build_world

Open = Callable[..., AppTest]


def _opened(open_page: Open, order_id: str, language: str) -> AppTest:
    at = open_page("order", "ops-lead", language, id=order_id)
    sections = next(group for group in at.get("button_group") if group.key == "order_section")
    sections.set_value("parcels").run()
    assert not at.exception
    return at


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh", ["顺丰", "中通", "超重"]), ("en", ["SF Express", "ZTO", "Too heavy"])],
)
def test_who_could_take_an_order_is_shown_with_the_reason_who_cannot(
    open_page: Open, language: str, told: list[str]
) -> None:
    order_id = build_world().tables["fct_carrier_choices"][0]["order_id"]
    at = _opened(open_page, order_id, language)
    assert len(at.dataframe) == 1
    shown = at.dataframe[0].value.astype(str).to_numpy().ravel().tolist()
    assert set(told) <= set(shown)


def test_an_order_that_left_shows_its_parcels_only(open_page: Open) -> None:
    world = build_world()
    waiting = {row["order_id"] for row in world.tables["fct_carrier_choices"]}
    sent = next(r for r in world.tables["fct_shipments"] if r["order_id"] not in waiting)
    at = _opened(open_page, sent["order_id"], "en")
    assert sent["tracking_number"] in at.dataframe[0].value.astype(str).to_numpy().ravel().tolist()
