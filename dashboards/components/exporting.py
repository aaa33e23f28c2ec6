"""The export menu: the file is made when it is asked for, and recorded before it is handed over."""

from __future__ import annotations

import streamlit as st

from dashboards.context import Context
from dashboards.export import KINDS, Sheet, file_bytes
from orderhouse.fonts import chinese_font
from orderhouse.settings import Settings

_ICONS = {"xlsx": "table", "csv": "csv", "pdf": "print"}
_printable: dict[str, bool] = {}


def export_menu(context: Context, sheet: Sheet, key: str) -> None:
    """Download exactly what is filtered, up to the post's limit."""
    t = context.terms
    limit = context.policy.export_rows(context.session.roles)
    if not limit:
        return
    with st.popover(t("export.button"), icon=":material/download:", key=f"{key}_export"):
        st.caption(t("export.note", limit=context.fmt.count(limit)))
        for kind, mime in KINDS.items():
            if kind == "pdf" and not _can_print(context.settings):
                continue
            st.download_button(
                t(f"export.{kind}"),
                # Called in its own thread when somebody clicks, with what it needs already in hand.
                data=lambda kind=kind: file_bytes(context, sheet, kind),
                file_name=f"{sheet.name}-{context.snapshot.build_id}.{kind}",
                mime=mime,
                key=f"{key}_{kind}",
                on_click="ignore",
                icon=f":material/{_ICONS[kind]}:",
                width="stretch",
            )


def _can_print(settings: Settings) -> bool:
    """Whether a font here writes Chinese; fonts are looked for once, not on every run."""
    key = str(settings.cjk_font)
    if key not in _printable:
        _printable[key] = chinese_font(settings) is not None
    return _printable[key]
