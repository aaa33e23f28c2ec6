"""Saying what a code of a carrier or channel means: one of those in the file, one of our states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards.context import Context
from dashboards.queries import health, policies

VERB = "map_code"
# Stream -> what names its parties, what names its meanings.
NAMES: Mapping[str, tuple[str, str]] = {
    "tracking_events": ("carrier", "carrier_state"),
    "orders": ("channel", "order"),
    "channel_status": ("channel", "source_state"),
}


def chosen(context: Context, able: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Which code and what it means; nothing: there is none, or nothing is picked yet."""
    t = context.terms
    if len(able) != 1:
        st.caption(t("code.one_case"))
        return {}
    found = health.unknown_codes(context.reader, str(able[0]["entity_id"]))
    if not found or context.snapshot is None:
        st.caption(t("code.none"))
        return {}
    code = st.selectbox(
        t("code.which"), found, format_func=lambda one: _named(context, one),
        key="map_code_which",
    )  # fmt: skip
    stream = str(code["stream"])
    meaning = st.selectbox(
        t("code.means"), policies.meanings(context.snapshot, stream), index=None,
        placeholder=t("code.choose"),
        format_func=lambda state: context.labels(NAMES[stream][1], state),
        key=f"map_code_means_{stream}_{code['party']}_{code['code']}",
    )  # fmt: skip
    st.caption(t("code.follows"))
    if meaning is None:
        return {}
    return {
        "code_stream": stream, "code_party": str(code["party"]), "code_raw": str(code["code"]),
        "code_meaning": str(meaning),
    }  # fmt: skip


def _named(context: Context, one: Mapping[str, Any]) -> str:
    party = context.labels(NAMES[str(one["stream"])][0], one["party"])
    return context.terms("code.named", party=party, code=one["code"], n=one["record_count"])
