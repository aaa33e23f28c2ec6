"""Goods of one line in one parcel."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="shipment_lines",
    note="Goods of one line in one parcel.",
    key=("shipment_id", "line_id"),
    event_time="shipped_at",
    columns=(
        required("shipment_id", Kind.ID, "the parcel"),
        required("line_id", Kind.ID, "the line"),
        required("order_id", Kind.ID, "the order"),
        optional("shipped_at", Kind.TIME, "when"),
        optional("sku", Kind.ID, "stock code"),
        required("quantity", Kind.QUANTITY, "pieces"),
    ),
)
