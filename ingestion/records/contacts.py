"""One contact with a customer or a carrier about an order: a report, an urge, an answer."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="contacts",
    note="One contact with a customer or a carrier about an order: a report, an urge, an answer.",
    key=("contact_id",),
    event_time="event_at",
    columns=(
        required("contact_id", Kind.ID, "unique across sources"),
        optional("order_id", Kind.ID, "the order"),
        optional("carrier", Kind.CODE, "carrier"),
        optional("tracking_number", Kind.ID, "waybill"),
        required(
            "contact_kind",
            Kind.CODE,
            "what",
            codes=(
                "not_received",
                "not_received_resolved",
                "not_received_withdrawn",
                "carrier_contacted",
                "customer_contacted",
                "pod_received",
                "buyer_urged",
                "complaint",
                "complaint_answered",
                "complaint_planned",
                "complaint_escalated",
                "complaint_resolved",
                "satisfaction_scored",
                "enquiry",
            ),
        ),
        required("event_at", Kind.TIME, "when"),
        optional(
            "complaint_id", Kind.ID, "the complaint it belongs to; its first contact's number"
        ),
        optional("level", Kind.CODE, "of a complaint", codes=("normal", "major")),
        optional(
            "outcome",
            Kind.CODE,
            "resolution",
            codes=("reship", "refund", "compensate", "found", "none"),
        ),
        optional("score", Kind.QUANTITY, "satisfaction the customer states"),
        optional("note", Kind.REMARK, "free text"),
        optional("actor_id", Kind.ID, "who"),
    ),
)
