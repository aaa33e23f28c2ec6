"""What a channel showed of an order, or of one of its parcels, at one moment."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="channel_status",
    note="What a channel showed of an order, or of one of its parcels, at one moment.",
    key=("status_id",),
    event_time="seen_at",
    columns=(
        required("status_id", Kind.ID, "unique across channels"),
        required("order_id", Kind.ID, "the order"),
        required("seen_at", Kind.TIME, "since when the channel shows it, by the channel's clock"),
        required("status_raw", Kind.TEXT, "status in the channel's words"),
        optional("shipment_id", Kind.ID, "the parcel it speaks of, as the channel calls it"),
        optional("tracking_number", Kind.ID, "the waybill the channel shows"),
        optional("payable_amount", Kind.MONEY, "amount shown"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
