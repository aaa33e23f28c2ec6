"""One charge on a carrier's bill."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="carrier_charges",
    note="One charge on a carrier's bill.",
    key=("charge_id",),
    event_time="charged_at",
    columns=(
        required("charge_id", Kind.ID, "unique across carriers"),
        required("carrier", Kind.CODE, "who bills"),
        optional("invoice_id", Kind.ID, "the bill"),
        optional("tracking_number", Kind.ID, "waybill"),
        required(
            "charge_kind",
            Kind.CODE,
            "what for",
            codes=(
                "freight",
                "remote_area",
                "oversize",
                "address_change",
                "return",
                "insurance",
                "cod_fee",
                "packing",
                "other",
            ),
        ),
        required("charged_at", Kind.TIME, "the day the bill gives it"),
        optional("weight", Kind.QUANTITY, "weight charged for, in kilograms"),
        required("amount", Kind.MONEY, "positive: we owe it; negative: given back"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
