"""When somebody who carries a parcel expects it to arrive, as told at one moment."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="delivery_estimates",
    note="When a parcel is expected to arrive, as its carrier or channel told at one moment.",
    key=("estimate_id",),
    event_time="stated_at",
    columns=(
        required("estimate_id", Kind.ID, "unique across sources: the parcel and the moment"),
        optional("order_id", Kind.ID, "the order, where the source knows it"),
        optional("shipment_id", Kind.ID, "the parcel, as the channel calls it"),
        optional("carrier", Kind.CODE, "carrier code"),
        optional("tracking_number", Kind.ID, "waybill"),
        required("stated_at", Kind.TIME, "when it was told"),
        required("expected_at", Kind.TIME, "when the parcel is expected to be there at the latest"),
    ),
)
