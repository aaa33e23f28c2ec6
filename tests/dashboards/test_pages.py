"""Every page, for every role, in both languages: it draws, or it says why not."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from orderhouse.access import get_policy
from tests.support.world import HOSTILE, build_world

Open = Callable[..., AppTest]
POLICY = get_policy()
ROLES = list(POLICY.roles)
VIEWS = Path(__file__).resolve().parents[2] / "dashboards" / "views"
PAGES = sorted(path.stem for path in VIEWS.glob("*.py") if path.stem != "home")
OPENED = [(page, role) for page, role in product(PAGES, ROLES) if POLICY.may_open([role], page)]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts(at: AppTest) -> list[str]:
    """What the app itself says: labels, captions, headings; not the data in grids."""
    said = []
    for kind in ("markdown", "caption", "header", "subheader", "button", "metric", "selectbox"):
        said += [getattr(item, "label", None) or str(item.value) for item in at.get(kind)]
    return said


def sent(at: AppTest) -> str:
    """Every byte that would travel to the browser, grids' hidden columns included."""
    protos = [getattr(node, "proto", None) for node in at._tree]
    raw = b"".join(p.SerializeToString() for p in protos if hasattr(p, "SerializeToString"))
    return raw.decode("utf-8", "replace")


def params_for(page: str) -> dict[str, str]:
    return {"id": "tb-main-20260193"} if page == "order" else {}


@pytest.mark.parametrize(("page", "role"), OPENED)
def test_a_page_draws_for_each_role_in_its_language(open_page: Open, page: str, role: str) -> None:
    at = open_page(page, role.replace("_", "-"), "zh", **params_for(page))
    for language in ("zh", "en"):
        if language != "zh":
            at.session_state["language"] = language
            at.run()
        assert not at.exception, at.exception
        assert not at.error, at.error
        assert len(texts(at)) > 3
        raw = sent(at)
        assert "CANARY" not in raw and "_cipher" not in raw
        chinese = [text for text in texts(at) if CHINESE.search(text)]
        # The dictionary shows each name in the other language too, on purpose.
        assert bool(chinese) == (language == "zh") or page == "metrics", chinese


REFUSED = [(page, role) for page, role in product(PAGES, ROLES) if (page, role) not in OPENED]


@pytest.mark.parametrize(("page", "role"), REFUSED[::6])
def test_a_page_of_another_post_is_refused_in_words(open_page: Open, page: str, role: str) -> None:
    at = open_page(page, role.replace("_", "-"))
    assert not at.exception
    assert at.subheader[0].value == "这个页面不在您的岗位范围内"
    assert not at.dataframe


@pytest.mark.parametrize("role", ["inventory", "warehouse", "finance", "analyst", "data_team"])
def test_columns_of_other_posts_do_not_travel(open_page: Open, role: str) -> None:
    at = open_page("order", role.replace("_", "-"), id="tb-main-20260193")
    raw = sent(at)
    assert ("138****5678" in raw) == POLICY.sees([role], "masked")
    assert ("应付" in raw) == POLICY.sees([role], "money")


def test_rows_of_other_shops_do_not_travel(open_page: Open) -> None:
    at = open_page("queue", "outlet", q="Q07")
    raw = sent(at)
    assert "tb-outlet-" in raw
    assert "tb-main-" not in raw and "sh-us-" not in raw
    at = open_page("order", "outlet", id="tb-main-20260193")
    assert "没有订单" in sent(at)


def test_text_of_buyers_stays_text(open_page: Open) -> None:
    """It reaches grids and plain text only: nothing that reads Markdown ever holds it."""
    lines = build_world().tables["fct_order_lines"]
    order_id = next(row["order_id"] for row in lines if row["product_name"] == HOSTILE)
    at = open_page("order", "ops-lead", id=order_id)
    at.session_state["order_section"] = "lines"
    at.run()
    assert any(HOSTILE in frame.value.to_string() for frame in at.dataframe)
    for kind in ("markdown", "caption", "header", "button", "metric", "badge"):
        assert all("javascript:" not in str(item.value or "") for item in at.get(kind))
