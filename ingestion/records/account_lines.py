"""One line of an account's own log: what moved, and what the account came to after it."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="account_lines",
    note="One line of an account's own log, with the balance after it.",
    key=("account_line_id",),
    event_time="posted_at",
    columns=(
        required("account_line_id", Kind.ID, "unique across accounts"),
        optional("account_id", Kind.ID, "the account; null: the only one of its shop and source"),
        required("posted_at", Kind.TIME, "when it was booked"),
        required("amount", Kind.MONEY, "signed: + to us, - from us; 0: only a balance is stated"),
        optional("balance_amount", Kind.MONEY, "balance after it"),
        optional(
            "balance_kind",
            Kind.CODE,
            "which balance of a statement it only states; null: it is a line",
            codes=("opening", "closing"),
        ),
        required("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("provider", Kind.CODE, "whose account it is: alipay, wechat, paypal, ..."),
        optional("provider_payment_id", Kind.ID, "provider's number of what was booked"),
        optional("merchant_payment_id", Kind.ID, "our number of it"),
        optional("note", Kind.TEXT, "what it was, in the provider's words"),
    ),
)
