"""Money a provider or marketplace sent to the bank account."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="payouts",
    note="Money a provider or marketplace sent to the bank account.",
    key=("payout_id",),
    event_time="paid_out_at",
    columns=(
        required("payout_id", Kind.ID, "unique across providers"),
        required("provider", Kind.CODE, "who pays it out"),
        optional("provider_payout_id", Kind.ID, "the provider's number, as the bank shows it"),
        required(
            "payout_status",
            Kind.CODE,
            "how far it is",
            codes=("scheduled", "in_transit", "paid", "failed", "cancelled"),
        ),
        required("paid_out_at", Kind.TIME, "the day it is dated"),
        required("amount", Kind.MONEY, "signed: + to us, - from us"),
        required("currency_code", Kind.CODE, "ISO 4217, upper case"),
    ),
)
