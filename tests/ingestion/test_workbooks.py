"""Workbooks with several sheets: each known one lands, an unknown one is told, none is lost."""

from __future__ import annotations

import io
import itertools
from collections.abc import Mapping, Sequence

import pytest
import xlsxwriter
import yaml

from tests.ingestion.conftest import MOVEMENTS, Home, movement

Rows = Sequence[Sequence[str]]
MOVES: Rows = [MOVEMENTS.split(","), *(movement(n).split(",") for n in range(1, 4))]
MORE: Rows = [MOVEMENTS.split(","), *(movement(n).split(",") for n in range(4, 6))]
PRODUCTS: Rows = [["sku", "name"], ["SKU1", "Cup"], ["SKU2", "Jug"]]
NOTES: Rows = [["How to fill this in"], ["Do not change the header"], ["Call Zoe"]]


def workbook(sheets: Mapping[str, Rows], chart: bool = False) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
        if chart:
            picture = book.add_chart({"type": "column"})
            picture.add_series({"values": ["M", 1, 5, 1, 5]})
            book.add_chartsheet("picture").set_chart(picture)
    return buffer.getvalue()


def keys(home: Home, stream: str) -> list[str]:
    return [key for (key,) in home.rows(f"select record_key from records.{stream} order by 1")]


def quarantined(home: Home) -> list[tuple[str, int, str]]:
    return home.rows(
        "select reason_code, row_number, detail from ops.quarantine where state = 'open' "
        "order by row_number"
    )


@pytest.mark.parametrize("order", list(itertools.permutations(["M", "P", "more"])))
def test_every_sheet_of_a_known_layout_lands_in_whatever_order(
    home: Home, order: tuple[str, ...]
) -> None:
    sheets = {"M": MOVES, "P": PRODUCTS, "more": MORE}
    home.land(workbook({name: sheets[name] for name in order}, chart=order[0] == "M"))
    report = home.ingest()
    assert (report.files, report.read, report.recorded, report.quarantined) == (1, 7, 7, 0)
    assert keys(home, "stock_movements") == [f"s1-M{n}" for n in range(1, 6)]
    assert keys(home, "products") == ["SKU1", "SKU2"]
    home.check_accounts()
    [(layout,)] = home.rows("select layout from ops.loads")
    assert set(layout.split("+")) == {"movements", "products"}


def test_what_a_workbook_says_is_what_its_sheets_say_as_files(home: Home, tmp_path) -> None:
    home.land(workbook({"M": MOVES, "empty": [], "P": PRODUCTS}))
    home.ingest()
    from_sheets = {name: keys(home, name) for name in ("stock_movements", "products")}
    for number, rows in enumerate((MOVES, PRODUCTS)):
        text = "".join(",".join(row) + "\n" for row in rows)
        home.land(text.encode(), name=f"{number}.csv")
    home.ingest()
    assert {name: sorted(set(keys(home, name))) for name in from_sheets} == from_sheets


@pytest.mark.parametrize("order", [("M", "notes"), ("notes", "M")])
def test_a_sheet_nobody_knows_is_told_by_its_name(home: Home, order: tuple[str, ...]) -> None:
    sheets = {"M": MOVES, "notes": NOTES}
    home.land(workbook({name: sheets[name] for name in order}))
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (3, 3)
    told = quarantined(home)
    assert {code for code, _, _ in told} == {"unknown_sheet"}
    assert all("'notes'" in detail for _, _, detail in told)
    first = 1 if order[0] == "notes" else 5
    assert [number for _, number, _ in told] == [first, first + 1, first + 2]
    home.check_accounts()


def test_where_no_sheet_is_known_every_row_is_in_quarantine(home: Home) -> None:
    home.land(workbook({"notes": NOTES, "lists": [["a", "b"], ["c", "d"]]}))
    report = home.ingest()
    assert (report.read, report.recorded, report.quarantined) == (5, 0, 5)
    home.check_accounts()


def own(home: Home, **changes: object) -> None:
    """A source of this house: two layouts of the same columns, each on its sheet."""

    def table(*sheets: str, status: str) -> dict[str, object]:
        values = {"payment_id": "number", "payment_status": f"'{status}'", "paid_at": "utc(moment)",
                  "amount": "money(amount)", "payment_kind": "'capture'"}  # fmt: skip
        return {
            "required": ["number", "moment", "amount"],
            "sheet": list(sheets),
            "streams": [{"stream": "payments", "values": values, "has_zone": False}],
        }

    tree = {
        "channel": "till",
        "format": {"type": "auto", **changes},
        "tables": {
            "done": table("Paid", "Bezahlt", status="succeeded"),
            "failed": table("Failed", status="failed"),
        },
    }
    folder = home.settings.sources_dir / "till"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.yml").write_text(yaml.safe_dump(tree), encoding="utf-8")


TILL: Rows = [["number", "moment", "amount"]]
PAID: Rows = [*TILL, ["1", "2026-11-01 10:00:00", "5.00"]]
FAILED: Rows = [*TILL, ["2", "2026-11-01 11:00:00", "7.00"]]


def test_a_mapping_names_its_sheet(home: Home) -> None:
    own(home)
    home.land(workbook({"Failed": FAILED, "Bezahlt": PAID, "Draft": PAID}), source="till")
    home.ingest()
    assert home.rows("select payment_id, payment_status from records.payments order by 1") == [
        ("1", "succeeded"), ("2", "failed"),
    ]  # fmt: skip
    told = quarantined(home)
    assert {code for code, _, _ in told} == {"unknown_sheet"}
    assert all("'Draft'" in detail for _, _, detail in told)
    home.check_accounts()


def test_a_sheet_that_is_known_to_hold_nothing_is_not_told(home: Home) -> None:
    own(home, unused_sheets=["Notes"])
    home.land(workbook({"Notes": NOTES, "Paid": PAID}), source="till")
    report = home.ingest()
    assert (report.read, report.recorded, report.quarantined) == (1, 1, 0)


def test_a_sheet_that_becomes_known_comes_in_from_quarantine_once(home: Home) -> None:
    own(home)
    home.land(workbook({"Draft": PAID, "Failed": FAILED}), source="till")
    home.ingest()
    assert keys(home, "payments") == ["2"]
    path = home.settings.sources_dir / "till" / "mapping.yml"
    path.write_text(path.read_text("utf-8").replace("Bezahlt", "Draft"), encoding="utf-8")
    home.replay()
    assert keys(home, "payments") == ["1", "2"]
    assert quarantined(home) == []


def test_a_copy_of_a_sheet_repeats_nothing(home: Home) -> None:
    """Equal rows of one sheet are two facts; the same sheet once more is the same facts."""
    header = ["交易时间", "交易类型", "交易对方", "商品", "收/支", "金额(元)", "当前状态"]
    row = ["2026-11-01 10:00:00", "商户消费", "茶馆", "茶", "支出", "¥8.00", "支付成功"]
    sheet: Rows = [header, row, row]
    home.land(workbook({"A": sheet}), source="wallets")
    home.ingest()
    once = keys(home, "bank_lines")
    assert len(once) == 2
    home.land(workbook({"A": sheet, "copy": sheet}), source="wallets")
    home.ingest()
    assert sorted(set(keys(home, "bank_lines"))) == once


def test_a_sheet_with_fewer_rows_than_its_cells_is_not_believed(home: Home) -> None:
    """The second sheet is counted like the first one."""
    import zipfile

    data, buffer = workbook({"M": MOVES, "P": PRODUCTS}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            text = old.read(item)
            if item.filename.endswith("sheet2.xml"):
                text = text.replace(b"</sheetData>", b"<row><c><v/></c></row></sheetData>")
            new.writestr(item, text)
    home.land(buffer.getvalue())
    report = home.ingest()
    assert (report.recorded, report.quarantined) == (0, 1)
    assert quarantined(home)[0][0] == "unreadable_file"
