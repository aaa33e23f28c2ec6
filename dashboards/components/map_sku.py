"""Saying what a shop's code of goods is here: a line of the order, an article of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.components.format import plain
from dashboards.context import Context
from dashboards.queries import orders

VERB = "map_sku"


def chosen(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Which line and which article it is; nothing: there is none, or nothing is picked yet."""
    t = context.terms
    if len(able) != 1:
        st.caption(t("goods_code.one_case"))
        return {}
    found = orders.lines_without_article(context.reader, str(able[0]["order_id"]))
    if not found:
        st.caption(t("goods_code.none"))
        return {}
    line = st.selectbox(
        t("goods_code.which"), found, format_func=lambda one: _named(context, one),
        key="map_sku_line",
    )  # fmt: skip
    looked_for = st.text_input(
        t("goods_code.search"), str(line["product_name"] or line["shop_sku"] or ""),
        key=f"map_sku_search_{line['line_id']}",
    )  # fmt: skip
    articles = orders.articles_like(context.reader, looked_for)
    if not articles:
        st.caption(t("goods_code.nothing_like"))
        return {}
    article = st.selectbox(
        t("goods_code.means"), articles, index=None, placeholder=t("code.choose"),
        format_func=lambda one: f"{one['sku']} · {one['product_name'] or '–'}",
        key=f"map_sku_means_{line['line_id']}",
    )  # fmt: skip
    code = line["shop_sku"]
    st.caption(plain(t("goods_code.follows", code=code) if code else t("goods_code.follows_line")))
    if article is None:
        return {}
    return {
        "code_stream": "order_lines", "code_party": str(able[0]["shop_id"]),
        "code_raw": str(code or line["line_id"]), "code_meaning": str(article["sku"]),
    }  # fmt: skip


def _named(context: Context, line: Mapping[str, Any]) -> str:
    t = context.terms
    return t(
        "goods_code.named", code=line["shop_sku"] or t("goods_code.without"),
        name=line["product_name"] or "–", n=context.fmt.quantity(line["quantity"]),
    )  # fmt: skip
