"""Naming a colleague in a comment and tying cases together, on the pages."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from orderhouse.ledger import Ledger, links_of, list_users, mentions_of
from tests.support.world import build_world

Open = Callable[..., AppTest]


def _id(ledger: Ledger, login: str) -> str:
    return next(user.user_id for user in list_users(ledger) if user.login == login)


def _comment(at: AppTest, text: str, *people: str) -> AppTest:
    at.button(key="do_comment").click().run()
    if people:
        at.multiselect(key="decide_mentions").set_value(list(people))
    at.text_area(key="decide_note_comment").set_value(text)
    at.button(key="decide_ok").click().run()
    assert not at.exception
    return at


def _badges(at: AppTest) -> str:
    return " ".join(item.value for item in at.markdown)


def _titles(at: AppTest) -> list[str]:
    return [one.label for one in at.expander]


def test_who_is_named_finds_it_in_the_inbox_and_has_read_it_once_opened(
    open_page: Open, ledger: Ledger
) -> None:
    lead = _id(ledger, "ops-lead")
    at = open_page("queue", "order-processor", q="Q07")
    offered = at.button(key="do_comment").click().run().multiselect(key="decide_mentions").options
    assert "Ops-Lead (@ops-lead)" in offered
    assert not [name for name in offered if "@order-processor)" in name or "@finance)" in name]
    _comment(at, "Is this address right?", lead)
    [told] = mentions_of(ledger, lead)

    inbox = open_page("inbox", "ops-lead", "en")
    assert not inbox.exception
    assert any("1 unread" in title for title in _titles(inbox))
    assert any(item.value == "Is this address right?" for item in inbox.text)

    opened = open_page("queue", "ops-lead", q="Q07", item=told.item_id)
    assert not opened.exception
    assert mentions_of(ledger, lead)[0].read_at is not None
    again = open_page("inbox", "ops-lead")
    assert "提到我的" in " ".join(_titles(again)) and "未读" not in " ".join(_titles(again))


def test_a_case_a_link_names_is_shown_though_the_page_does_not_list_it(
    open_page: Open, ledger: Ledger
) -> None:
    at = open_page("queue", "ops-lead", q="Q07")
    _comment(at, "x", _id(ledger, "order-processor"))
    [told] = mentions_of(ledger, _id(ledger, "order-processor"))
    other = open_page("queue", "order-processor", q="Q07", item=told.item_id, text="no such order")
    assert not other.exception
    assert any(item.value == "x" for item in other.text)


def test_who_may_not_see_it_cannot_be_named_in_the_text(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "order-processor", q="Q07")
    _comment(at, "@finance look")
    assert any("不能 @ 他" in item.value for item in at.error)
    assert mentions_of(ledger, _id(ledger, "finance")) == []


def test_nobody_named_there_is_no_list(open_page: Open) -> None:
    at = open_page("inbox", "ops-lead")
    assert not [title for title in _titles(at) if "提到" in title]


def test_tied_cases_show_on_both_panels_until_it_is_undone(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "ops-lead", q="Q07")
    first, second = list(at.dataframe[0].value["entity"])[:2]
    items = {
        row["entity_id"]: row["item_id"]
        for row in build_world().tables["queue_items"]
        if row["queue_code"] == "Q07"
    }
    at.button(key="do_link_case").click().run()
    at.text_input(key="link_text").set_value(second).run()
    at.selectbox(key="decide_reason_link_case").select("follows")
    at.radio(key=f"link_choice_{second}").set_value(items[second])
    at.button(key="decide_ok").click().run()
    assert not at.exception and not at.error, at.error
    assert "由它引起" in _badges(at)
    [back] = links_of(ledger, items[second])
    assert (back.other_item_id, back.is_ours) == (items[first], False)

    there = open_page("queue", "ops-lead", q="Q07", item=items[second])
    assert not there.exception and "引起了它" in _badges(there)

    at.button(key="undo_last").click().run()
    assert not at.exception
    assert links_of(ledger, items[second]) == [] == links_of(ledger, items[first])


def test_linking_without_a_case_says_so(open_page: Open, ledger: Ledger) -> None:
    at = open_page("queue", "ops-lead", "en", q="Q07")
    at.button(key="do_link_case").click().run()
    at.button(key="decide_ok").click().run()
    assert any("choose the case" in item.value for item in at.error)
