"""One line a person chose for a statement with a supplier, from the ledger."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="statement_lines",
    note="One line a person chose for a statement with a supplier, from the ledger.",
    key=("statement_line_id",),
    event_time="drafted_at",
    columns=(
        required("statement_line_id", Kind.ID, "the draft and the line"),
        required("decision_id", Kind.ID, "the draft; a later one replaces its lines"),
        required("statement_id", Kind.ID, "the statement"),
        required("drafted_at", Kind.TIME, "when"),
        required("supplier_id", Kind.ID, "with whom"),
        required("line_id", Kind.ID, "the shipment, return or compensation"),
        required(
            "line_kind", Kind.CODE, "what it is", codes=("shipment", "return", "compensation")
        ),
        required("amount", Kind.MONEY, "what it counts for; what we owe is positive"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
