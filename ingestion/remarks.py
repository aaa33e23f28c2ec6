"""What remarks ask for. The text is sealed when it is recorded; what it asks for goes on as codes.

One row a topic: words that ask for it, as a regular expression over the text in lower case. Thanks,
hurry and doorstep wishes are no requests: nobody has to decide anything.
"""

from __future__ import annotations

TOPICS: tuple[tuple[str, str], ...] = (
    ("address", "改地址|换地址|修改地址|地址改|地址换|change (?:my |the )?address|new address"),
    ("cancel", "退款|取消订单|不想要了|不要了|cancel|refund"),
    ("invoice", "发票|开票|invoice"),
    ("later", "晚点发|晚几天发|先别发|暂不发|暂缓|ship later|do not ship|don.t ship|wait until"),
    ("swap", "换成|改成|换颜色|换尺码|instead of|change the (?:colou?r|size)"),
    ("gift", "礼盒|礼品包装|贺卡|gift wrap|gift card|gift note"),
)


def topics_macro() -> str:
    """`remark_topics(x)`: codes of what a remark asks for, with commas; null for nothing."""
    found = ", ".join(
        f"case when regexp_matches(lower(x), '{words}') then '{topic}' end"
        for topic, words in TOPICS
    )
    return (
        "remark_topics(x) as nullif(array_to_string("
        f"list_filter([{found}], lambda topic: topic is not null), ','), '')"
    )
