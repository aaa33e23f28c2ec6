"""What a channel showed for an order at one moment."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="channel_status",
    note="What a channel showed for an order at one moment.",
    key=("order_id", "seen_at"),
    event_time="seen_at",
    columns=(
        required("order_id", Kind.ID, "the order"),
        required("seen_at", Kind.TIME, "when"),
        required("status_raw", Kind.TEXT, "status in the channel's words"),
        optional("payable_amount", Kind.MONEY, "amount shown"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
