"""One parcel or consignment of an order."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="shipments",
    note="One parcel or consignment of an order.",
    key=("shipment_id",),
    event_time="shipped_at",
    columns=(
        required("shipment_id", Kind.ID, "unique across channels"),
        required("order_id", Kind.ID, "the order"),
        optional("shipped_at", Kind.TIME, "handed to the carrier"),
        optional("promised_at", Kind.TIME, "latest delivery promised"),
        optional("delivered_at", Kind.TIME, "delivered, where the source says so itself"),
        optional("carrier", Kind.CODE, "carrier code"),
        optional("tracking_number", Kind.ID, "waybill"),
        optional(
            "shipment_status",
            Kind.CODE,
            "state",
            codes=("labelled", "shipped", "delivered", "failed", "cancelled"),
        ),
        optional("warehouse_id", Kind.ID, "from where"),
        optional("supplier_id", Kind.ID, "by whom, where a supplier ships"),
        optional("insured_amount", Kind.MONEY, "what it is insured for; zero: it is not"),
        optional("currency_code", Kind.CODE, "of that amount, ISO 4217, upper case"),
    ),
)
