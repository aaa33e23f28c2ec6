"""The frame every analysis shares: a heading with its export, cards of numbers, a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.components.exporting import export_menu
from dashboards.components.format import plain
from dashboards.components.grids import grid
from dashboards.context import Context
from dashboards.export import Sheet
from dashboards.queries.analysis.asked import Asked

Rows = Callable[[int], Sequence[dict[str, Any]]]


def heading(context: Context, asked: Asked, name: str, columns: Sequence[str], rows: Rows) -> None:
    """A heading with the export of what stands under it."""
    t = context.terms
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(t(f"analysis.{name}")), anchor=False)
        sheet = Sheet(
            name=f"analysis-{name.replace('_', '-')}",
            title=t(f"analysis.{name}"),
            columns=[(column, t.code("column", column)) for column in columns],
            rows=rows,
            described=described(asked),
        )
        export_menu(context, sheet, key=f"analysis_{name}")


def described(asked: Asked) -> str:
    """The filter as codes, for the head of an export and its audit row."""
    wanted = asked.wanted
    parts = [f"{wanted.period.first}..{wanted.period.last}", wanted.currency]
    return " ".join([*parts, *wanted.channels, *wanted.shops]).strip()


def numbers(context: Context, *shown: tuple[str, str]) -> None:
    """Cards: a message and the number under it."""
    with st.grid(4, min_column_width=180):
        for key, value in shown:
            st.metric(plain(context.terms(key)), value, border=True)


def table(
    context: Context, rows: Sequence[Mapping[str, Any]], columns: Sequence[str], name: str,
    *, select: bool = False,
) -> list[int]:  # fmt: skip
    return grid(
        context, rows, columns, key=f"analysis_{name}_table", alt=context.terms(f"analysis.{name}"),
        select=select,
    )  # fmt: skip
