"""A shop's code of goods is given its article in the case of the order, and shown beside ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from orderhouse.ledger import Ledger, decisions_after
from tests.support.cases import why
from tests.support.people import NOW
from tests.support.snapshot import publish
from tests.support.world import World, build_world

Open = Callable[..., AppTest]
CUP, MUG = ("CUP-9", "Blue cup"), ("MUG-1", "Red mug *large*")
# The shop's code of the line, and what the decision is about.
LINES = [("RED-L", "RED-L"), (None, "{line_id}")]


def _incomplete(world: World, code: str | None) -> dict[str, str]:
    """An order of which the first line has a code of no article, alone in its queue."""
    kept = [row for row in world.tables["queue_items"] if row["queue_code"] != "Q02"]
    world.tables["queue_items"] = kept
    order = world.tables["fct_orders"][0]
    lines = [r for r in world.tables["fct_order_lines"] if r["order_id"] == order["order_id"]]
    lines[0] |= {"sku": code, "shop_sku": code, "is_code_unknown": code is not None,
                 "product_name": "Mug, red, large"}  # fmt: skip
    world.add(
        "queue_items", item_id="Q02".ljust(32, "0"), queue_code="Q02", entity_type="order",
        entity_id=order["order_id"], order_id=order["order_id"], channel=order["channel"],
        shop_id=order["shop_id"], episode_number=1, opened_at=NOW - timedelta(hours=3), severity=2,
        why=why("Q02", [("unknown_sku", 1, "=", 0)], "FIELDS_VALID", None),
    )  # fmt: skip
    for sku, name in (CUP, MUG):
        world.add("dim_products", sku=sku, product_name=name)
    return {"line_id": lines[0]["line_id"], "shop_id": order["shop_id"],
            "order_id": order["order_id"]}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("code", "about"), LINES)
def test_a_line_is_given_its_article(
    open_page: Open, home: Path, ledger: Ledger, language: str, code: str | None, about: str
) -> None:
    world = build_world()
    names = _incomplete(world, code)
    publish(home, world, build_id="b002")
    at = open_page("queue", "order-processor", language, q="Q02")
    at.button(key="do_map_sku").click().run()
    assert not at.exception, at.exception
    at.button(key="decide_ok").click().run()
    refused = "请选择一个代码" if language == "zh" else "Please choose a code"
    assert [refused in error.value for error in at.error] == [True]
    # The article most like the title is the first one offered.
    articles = at.selectbox(key=f"map_sku_means_{names['line_id']}")
    assert articles.options[0].startswith("MUG-1")
    articles.select(articles.options[0]).run()
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error
    [told] = list(decisions_after(ledger, 0))
    assert [told[f"code_{name}"] for name in ("stream", "party", "raw", "meaning")] == [
        "order_lines", names["shop_id"], about.format(**names), "MUG-1",
    ]  # fmt: skip


def test_without_a_product_list_nothing_can_be_chosen_and_it_says_so(
    open_page: Open, home: Path
) -> None:
    world = build_world()
    _incomplete(world, "RED-L")
    world.tables["dim_products"] = []
    publish(home, world, build_id="b002")
    at = open_page("queue", "order-processor", "en", q="Q02")
    at.button(key="do_map_sku").click().run()
    assert "There is no product list yet: import one first." in [c.value for c in at.caption]


def test_an_order_shows_the_code_of_the_shop_only_where_it_is_another(
    open_page: Open, home: Path
) -> None:
    world = build_world()
    names = _incomplete(world, "RED-L")
    [line] = [r for r in world.tables["fct_order_lines"] if r["line_id"] == names["line_id"]]
    line |= {"sku": "MUG-1", "is_code_unknown": False}
    publish(home, world, build_id="b002")
    other = world.tables["fct_orders"][1]["order_id"]
    for order_id, is_shown in ((names["order_id"], True), (other, False)):
        at = open_page("order", "ops-lead", "en", id=order_id)
        sections = next(group for group in at.get("button_group") if group.key == "order_section")
        sections.set_value("lines").run()
        frames = [set(frame.value.columns) for frame in at.dataframe]
        assert any("shop_sku" in columns for columns in frames) == is_shown, frames
