"""A source is made in the app: brought, changed, accepted, and nothing personal on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from ingestion.proposing.answering import answer
from orderhouse.ledger import AuditFilter, Ledger, audit_rows, audit_verify
from orderhouse.settings import Settings, get_settings
from orderhouse.source_drafts import answer_to, drafts, last_ask, waiting
from tests.ingestion.test_proposing import ORDERS, written

Open = Callable[..., AppTest]


def button(at: AppTest, label: str):
    return next(one for one in at.button if one.label == label)


def bring(at: AppTest, data: bytes, name: str, file_name: str = "orders.csv") -> AppTest:
    at.file_uploader[0].upload(file_name, data, "text/csv")
    at.text_input(key="source_name").set_value(name)
    return button(at, "识别这份文件").click().run()


def answered() -> Settings:
    """What the worker does, without its own process."""
    settings = get_settings()
    for asked in waiting(settings):
        assert answer(settings, asked)
    return settings


def said(at: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "success", "text", "subheader")
    return "\n".join(str(item.value) for kind in kinds for item in at.get(kind))


def pick(at: AppTest, place: str):
    return next(box for box in at.selectbox if str(box.key).endswith(f"_{place}"))


@pytest.mark.parametrize(("language", "is_put"), [("zh", True), ("en", False)])
def test_the_button_that_takes_a_file_speaks_the_readers_language(
    open_page: Open, language: str, is_put: bool
) -> None:
    at = open_page("sources", "data-team", language)
    styles = "".join(str(one.proto) for one in at.get("html"))
    assert ("stFileUploaderDropzone" in styles) == is_put
    assert at.file_uploader[0].label == ("样本文件" if is_put else "Sample file")


def test_a_sample_becomes_a_source_in_one_sitting(
    home: Path, ledger: Ledger, open_page: Open
) -> None:
    at = bring(open_page("sources", "data-team"), written(ORDERS), "corner")
    assert not at.exception and "正在识别" in said(at)
    settings = answered()
    at.run()
    assert not at.exception
    seen = next(frame.value for frame in at.dataframe if "对方的列" in frame.value.columns)
    assert list(seen["对方的列"]) == list(ORDERS[0])
    assert "Ann" not in seen.to_string() and "13800000000" not in seen.to_string()
    assert "有改动还没试跑" not in said(at)

    pick(at, "orders.buyer_remark").set_value("column:Gift wrap") if any(
        str(box.key).endswith("_orders.buyer_remark") for box in at.selectbox
    ) else next(box for box in at.selectbox if box.label == "再对应一个字段").set_value(
        "orders.buyer_remark"
    )
    at.run()
    pick(at, "orders.buyer_remark").set_value("column:Gift wrap")
    at.run()
    assert "有改动还没试跑" in said(at)
    assert button(at, "确认，写入映射").disabled
    button(at, "按改动重新试跑").click().run()
    answered()
    at.run()
    assert not button(at, "确认，写入映射").disabled
    at.text_input(key="source_shop").set_value("corner-main")
    button(at, "确认，写入映射").click().run()
    assert not at.exception and "正在写入" in said(at)
    answered()
    at.run()
    assert "已接入" in said(at)

    mapping = yaml.safe_load((settings.sources_dir / "corner" / "mapping.yml").read_text())
    orders = mapping["tables"]["rows"]["streams"][0]["values"]
    assert orders["buyer_remark"] == "min(cell(c_gift_wrap))"
    (pending,) = (settings.landing_dir / "pending").glob("*.json")
    told = json.loads(pending.read_text())
    assert (told["source"], told["shop_id"]) == ("corner", "corner-main")
    _, rows = audit_rows(ledger, AuditFilter(stream="source"))
    assert [(row.verb, row.entity_id, row.actor_role) for row in rows] == [
        ("source_accept", "corner", "data_team")
    ]
    assert audit_verify(ledger).ok
    (draft,) = drafts(settings)
    assert not (settings.drafts_dir / draft.draft_id / "sample").exists()
    kept = b"".join(p.read_bytes() for p in settings.drafts_dir.rglob("*") if p.is_file())
    assert b"13800000000" not in kept and b"Ann" not in kept


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("data", "name", "zh", "en"),
    [
        (b"", "corner", "文件是空的", "The file is empty"),
        (b"  \n ", "corner", "文件是空的", "The file is empty"),
        (b"only words", "corner", "没看到表头", "No header is to be seen"),
        (b'{"a": ', "corner", "JSON 不完整", "The JSON is cut"),
        (b"<a><b/></a>", "corner", "XML 需要人工", "XML needs a mapping"),
        (written(ORDERS), "../corner", "来源名称", "is no name for a source"),
        (written(ORDERS), "Corner", "来源名称", "is no name for a source"),
        (b"colour,shape\nred,round\n", "corner", "判断不出", "do not tell what a row is"),
    ],
)
def test_what_cannot_be_used_is_said_in_the_readers_language(
    open_page: Open, data: bytes, name: str, zh: str, en: str, language: str
) -> None:
    at = open_page("sources", "data-team", language)
    at.file_uploader[0].upload("s.csv", data, "text/csv")
    at.text_input(key="source_name").set_value(name)
    at.button[[b.label for b in at.button].index({"zh": "识别这份文件", "en": "Look at the file"}[
        language
    ])].click().run()  # fmt: skip
    answered()
    at.run()
    if not at.error:  # said at once, and gone with the next run of the page
        at.button[[b.label for b in at.button].index(
            {"zh": "识别这份文件", "en": "Look at the file"}[language]
        )].click().run()  # fmt: skip
    assert not at.exception
    assert {"zh": zh, "en": en}[language] in "\n".join(str(e.value) for e in at.error)
    assert not list((get_settings().sources_dir).glob("*"))


def test_no_file_is_asked_for(open_page: Open) -> None:
    at = open_page("sources", "data-team")
    at.text_input(key="source_name").set_value("corner")
    button(at, "识别这份文件").click().run()
    assert [error.value for error in at.error] == ["请先选择一个文件。"]


def test_headers_of_a_stranger_are_text(open_page: Open) -> None:
    bad = "<img src=x onerror=alert(1)>[x](javascript:alert(1))"
    rows = [{bad: "1", **row} for row in ORDERS]
    at = bring(open_page("sources", "data-team"), written(rows), "corner")
    answered()
    at.run()
    assert not at.exception
    for kind in ("markdown", "caption", "header", "subheader", "button", "metric", "badge"):
        assert all("javascript:" not in str(item.value or "") for item in at.get(kind))


def test_two_colleagues_who_ask_at_once_both_see_the_newest(
    open_page: Open, ledger: Ledger
) -> None:
    first = bring(open_page("sources", "data-team"), written(ORDERS), "corner")
    settings = answered()
    first.run()
    draft = drafts(settings)[0].draft_id
    second = open_page("sources", "data-team", draft=draft)
    for at in (first, second):
        next(box for box in at.selectbox if box.label == "币种").set_value("CNY")
        at.run()
    button(first, "按改动重新试跑").click().run()
    button(second, "按改动重新试跑").click().run()
    assert not second.exception
    asked = last_ask(settings, draft)
    assert asked is not None and asked.number == 2
    assert any("同事也改了" in toast.value for toast in second.toast)
    answered()
    found = answer_to(settings, asked)
    assert found is not None and 'currency: "CNY"' in found.found["mapping"]


def test_a_draft_taken_back_leaves_nothing(open_page: Open) -> None:
    at = bring(open_page("sources", "data-team"), written(ORDERS), "corner")
    button(at, "放弃并销毁样本").click().run()
    assert not at.exception
    assert drafts(get_settings()) == []
    assert "上传一份" in said(at)


def test_the_sources_there_are_can_be_read(open_page: Open) -> None:
    at = open_page("sources", "data-team", section="list", source="shopify")
    assert not at.exception
    table = at.dataframe[0].value
    assert "shopify" in list(table["来源"])
    assert any("版式" in frame.value.columns for frame in at.dataframe[1:])
