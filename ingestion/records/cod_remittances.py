"""Cash a carrier collected on delivery and passed on."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="cod_remittances",
    note="Cash of one waybill that a carrier collected on delivery and passed on.",
    key=("remittance_line_id",),
    event_time="remitted_at",
    columns=(
        required("remittance_line_id", Kind.ID, "unique across carriers"),
        required("carrier", Kind.CODE, "who collected it"),
        optional("remittance_id", Kind.ID, "the transfer it came with"),
        required("tracking_number", Kind.ID, "waybill"),
        required("remitted_at", Kind.TIME, "when it was passed on"),
        required("amount", Kind.MONEY, "what was passed on, before fees"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
