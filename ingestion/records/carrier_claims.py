"""A step of a claim against a carrier."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="carrier_claims",
    note="A step of a claim against a carrier: filed, accepted with an amount, rejected, settled.",
    key=("claim_id", "claim_step"),
    event_time="event_at",
    columns=(
        required("claim_id", Kind.ID, "unique across carriers"),
        required(
            "claim_step", Kind.CODE, "step", codes=("filed", "accepted", "rejected", "settled")
        ),
        required("carrier", Kind.CODE, "against whom"),
        optional("tracking_number", Kind.ID, "waybill"),
        required("event_at", Kind.TIME, "when"),
        optional("amount", Kind.MONEY, "claimed, accepted or paid"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("reason", Kind.TEXT, "why"),
    ),
)
