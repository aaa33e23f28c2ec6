"""One step in a warehouse or at a supplier, or a review made in another system."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="fulfilment_events",
    note="One step in a warehouse or at a supplier, or a review made in another system.",
    key=("event_key",),
    event_time="event_at",
    columns=(
        required("event_key", Kind.ID, "unique across sources"),
        required("order_id", Kind.ID, "the order"),
        required(
            "event_code",
            Kind.CODE,
            "what happened",
            codes=(
                "released",
                "wms_accepted",
                "pick_started",
                "picked",
                "pick_short",
                "checked",
                "packed",
                "labelled",
                "handed_over",
                "supplier_notified",
                "supplier_shipped",
                "stock_reserved",
                "reservation_released",
                "review_passed",
                "review_rejected",
                "hold_applied",
                "hold_released",
                "cancel_requested",
                "buyer_urged",
            ),
        ),
        required("event_at", Kind.TIME, "when"),
        optional("line_id", Kind.ID, "the line"),
        optional("sku", Kind.ID, "stock code"),
        optional("quantity", Kind.QUANTITY, "pieces"),
        optional("warehouse_id", Kind.ID, "where"),
        optional("carrier", Kind.CODE, "carrier code"),
        optional("tracking_number", Kind.ID, "waybill"),
        optional("reason", Kind.TEXT, "why, or the hold type"),
        optional("actor_id", Kind.ID, "who"),
    ),
)
