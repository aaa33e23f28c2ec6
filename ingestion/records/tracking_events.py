"""One scan or message of a carrier."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="tracking_events",
    note="One scan or message of a carrier.",
    key=("carrier", "tracking_number", "event_at", "code_raw", "place"),
    event_time="event_at",
    columns=(
        required("carrier", Kind.CODE, "carrier code"),
        required("tracking_number", Kind.ID, "waybill"),
        required("event_at", Kind.TIME, "when the carrier says it happened"),
        required("code_raw", Kind.ID, "the carrier's own code"),
        optional("place", Kind.TEXT, "where"),
        optional("description", Kind.REMARK, "the carrier's text; couriers put phones in it"),
    ),
)
