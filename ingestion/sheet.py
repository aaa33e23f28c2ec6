"""The empty workbook for orders that are entered by hand, with lists to choose from."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from ingestion.mapping import load_mapping

SOURCE, LAYOUT = "order_sheet", "sheet"
ROWS = 2_000
CHOICES = {
    "method": ("线上支付 Online", "货到付款 COD", "银行转账 Bank transfer", "余额 Balance"),
    "currency": ("CNY", "USD", "EUR", "GBP", "HKD", "JPY"),
    "delivery": ("标准快递", "顺丰", "大件物流", "自提"),
    "kind": ("人工 Manual", "换货 Exchange", "补发 Reship"),
}
AMOUNTS = ("price", "discount", "shipping", "deposit")
NOTES = {
    "order_no": "同一订单的每个商品一行，订单号相同。\n"
                "One row for each article; the rows of an order share its number.",
    "ordered": "例 2026-11-30 14:05，上海时间\nLocal time of Shanghai.",
    "pieces": "大于零的件数\nMore than none.",
    "discount": "整行优惠，正数\nOf the whole row, positive.",
    "shipping": "整单运费，只填一行\nOf the whole order, in one of its rows.",
    "deposit": "整单定金，只填一行\nOf the whole order, in one of its rows.",
    "rest_due": "尾款最晚付款时间；货到付款不填\nLeave empty for cash on delivery.",
    "paid": "未付款则留空\nLeave empty until it is paid.",
}  # fmt: skip


def write_sheet(target: Path) -> None:
    """Write the workbook; its headers are those the mapping finds first."""
    table = load_mapping(SOURCE).table(LAYOUT)
    headers = {**table.required, **table.optional}
    with xlsxwriter.Workbook(str(target)) as book:
        sheet = book.add_worksheet("订单 Orders")
        needed = book.add_format({"bold": True, "bg_color": "#FCE4D6", "border": 1})
        wanted = book.add_format({"bold": True, "bg_color": "#EDEDED", "border": 1})
        # As text, so that nothing turns long numbers into powers of ten or drops their zeros.
        text = book.add_format({"num_format": "@"})
        for column, (name, known) in enumerate(headers.items()):
            sheet.write(0, column, known[0], needed if name in table.required else wanted)
            sheet.set_column(column, column, max(14, len(known[0]) + 4), text)
            if name in NOTES:
                sheet.write_comment(0, column, NOTES[name])
            if rule := _rule(name):
                sheet.data_validation(1, column, ROWS, column, rule)
        sheet.freeze_panes(1, 1)


def _rule(name: str) -> dict[str, object] | None:
    if name in CHOICES:
        return {"validate": "list", "source": list(CHOICES[name])}
    if name == "pieces":
        said = "必须大于零 / must be more than 0"
        return {"validate": "decimal", "criteria": ">", "value": 0, "error_message": said}
    if name in AMOUNTS:
        return {"validate": "decimal", "criteria": ">=", "value": 0}
    return None
