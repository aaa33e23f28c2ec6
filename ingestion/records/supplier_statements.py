"""One line of a statement that a supplier sent: what it thinks it is owed."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="supplier_statements",
    note="One line of a statement that a supplier sent: what it thinks it is owed.",
    key=("supplier_line_id",),
    event_time="stated_at",
    columns=(
        required("supplier_line_id", Kind.ID, "unique across suppliers"),
        required("supplier_statement_id", Kind.ID, "the supplier's document"),
        required("supplier_id", Kind.ID, "whose"),
        required("stated_at", Kind.TIME, "when it was drawn up"),
        required("period_from_at", Kind.TIME, "first moment it covers"),
        required("period_until_at", Kind.TIME, "end of what it covers"),
        required(
            "line_kind", Kind.CODE, "what it is", codes=("shipment", "return", "compensation")
        ),
        required("line_reference", Kind.ID, "delivery and stock code, or the case"),
        optional("order_id", Kind.ID, "the order"),
        optional("quantity", Kind.QUANTITY, "pieces"),
        required("amount", Kind.MONEY, "what it counts for; what we owe is positive"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
