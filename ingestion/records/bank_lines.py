"""One booking on a bank account."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="bank_lines",
    note="One booking on a bank account.",
    key=("bank_line_id",),
    event_time="booked_at",
    columns=(
        required("bank_line_id", Kind.ID, "unique across accounts"),
        optional("account_id", Kind.ID, "the account"),
        required("booked_at", Kind.TIME, "the day it was booked"),
        required("amount", Kind.MONEY, "signed: + to us, - from us"),
        required("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("party", Kind.CODE, "provider or carrier that pays; null: somebody else"),
        optional("payout_reference", Kind.ID, "number of the payout that the payer names"),
        optional("balance_amount", Kind.MONEY, "balance after it"),
        optional("note", Kind.TEXT, "in the bank's words"),
    ),
)
