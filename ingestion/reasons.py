"""Why a record is in quarantine: every reason code, with its label in both languages.

Codes are stored in `ops.quarantine.reason_code`; a new one is one line here and nothing else.
"""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    # the bytes
    "bad_encoding": ("编码无法识别", "Not readable in the encoding of its file"),
    "ragged_row": ("列数与表头不符", "Has more or fewer columns than the header"),
    "unterminated_quote": ("引号不配对", "A quoted cell does not end"),
    "nul_byte": ("含空字符", "Contains a NUL character"),
    "line_too_long": ("单行过长", "Is longer than 2 MiB"),
    "broken_json": ("JSON 格式错误", "Is not valid JSON"),
    "broken_xml": ("XML 格式错误", "Is not well-formed XML"),
    "too_deep": ("嵌套过深", "Is nested more than 64 levels deep"),
    "unreadable_file": ("文件无法读取", "The file is not what its format promises"),
    # the layout
    "schema_mismatch": ("列不符合已知版式", "No known layout has these columns"),
    "unknown_sheet": ("工作表不符合已知版式", "A sheet of the workbook has no known layout"),
    "unmapped_row": ("没有映射规则", "No stream of the mapping takes this row"),
    "mapping_error": ("映射规则出错", "The mapping fails on this row"),
    # the values
    "required_missing": ("缺少必填值", "A required value is missing"),
    "bad_id": ("编号含非法字符", "An identifier holds control characters or is too long"),
    "bad_code": ("代码不在列表中", "A code is not in the closed list"),
    "bad_money": ("金额格式错误", "Not an amount of at most 14 digits and 4 decimals"),
    "bad_quantity": ("数量格式错误", "Not a quantity of at most 14 digits and 4 decimals"),
    "bad_integer": ("整数格式错误", "Not a whole number"),
    "bad_time": ("时间格式错误", "Not a real date and time between 1970 and 2100"),
    "bad_boolean": ("是否值格式错误", "Neither true nor false"),
    "bad_json": ("JSON 值错误", "A JSON value is not valid JSON"),
    "future_time": ("时间在未来", "Happened later than it was received"),
}


def label(code: str, language: str = "en") -> str:
    """The reason in words; an unknown code is its own label."""
    zh, en = REASONS.get(code, (code, code))
    return zh if language == "zh" else en
