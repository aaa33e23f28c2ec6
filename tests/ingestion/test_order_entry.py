"""An order entered by hand in the app is read like the workbook of hand-entered orders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.mapping import load_mapping
from orderhouse.order_entry import SOURCE, Article, BadEntry, Entry, as_csv, check, hand_in
from orderhouse.settings import Settings
from pipelines.build import inbox_files

KNOWN = {"SKU1", "SKU2"}
ENTRY = Entry(
    order_id="tb-4711", shop_id="tb", ordered="2026-11-20 09:30", paid="2026-11-20 09:31",
    currency="CNY", method="online", name="李娜", phone="13800138000", address="人民路 1 号",
    articles=(Article(sku="SKU1", pieces="2", price="19.90"),
              Article(sku="SKU2", pieces="1", price="5")),
)  # fmt: skip


def test_what_is_written_is_what_the_source_reads() -> None:
    header = as_csv(ENTRY, "Mary").decode().splitlines()[0].split(",")
    found = load_mapping(SOURCE).recognise(header)
    assert found is not None
    # No column goes unread: each is one that the mapping knows.
    table = load_mapping(SOURCE).table("sheet")
    names = {name for known in (*table.required.values(), *table.optional.values())
             for name in known}  # fmt: skip
    assert set(header) <= names


def test_the_order_has_the_number_it_is_missed_under(tmp_path: Path) -> None:
    check(ENTRY, KNOWN)
    hand_in(Settings(home=tmp_path), ENTRY, "Mary", "a-1")
    hand_in(Settings(home=tmp_path), ENTRY, "Mary", "a-1")
    [file] = inbox_files(Settings(home=tmp_path))
    assert file.parent == Settings(home=tmp_path).inbox_dir / SOURCE / "tb"
    rows = file.read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[:5] for row in rows] == [
        ["4711", "2026-11-20 09:30", "SKU1", "2", "19.90"],
        ["4711", "2026-11-20 09:30", "SKU2", "1", "5"],
    ]
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"order_id": "4711"}, "no_shop"), ({"shop_id": "../tb"}, "no_shop"),
        ({"ordered": "20/11/2026"}, "no_time_ordered"), ({"paid": "soon"}, "no_time_paid"),
        ({"paid": "2026-11-20 09:29"}, "paid_before"), ({"currency": "yuan"}, "no_currency"),
        ({"articles": ()}, "no_articles"), ({"name": " "}, "no_contact"),
        ({"phone": "call me"}, "no_phone"),
        ({"articles": (Article(sku="SKU9", pieces="1", price="1"),)}, "unknown_sku"),
        ({"articles": (Article(sku="SKU1", pieces="0", price="1"),)}, "no_pieces"),
        ({"articles": (Article(sku="SKU1", pieces="nan", price="1"),)}, "no_pieces"),
        ({"articles": (Article(sku="SKU1", pieces="1", price="-1"),)}, "no_price"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_named(wrong: dict[str, object], code: str) -> None:
    with pytest.raises(BadEntry) as refused:
        check(replace(ENTRY, **wrong), KNOWN)  # pyright: ignore[reportArgumentType]
    assert refused.value.code == f"entry.{code}"


def test_without_a_catalogue_any_article_will_do() -> None:
    check(replace(ENTRY, articles=(Article(sku="SKU9", pieces="1", price="1"),)), None)
