"""What everybody may see of a personal value.

The shapes are a contract that rules in SQL may rely on:

- phone: `138****5678` for a possible number (first three, last four); `****` for anything else.
- name: the first character and `**`.
- address: the Chinese province and city where it names them, then `****`, or `*` when fewer than
  five characters follow; `****` or `*` alone where no province is named.
- remark: the class of its length only: `*** (1-20)`, `*** (21-100)`, `*** (101+)`.
"""

from __future__ import annotations

import re

from orderhouse.privacy import normal

ERASED = "***"

_PROVINCE = re.compile(
    r"\s*((?:北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南"
    r"|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门)"
    r"(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?)"
    r"\s*([\u4e00-\u9fff]{2,7}?(?:市|自治州|地区|盟))?"
)


def mask_phone(value: str, region: str = "CN") -> str:
    text, is_possible = normal.phone(value, region)
    if not is_possible:
        return "****"
    digits = text.partition("x")[0].removeprefix("+86").removeprefix("+")
    if len(digits) < 9:  # three and four shown would leave next to nothing hidden
        return f"{digits[:1]}****{digits[-2:]}"
    return f"{digits[:3]}****{digits[-4:]}"


def mask_name(value: str) -> str:
    return f"{value.strip()[:1]}**"


def mask_address(value: str) -> str:
    found = _PROVINCE.match(value)
    rest = value[found.end() :] if found else value
    stars = "****" if len(rest.strip()) >= 5 else "*"
    places = [place for place in found.groups() if place] if found else []
    return " ".join([*places, stars])


def mask_remark(value: str) -> str:
    length = len(value)
    size = "1-20" if length <= 20 else "21-100" if length <= 100 else "101+"
    return f"*** ({size})"


def mask(kind: str, value: str, region: str = "CN") -> str:
    """The mask of a value of `kind`; unknown kinds show nothing."""
    if kind == "phone":
        return mask_phone(value, region)
    if kind == "name":
        return mask_name(value)
    if kind == "address":
        return mask_address(value)
    return mask_remark(value)


_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")


def shape(text: str, limit: int = 120) -> str:
    """The look of a text without its content: digits 9, ASCII letters a, other letters 字.

    For previews of data whose columns cannot be trusted: `1,234.50元` shows as `9,999.99字`.
    """
    cut = text[:limit]
    digits = _DIGIT.sub("9", cut)
    shown = _LETTER.sub(lambda found: "a" if found[0].isascii() else "字", digits)
    return shown + ("…" if len(text) > limit else "")
