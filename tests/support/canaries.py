"""A file for each layout of each source, with planted names, telephones, addresses and remarks.

Tables are made from the mapping: a column goes where the expressions say, so a new layout or column
is covered when it is written. Documents have no columns and are made here; a layout with personal
values that is missing fails the test.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from ingestion.mapping import Mapping, StreamMap, TableMap, load_mapping, source_names
from ingestion.records import STREAMS
from ingestion.records.schema import Kind
from tests.ingestion.test_graphql import FORMS
from tests.support.hooks import news

PHONE, NAME, STREET, REMARK, MAIL = (
    "13987654321", "欧阳金丝雀", "金丝雀大道七百号", "密语金丝雀暗号", "canary@secret.example"
)  # fmt: skip
CANARIES = (PHONE, NAME, STREET, REMARK, MAIL)
_PLANTED = {Kind.PHONE: PHONE, Kind.NAME: NAME, Kind.ADDRESS: STREET, Kind.REMARK: REMARK}
_PLAIN = {
    Kind.TIME: "2026-11-01 10:00:00", Kind.MONEY: "1.00", Kind.QUANTITY: "1", Kind.INTEGER: "1",
    Kind.BOOLEAN: "1", Kind.CODE: "CNY", Kind.ID: "77",
}  # fmt: skip
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What a column must say for its row to be taken, where no closed list tells.
_SAID: dict[tuple[str, str], dict[str, str]] = {
    ("order_sheet", "sheet"): {"method": "线上支付", "currency": "CNY"},
    ("risk_desk", "entries"): {"channel": "jd"},
}


def personal_layouts() -> set[tuple[str, str]]:
    """Source and layout of everything that has a sealed or a pseudonymous value."""
    return {
        (source, table.name)
        for source in source_names()
        for table in load_mapping(source).tables
        for stream in table.streams
        if stream.pseudonyms or _personal(stream)
    }


def _personal(stream: StreamMap) -> dict[str, Kind]:
    kinds = {column.name: column.kind for column in STREAMS[stream.stream].columns}
    return {name: kinds[name] for name in stream.values if kinds.get(name, Kind.ID).is_personal}


def _columns_in(text: str, table: TableMap, stream: StreamMap) -> set[str]:
    """The columns an expression comes from, through every name it uses."""
    terms = {**table.let, **stream.let, **stream.explode}
    found, open_ = set(), set(_WORD.findall(text))
    seen: set[str] = set()
    while open_:
        word = open_.pop()
        if word in seen:
            continue
        seen.add(word)
        if word in terms:
            open_ |= set(_WORD.findall(terms[word]))
        if word in table.names():
            found.add(word)
    return found


def _kinds(table: TableMap) -> dict[str, Kind]:
    """What each column of a table is mostly for; personal before anything else, but for what is
    told as it is: a province is a part of an address and a fact of its own."""
    found: dict[str, Kind] = {}
    for stream in table.streams:
        kinds = {column.name: column.kind for column in STREAMS[stream.stream].columns}
        kinds |= {"observed_at": Kind.TIME, "source_sequence": Kind.INTEGER}
        for target, text in stream.values.items():
            kind = Kind.REMARK if target in stream.pseudonyms else kinds[target]
            for column in _columns_in(text, table, stream):
                old = found.get(column)
                is_stronger = old is None or (kind.is_personal and not old.is_personal)
                # An id is made of many things; a time or an amount is only that.
                if text in (column, f"min({column})", f"cell({column})") and kind is Kind.TEXT:
                    found[column] = kind
                elif is_stronger or (old in (Kind.ID, Kind.CODE, Kind.TEXT) and kind in _PLAIN):
                    found[column] = kind if not (old and old.is_personal) else old
    return found


def _codes(table: TableMap) -> dict[str, str]:
    """Columns that are a code of a closed list, with one of it."""
    found = {}
    for stream in table.streams:
        for column in STREAMS[stream.stream].columns:
            if column.codes and (text := stream.values.get(column.name)):
                name = text.removeprefix("code(").removesuffix(")")
                if name in table.names():
                    found[name] = column.codes[0]
    return found


def _tables(source: str, mapping: Mapping) -> Iterator[tuple[str, bytes]]:
    for table in mapping.tables:
        if table.document or not table.streams:
            continue
        headers = {**table.required, **table.optional}
        kinds, said = _kinds(table), _codes(table) | _SAID.get((source, table.name), {})
        good = []
        for name in headers:
            kind = kinds.get(name, Kind.TEXT)
            plain = _PLANTED.get(kind) or _PLAIN.get(kind, "x")
            good.append(said.get(name, plain))
        unknown = ["never heard of", "也没听说过"]
        rows = [[names[0] for names in headers.values()] + unknown, [*good, NAME, STREET]]
        if any(stream.pseudonyms or _personal(stream) for stream in table.streams):
            # Everything is somebody's: nothing of it fits, and the row is kept in quarantine.
            rows.append([CANARIES[number % 5] for number in range(len(headers))] + [NAME, MAIL])
        text = io.StringIO()
        csv.writer(text, delimiter=mapping.format.delimiter, lineterminator="\n").writerows(rows)
        yield table.name, text.getvalue().encode()


def _put(value: Any, path: str, planted: str) -> None:
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in way:
        value = value[key] if isinstance(key, int) else value.setdefault(key, {})
    value[last] = planted


def _planted(document: Any, paths: dict[str, str]) -> bytes:
    value = json.loads(document) if isinstance(document, bytes) else document
    for path, planted in paths.items():
        _put(value, path, planted)
    return json.dumps(value, ensure_ascii=False).encode()


_SCAN = {"mailNo": "SF1", "acceptTime": "2026-11-01 10:00:00", "opcode": "50", "acceptAddress": "x",
         "remark": f"{NAME}:{PHONE}"}  # fmt: skip
_SHOP = {"email": MAIL, "note": REMARK, "shipping_address.name": NAME,
         "shipping_address.phone": PHONE, "shipping_address.address1": STREET,
         "shipping_address.country_code": "CN", "customer.email": MAIL}  # fmt: skip
_WOO = {"customer_note": REMARK, "billing.phone": PHONE, "billing.first_name": NAME,
        "billing.email": MAIL, "billing.address_1": STREET}  # fmt: skip
_GRAPH = {"note": REMARK, "shippingAddress.name": NAME, "shippingAddress.phone": "+86" + PHONE,
          "shippingAddress.address1": STREET, "email": MAIL}  # fmt: skip
_AMAZON = f"""<OrderReport><AmazonOrderID>1-1</AmazonOrderID><OrderDate>2026-11-01T10:00:00Z
</OrderDate><BillingData><BuyerEmailAddress>{MAIL}</BuyerEmailAddress><BuyerName>{NAME}</BuyerName>
<BuyerPhoneNumber>{PHONE}</BuyerPhoneNumber></BillingData><FulfillmentData><Address><Name>{NAME}
</Name><AddressFieldOne>{STREET}</AddressFieldOne><PhoneNumber>{PHONE}</PhoneNumber></Address>
</FulfillmentData><Item><AmazonOrderItemCode>9</AmazonOrderItemCode><SKU>A</SKU><Quantity>1
</Quantity><ItemPrice><Component><Type>Principal</Type><Amount currency="USD">1.00</Amount>
</Component></ItemPrice></Item></OrderReport>"""


def _graph(form: str) -> bytes:
    lines = FORMS[form].splitlines()
    if form.startswith("bulk"):
        # The order is the line that is no child.
        found = [json.loads(line) for line in lines]
        for row in found:
            if "__parentId" not in row:
                for path, planted in _GRAPH.items():
                    _put(row, path, planted)
        return b"\n".join(json.dumps(row, ensure_ascii=False).encode() for row in found)
    value = json.loads(lines[0])
    orders = value["data"].get("orders", {})
    node = (
        value["data"].get("order")
        or (orders.get("nodes") or [e["node"] for e in orders["edges"]])[0]
    )
    for path, planted in _GRAPH.items():
        _put(node, path, planted)
    return json.dumps(value, ensure_ascii=False).encode()


def _documents() -> dict[tuple[str, str], bytes]:
    push = {"lastResult.data.0.context": f"{NAME} {PHONE}"}
    kuaidi = json.loads(news("kuaidi100"))
    after = json.loads(news("aftership", 2))["msg"]
    scan = {"time_utc": "2026-11-19T08:00:00Z", "stage": "InTransit", "description": REMARK}
    parcel = {"number": "RR9CN", "track_info": {"tracking": {"providers": [
        {"provider": {"key": 3011, "alias": "china-post"}, "events": [scan]}]}}}  # fmt: skip
    order = {
        "AmazonOrderId": "1-2", "OrderStatus": "Shipped", "PurchaseDate": "2026-11-01T10:00:00Z",
        "LastUpdateDate": "2026-11-02T10:00:00Z",
        "OrderTotal": {"CurrencyCode": "USD", "Amount": "1.00"}, "BuyerInfo": {"BuyerEmail": MAIL},
        "ShippingAddress": {"Name": NAME, "Phone": PHONE, "AddressLine1": STREET},
    }  # fmt: skip
    woo = json.loads(_planted(news("woocommerce", 2), _WOO))
    return {
        ("aftership", "webhook"): _planted(
            news("aftership"), {"msg.checkpoints.0.message": f"{NAME} {PHONE}"}),
        ("aftership", "tracking"): _planted(after, {"checkpoints.0.message": REMARK}),
        ("kuaidi100", "push"): _planted(news("kuaidi100", 2), push),
        ("kuaidi100", "answer"): _planted(
            kuaidi["lastResult"], {"data.0.context": f"{NAME} {PHONE}"}),
        ("sf_express", "route_push"): json.dumps({"head": {}, "body": [_SCAN]}).encode(),
        ("sf_express", "route_answer"): json.dumps(
            {"code": 0, "msg": "", "result": {"wayBillNo": "SF2", "route": [_SCAN]}}).encode(),
        ("track17", "webhook"): _planted(
            news("track17"), {"data.track_info.tracking.providers.0.events.0.description": REMARK}),
        ("track17", "answer"): json.dumps({"code": 0, "data": {"accepted": [parcel]}}).encode(),
        ("shopify", "order"): _planted(news("shopify"), _SHOP),
        ("shopify", "graphql_edge"): _graph("edges"),
        ("shopify", "graphql_order"): _graph("single"),
        ("shopify", "graphql_line"): _graph("bulk with a line first"),
        ("woocommerce", "order"): _planted(news("woocommerce"), _WOO),
        ("woocommerce", "moved_order"): json.dumps(
            {"stream": "orders", "data": woo, "emitted_at": 1795060000}).encode(),
        ("zendesk", "ticket"): json.dumps({"tickets": [
            {"id": 1, "created_at": "2026-11-01T10:00:00Z", "updated_at": "2026-11-01T11:00:00Z",
             "status": "new", "subject": f"{REMARK} {PHONE}", "description": MAIL,
             "external_id": "77", "tags": ["complaint"]}]}).encode(),
        ("amazon_api", "order"): json.dumps({"payload": {"Orders": [order]}}).encode(),
        ("amazon_api", "order_2026"): json.dumps({"orders": [{
            "orderId": "222", "createdTime": "2026-11-01T10:00:00Z",
            "lastUpdatedTime": "2026-11-01T11:00:00Z", "salesChannel": {"channelName": "AMAZON"},
            "buyer": {"buyerEmail": MAIL, "buyerName": NAME},
            "recipient": {"deliveryAddress": {"name": NAME, "phone": PHONE,
                                              "addressLine1": STREET}},
            "fulfillment": {"fulfillmentStatus": "UNSHIPPED"}}]}).encode(),
        ("amazon", "order_report"): _AMAZON.encode(),
        ("pinduoduo", "told_orders"): json.dumps({"order_info_get_response": {"order_info": {
            "order_sn": "261101-9", "order_status": 1, "confirm_status": 1, "item_list": [],
            "created_time": "2026-11-01 10:00:00", "receiver_name": NAME, "receiver_phone": PHONE,
            "receiver_address": STREET, "buyer_memo": REMARK}}}, ensure_ascii=False).encode(),
        ("taobao", "trade"): json.dumps([{
            "tid": "79", "status": "WAIT_BUYER_PAY", "created": "2026-11-01 10:00:00",
            "modified": "2026-11-01 10:00:01", "payment": "1.00", "num": 1, "buyer_nick": NAME,
            "receiver_name": NAME, "receiver_mobile": PHONE, "receiver_address": STREET,
            "buyer_message": REMARK, "buyer_email": MAIL, "orders": {"order": []},
        }], ensure_ascii=False).encode(),
    }  # fmt: skip


def planted_files() -> dict[tuple[str, str], bytes]:
    """Source and layout -> a file of it, for each that has personal values."""
    found = _documents()
    for source in source_names():
        mapping = load_mapping(source)
        found |= {(source, layout): data for layout, data in _tables(source, mapping)}
    wanted = personal_layouts()
    return {key: data for key, data in found.items() if key in wanted}
