"""Invented buyers: names, phones and addresses that look real and belong to nobody.

A buyer is a number; everything about them follows from it, so no table of people is kept.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

_FAMILY = list("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀兰",
    "霞",
    "平",
    "刚",
    "桂英",
    "子涵",
    "雨桐",
    "浩然",
    "欣怡",
    "梓萱",
    "一诺",
    "宇轩",
    "思远",
    "佳宁",
    "若曦",
    "俊杰",
    "文博",
    "晓彤",
    "嘉怡",
    "建国",
    "志强",
]
_PLACES = (
    ("广东省", "广州市", "越秀区", "中山五路"),
    ("广东省", "深圳市", "南山区", "科技园南路"),
    ("浙江省", "杭州市", "西湖区", "文三路"),
    ("江苏省", "南京市", "鼓楼区", "中央路"),
    ("上海", "上海市", "徐汇区", "虹漕路"),
    ("北京", "北京市", "海淀区", "成府路"),
    ("四川省", "成都市", "武侯区", "人民南路"),
    ("湖北省", "武汉市", "洪山区", "珞喻路"),
    ("山东省", "青岛市", "市南区", "香港中路"),
    ("福建省", "厦门市", "思明区", "湖滨南路"),
)
_FIRST = [
    "Ava",
    "Ben",
    "Chloe",
    "Dan",
    "Ella",
    "Finn",
    "Grace",
    "Hugo",
    "Iris",
    "Jack",
    "Kate",
    "Liam",
    "Mia",
    "Noah",
    "Olga",
    "Paul",
    "Rosa",
    "Sam",
    "Tess",
    "Vera",
]
_LAST = [
    "Adams",
    "Baker",
    "Clark",
    "Davis",
    "Evans",
    "Foster",
    "Green",
    "Hill",
    "Irwin",
    "Jones",
    "King",
    "Lewis",
    "Moore",
    "Nolan",
    "Owens",
    "Price",
]
_US = (
    ("Kentucky", "Louisville", "Chestnut Street"),
    ("Oregon", "Portland", "Alder Street"),
    ("Texas", "Austin", "Congress Avenue"),
    ("Ohio", "Columbus", "High Street"),
    ("Maine", "Bangor", "Harlow Street"),
    ("Georgia", "Atlanta", "Peachtree Street"),
)


# Where no carrier goes.
REMOTE = {"chinese": ("海南省", "三沙市"), "american": ("American Samoa", "Pago Pago")}
# A region no city of the other regions lies in; the second for cities of the first.
ELSEWHERE = {"chinese": ("广东省", "四川省"), "american": ("Oregon", "Texas")}


def _pick(values: list[str], index: np.ndarray) -> pl.Series:
    return pl.Series(values).gather(index % len(values))


def chinese(buyer: np.ndarray) -> pl.DataFrame:
    """name, phone, region, city, address of each buyer number."""
    b = buyer.astype(np.int64)
    place = (b * 7919) % len(_PLACES)
    columns = list(zip(*_PLACES, strict=True))
    frame = pl.DataFrame(
        {
            "family": _pick(_FAMILY, b * 31),
            "given": _pick(_GIVEN, b * 17 + b // 7),
            "region": _pick(list(columns[0]), place),
            "city": _pick(list(columns[1]), place),
            "district": _pick(list(columns[2]), place),
            "street": _pick(list(columns[3]), place),
            # House and door together are a bijection of the buyer number.
            "number": b % 900 + 1,
            "door": b // 900 + 101,
            # 1[3-9]x + 8 digits, a bijection of the buyer number.
            "phone": 13_000_000_000 + (b * 48_271 + 11) % 6_999_999_989,
        }
    )
    return frame.select(
        name=pl.col("family") + pl.col("given"),
        phone=pl.col("phone").cast(pl.String),
        region="region",
        city="city",
        address=pl.format(
            "{} {} {} {}{}号{}室", "region", "city", "district", "street", "number", "door"
        ),
    )


def american(buyer: np.ndarray) -> pl.DataFrame:
    """first, last, phone, region, city, address of each buyer number."""
    b = buyer.astype(np.int64)
    place = (b * 7919) % len(_US)
    columns = list(zip(*_US, strict=True))
    frame = pl.DataFrame(
        {
            "first": _pick(_FIRST, b * 13),
            "last": _pick(_LAST, b * 29 + b // 11),
            "region": _pick(list(columns[0]), place),
            "city": _pick(list(columns[1]), place),
            "street": _pick(list(columns[2]), place),
            "number": b + 1,  # nobody shares an address by chance
            # 1502 and seven digits from 2000000 on, a bijection of the buyer number.
            "line": 2_000_000 + (b * 48_271 + 11) % 7_000_000,
        }
    )
    return frame.select(
        first="first",
        last="last",
        phone=pl.format("+1502{}", "line"),
        region="region",
        city="city",
        address=pl.format("{} {}", "number", "street"),
    )


def addressed(people: Callable[[np.ndarray], pl.DataFrame], orders: pl.DataFrame) -> pl.DataFrame:
    """Each order's buyer, at the address the order goes to; strange places are faults."""
    home = people(orders["home"].to_numpy())
    is_stray = orders["risk"] == "region_mismatch"
    is_remote = orders["risk"] == "out_of_area"
    region, city = REMOTE[people.__name__]
    one, other = ELSEWHERE[people.__name__]
    wrong = pl.when(home["region"] == one).then(pl.lit(other)).otherwise(pl.lit(one))
    frame = people(orders["buyer"].to_numpy()).with_columns(
        region=pl.when(is_remote).then(pl.lit(region))
        .when(is_stray).then(wrong).otherwise(home["region"]),
        city=pl.when(is_remote).then(pl.lit(city)).otherwise(home["city"]),
        address=home["address"],
    )  # fmt: skip
    if people is chinese:
        moved = pl.concat_str(
            pl.col("region"), pl.lit(" "), pl.col("city"), pl.lit(" "),
            pl.col("address").str.split(" ").list.slice(2).list.join(" "),
        )  # fmt: skip
        frame = frame.with_columns(
            address=pl.when(is_stray | is_remote).then(moved).otherwise(pl.col("address"))
        )
    return frame
