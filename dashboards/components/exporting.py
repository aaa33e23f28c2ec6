"""The export menu: the file is made when it is asked for, and recorded before it is handed over."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards.components.format import plain
from dashboards.components.grids import cell, is_numeric
from dashboards.context import Context
from dashboards.export import KINDS, Sheet, file_bytes, record
from dashboards.printing import paper
from orderhouse.fonts import HOW, chinese_font
from orderhouse.settings import Settings

# Nobody reads more on paper; the files have the rest.
PRINTED_ROWS = 1_000
WIDE_COLUMNS = 8
ICONS = {"csv": ":material/csv:", "xlsx": ":material/table:"}
_printable: dict[str, bool] = {}


def export_menu(context: Context, sheet: Sheet, key: str) -> None:
    """Download exactly what is filtered, up to the post's limit; or print it."""
    t = context.terms
    limit = context.policy.export_rows(context.session.roles)
    if not limit:
        return
    with st.popover(t("export.button"), icon=":material/download:", key=f"{key}_export"):
        st.caption(t("export.note", limit=context.fmt.count(limit)))
        for kind, mime in KINDS.items():
            st.download_button(
                t(f"export.{kind}"),
                # Called in its own thread when somebody clicks, with what it needs already in hand.
                data=lambda kind=kind: file_bytes(context, sheet, kind),
                file_name=f"{sheet.name}-{context.snapshot.build_id}.{kind}",
                mime=mime,
                key=f"{key}_{kind}",
                on_click="ignore",
                icon=ICONS[kind],
                width="stretch",
            )
        has_font = _can_print(context.settings)
        st.download_button(
            t("export.pdf", n=context.fmt.count(min(limit, PRINTED_ROWS))),
            data=lambda: printed(context, sheet),
            file_name=f"{sheet.name}-{context.snapshot.build_id}.pdf",
            mime="application/pdf",
            key=f"{key}_pdf",
            on_click="ignore",
            icon=":material/print:",
            width="stretch",
            disabled=not has_font,
            help=None if has_font else plain(t("report.no_font", how=HOW)),
        )


def _can_print(settings: Settings) -> bool:
    """Whether a font here writes Chinese; fonts are looked for once, not on every run."""
    key = str(settings.cjk_font)
    if key not in _printable:
        _printable[key] = chinese_font(settings) is not None
    return _printable[key]


def printed(context: Context, sheet: Sheet) -> bytes:
    """The list as paper, each value written as the page writes it. Recorded like every export.

    Raises:
        Denied: the session has ended.
        NoFont: no font here can write Chinese.
    """
    limit = min(context.policy.export_rows(context.session.roles), PRINTED_ROWS)
    rows = sheet.rows(limit)
    preface = record(context, sheet.name, "pdf", sheet.described, len(rows))
    section: dict[str, Any] = {
        "title": "",
        "notes": [],
        "columns": [
            {"label": label, "is_number": is_numeric(name), "is_bar": False}
            for name, label in sheet.columns
        ],
        "rows": [
            [{"text": _text(context, name, row)} for name, _ in sheet.columns] for row in rows
        ],
        "total": None,
    }
    return paper(
        context.settings,
        {
            "title": sheet.title,
            "subtitle": context.terms("export.rows", n=context.fmt.count(len(rows))),
            "preface": preface,
            "language": context.language,
            "nothing": context.terms("report.nothing"),
            "is_wide": len(sheet.columns) > WIDE_COLUMNS,
            "sections": [section],
        },
    )


def _text(context: Context, name: str, row: dict[str, Any]) -> str:
    value = cell(context, name, row)
    return "–" if value is None else str(value)
