"""One line of an order to a supplier, as it stands."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="purchase_orders",
    note="One line of an order to a supplier, as it stands.",
    key=("purchase_line_id",),
    event_time="ordered_at",
    columns=(
        required("purchase_line_id", Kind.ID, "unique across sources"),
        required("purchase_order_id", Kind.ID, "the order to the supplier"),
        required("supplier_id", Kind.ID, "who delivers"),
        required("sku", Kind.ID, "stock code"),
        required("warehouse_id", Kind.ID, "where it will arrive"),
        required(
            "purchase_status",
            Kind.CODE,
            "how sure the goods are",
            codes=("planned", "confirmed", "in_transit", "received", "cancelled"),
        ),
        required("ordered_at", Kind.TIME, "when it was ordered"),
        optional("confirmed_at", Kind.TIME, "when the supplier confirmed"),
        optional("closed_at", Kind.TIME, "when the last piece came, or it was given up"),
        optional("due_at", Kind.TIME, "when the goods are expected"),
        required("ordered_quantity", Kind.QUANTITY, "pieces ordered"),
        optional("received_quantity", Kind.QUANTITY, "pieces received so far"),
        optional("unit_cost_amount", Kind.MONEY, "price of one piece"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
