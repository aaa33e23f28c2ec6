"""One refund, or one step of it. A later state of the same refund is a later version."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="refunds",
    note="One refund, or one step of it. A later state of the same refund is a later version.",
    key=("refund_id", "refund_status", "attempt_number"),
    event_time="refunded_at",
    columns=(
        required("refund_id", Kind.ID, "unique across channels"),
        optional("order_id", Kind.ID, "the order; null where the source does not say"),
        optional("line_id", Kind.ID, "the line"),
        optional("case_id", Kind.ID, "the after-sales case"),
        required(
            "refund_status",
            Kind.CODE,
            "step",
            codes=(
                "requested",
                "approved",
                "rejected",
                "sent",
                "succeeded",
                "failed",
                "account_asked",
                "account_given",
            ),
        ),
        optional("attempt_number", Kind.INTEGER, "which time, for a step that happens again"),
        required("refunded_at", Kind.TIME, "when this step happened"),
        optional("is_time_stated", Kind.BOOLEAN, "no: not before that, the source says no more"),
        required("amount", Kind.MONEY, "money given back, positive"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional(
            "refund_kind",
            Kind.CODE,
            "why money goes back",
            codes=("cancel", "return", "goodwill", "compensation", "chargeback", "unmatched"),
        ),
        optional("reason", Kind.TEXT, "in the source's words"),
        optional("sku", Kind.ID, "stock code given back"),
        optional("quantity", Kind.QUANTITY, "pieces given back"),
        optional("is_restocked", Kind.BOOLEAN, "goods return to stock"),
        optional("buyer_id", Kind.ID, "pseudonym of the buyer, to match refunds without an order"),
        optional("provider", Kind.CODE, "who pays it"),
        optional("provider_refund_id", Kind.ID, "provider's number"),
        optional(
            "request_number", Kind.ID, "number of the house's request, where the source carries it"
        ),
    ),
)
