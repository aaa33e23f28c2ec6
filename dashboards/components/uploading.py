"""The words on the widget that takes a file, which Streamlit writes in English only.

It has no setting for them (streamlit/streamlit, issue 13500), so a style sheet puts the reader's
words in their place, for the one container it is given. The label and help are the widget's own.
"""

from __future__ import annotations

import json

import streamlit as st

from dashboards.context import Context

_STYLE = """<style>
.st-key-{key} [data-testid="stFileUploaderDropzone"] button p {{ font-size: 0; }}
.st-key-{key} [data-testid="stFileUploaderDropzone"] button p::after {{
  content: {choose}; font-size: 0.875rem; }}
.st-key-{key} [data-testid="stFileUploaderDropzoneInstructions"] > * {{ display: none; }}
.st-key-{key} [data-testid="stFileUploaderDropzoneInstructions"]::after {{
  content: {limit}; font-size: 0.875rem; }}
</style>"""


def in_words(context: Context, key: str, megabytes: int) -> None:
    """Puts the reader's words on the uploader inside the container of this key."""
    t = context.terms
    if context.language == "en":
        return
    # A quoted text of JSON is one of CSS as well.
    choose = json.dumps(t("upload.choose"), ensure_ascii=False)
    limit = json.dumps(t("upload.limit", n=megabytes), ensure_ascii=False)
    st.html(_STYLE.format(key=key, choose=choose, limit=limit))
