"""Where a buyer placed an order, in the words of each channel; not told is not guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingestion.demo.taobao_files import GENERATIONS
from tests.ingestion.conftest import Home
from tests.ingestion.test_marketplaces import jd_row, table

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148"
COMPUTER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0"


def _found(home: Home) -> list[str | None]:
    assert home.ingest().quarantined == 0
    return [point for (point,) in home.rows("select entry_point from records.orders")]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"source_name": "web", "client_details": {"user_agent": PHONE}}, "mobile"),
        ({"source_name": "web", "client_details": {"user_agent": COMPUTER}}, "pc"),
        ({"source_name": "web", "client_details": None}, None),
        ({"source_name": "pos"}, "store"),
        ({"source_name": "instagram"}, "social"),
        ({"source_name": "shopify_draft_order"}, "staff"),
        # The number of somebody's app.
        ({"source_name": "1520611", "client_details": {"user_agent": PHONE}}, None),
        ({}, None),
    ],
)
def test_a_shopify_order_says_who_made_it(home: Home, told: Any, expected: str | None) -> None:
    order = {
        "id": 1, "created_at": "2026-10-01T10:00:00Z", "total_price": "10.00",
        "financial_status": "pending", "currency": "USD", "line_items": [], **told,
    }  # fmt: skip
    home.land(json.dumps({"orders": [order]}).encode(), source="shopify")
    assert _found(home) == [expected]


@pytest.mark.parametrize(
    ("attribution", "via", "expected"),
    [
        ({"device_type": "Mobile", "source_type": "organic"}, "checkout", "mobile"),
        ({"device_type": "Tablet", "source_type": "utm"}, "checkout", "mobile"),
        ({"device_type": "Desktop", "source_type": "typein"}, "checkout", "pc"),
        ({"source_type": "mobile_app"}, "rest-api", "staff"),
        ({}, "admin", "staff"),
        ({}, "checkout", None),
    ],
)
def test_a_woocommerce_order_says_its_device(
    home: Home, attribution: dict[str, str], via: str, expected: str | None
) -> None:
    order = {
        "id": 7, "status": "pending", "currency": "USD", "date_created": "2026-10-01T10:00:00",
        "date_created_gmt": "2026-10-01T10:00:00", "total": "10.00", "line_items": [],
        "created_via": via, "billing": {}, "shipping": {},
        "meta_data": [{"id": 1, "key": "_gift", "value": "yes"}] + [
            {"id": n, "key": f"_wc_order_attribution_{name}", "value": value}
            for n, (name, value) in enumerate(attribution.items(), 2)
        ],
    }  # fmt: skip
    home.land(json.dumps([order]).encode(), source="woocommerce")
    assert _found(home) == [expected]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("APP", "app"), ("微信小程序", "mini_program"), ("微信购物", "social"), ("M站", "mobile"),
     ("PC", "pc"), ("", None)],
)  # fmt: skip
def test_jd_names_its_ways_in(home: Home, real_data: Path, cell: str, expected: str | None) -> None:
    header = json.loads((real_data / "taobao_jd_orders/jd_order_export_header.json").read_text())
    home.land(table([jd_row(header, 订单来源=cell)], "gb18030"), source="jd")
    assert _found(home) == [expected]


@pytest.mark.parametrize(
    ("generation", "cell", "expected"),
    [("2018", "手机订单", "mobile"), ("2018", "", "pc"), ("2015", "", None)],
)
def test_an_empty_cell_of_taobao_is_a_computer_only_where_phones_are_told_apart(
    home: Home, generation: str, cell: str, expected: str | None
) -> None:
    """The oldest generation of headers has no such column."""
    given = {
        "订单编号": "1", "订单状态": "等待买家付款", "总金额": "10.00", "店铺Id": "0",
        "订单创建时间": "2026-10-01 10:00:00", "是否手机订单": cell,
    }  # fmt: skip
    header = GENERATIONS[generation]
    home.land(table([{name: given.get(name, "") for name in header}], "gb18030"), source="taobao")
    assert _found(home) == [expected]
