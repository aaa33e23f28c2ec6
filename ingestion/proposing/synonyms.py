"""What columns are called: learnt from the mappings there are, and a few names everybody uses."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import lru_cache

from ingestion.mapping import ENVELOPE_VALUES, TableMap, load_mapping, source_names
from ingestion.records import STREAMS

# One value, wrapped in functions of the vocabulary: `local(created)`, `scrubbed(bare(note))`.
_SIMPLE = re.compile(r"(?:[a-z_]+\()*([a-z_][a-z0-9_]*)\)*")

USUAL: dict[str, tuple[str, ...]] = {
    "channel_order_id": ("order", "order id", "order no", "order number", "order ref", "order name",
                         "order reference", "number", "订单号", "订单编号", "订单id"),
    "placed_at": ("order date", "order time", "ordered at", "created at", "created", "date",
                  "date created",
                  "purchase date", "下单时间", "创建时间", "订单时间", "日期"),
    "paid_at": ("paid at", "payment date", "paid", "paid on", "付款时间", "支付时间"),
    "status_raw": ("status", "order status", "state", "订单状态", "状态"),
    "payable_amount": ("total", "order total", "grand total", "amount", "total price", "应付金额",
                       "实付金额", "订单金额", "总金额"),
    "currency_code": ("currency", "currency code", "币种"),
    "goods_amount": ("subtotal", "goods total", "商品金额", "商品总价"),
    "shipping_amount": ("shipping", "shipping cost", "shipping price", "postage", "运费", "邮费"),
    "discount_amount": ("discount", "discounts", "discount amount", "优惠", "优惠金额", "折扣"),
    "tax_amount": ("tax", "taxes", "vat", "税额", "税费"),
    "buyer_id": ("customer id", "buyer id", "customer number", "email", "e-mail", "买家账号",
                 "会员名"),
    "buyer_name": ("customer", "customer name", "buyer", "buyer name", "name", "recipient",
                   "ship to", "收货人", "收件人", "客户姓名", "买家姓名"),
    "buyer_phone": ("phone", "telephone", "mobile", "phone number", "手机", "电话", "联系电话"),
    "ship_address": ("address", "shipping address", "street", "address 1", "收货地址", "地址",
                     "详细地址"),
    "ship_city": ("city", "town", "shipping city", "市", "城市"),
    "ship_region": ("state", "province", "region", "省", "省份"),
    "ship_country": ("country", "country code", "shipping country", "国家"),
    "buyer_remark": ("note", "notes", "comment", "remark", "买家留言", "备注"),
    "payment_method": ("payment method", "支付方式"),
    "sku": ("sku", "item", "item code", "product code", "stock code", "article", "article no",
            "variant sku", "商品编码", "货号", "商家编码"),
    "product_name": ("product", "product name", "title", "item name", "description", "商品",
                     "商品名称", "标题"),
    "quantity": ("qty", "quantity", "pieces", "units", "count", "数量", "件数", "购买数量"),
    "unit_price_amount": ("price", "unit price", "item price", "单价", "价格"),
    "line_amount": ("line total", "row total", "小计"),
    "tracking_number": ("tracking", "tracking number", "tracking no", "waybill", "awb", "快递单号",
                        "物流单号", "运单号"),
    "carrier": ("carrier", "courier", "shipping company", "快递公司", "物流公司"),
    "shipped_at": ("shipped at", "ship date", "dispatched", "发货时间"),
    "warehouse_id": ("warehouse", "location", "仓库"),
    "on_hand_quantity": ("on hand", "stock", "in stock", "库存", "库存数量"),
    "taken_at": ("counted at", "snapshot time", "as of", "盘点时间"),
    "amount": ("amount", "金额", "交易金额"),
    "booked_at": ("booking date", "transaction date", "交易日期"),
    "event_at": ("time", "event time", "timestamp", "时间"),
    "code_raw": ("event", "code", "status code", "状态码"),
    "category": ("category", "类目", "分类"),
    "brand": ("brand", "品牌"),
    "cost_amount": ("cost", "cost price", "成本", "成本价"),
    "supplier_id": ("supplier", "vendor", "供应商"),
}  # fmt: skip


def plain(name: str) -> str:
    """A header without what people write differently: case, blanks, units in brackets, signs."""
    bare = re.sub(r"[(（\[].*?[)）\]]", "", name.casefold())
    return re.sub(r"[\W_]+", "", bare)


@lru_cache(maxsize=1)
def known() -> dict[str, Counter[tuple[str, str]]]:
    """Plain header -> (stream, column) with how many mappings say so."""
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for source in source_names():
        for table in load_mapping(source).tables:
            for header, stream, column in _said_by(table):
                found[plain(header)][stream, column] += 1
    for stream in STREAMS.values():
        for column in stream.columns:
            for header in (column.name, *USUAL.get(column.name, ())):
                found[plain(header)][stream.name, column.name] += 2
    return found


def _said_by(table: TableMap) -> Iterator[tuple[str, str, str]]:
    """(header, stream, column) where a column of a stream is one header and nothing else."""
    headers = {} if table.document else {**table.required, **table.optional}
    for stream in table.streams:
        for column, expression in stream.values.items():
            match = _SIMPLE.fullmatch(expression.strip())
            if match and column not in ENVELOPE_VALUES:
                for header in headers.get(match[1], ()):
                    yield header, stream.stream, column


def column_for(header: str, stream: str) -> str | None:
    """The column of the stream a header most likely is; None: nobody has called one so."""
    # A path inside a document says the most by its end.
    for name in (header, header.rpartition(".")[2]):
        votes = {c: n for (s, c), n in known().get(plain(name), {}).items() if s == stream}
        if votes:
            return max(votes, key=lambda column: (votes[column], column))
    return None
