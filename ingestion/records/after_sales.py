"""One step of an after-sales case (return, exchange, repair, refund, reship)."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="after_sales",
    note="One step of an after-sales case (return, exchange, repair, refund, reship).",
    key=("case_id", "case_step"),
    event_time="event_at",
    columns=(
        required("case_id", Kind.ID, "unique across channels"),
        required("order_id", Kind.ID, "the order"),
        optional("line_id", Kind.ID, "the line"),
        optional(
            "case_kind",
            Kind.CODE,
            "what is asked",
            codes=("return", "exchange", "repair", "refund", "reship"),
        ),
        required(
            "case_step",
            Kind.CODE,
            "step",
            codes=(
                "requested",
                "approved",
                "rejected",
                "withdrawn",
                "return_shipped",
                "return_received",
                "qc_passed",
                "qc_failed",
                "exchange_shipped",
                "repair_done",
                "closed",
            ),
        ),
        required("event_at", Kind.TIME, "when"),
        optional("sku", Kind.ID, "stock code"),
        optional("quantity", Kind.QUANTITY, "pieces"),
        optional("amount", Kind.MONEY, "money asked"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("reason", Kind.TEXT, "in the source's words"),
        optional("actor_id", Kind.ID, "who"),
    ),
)
