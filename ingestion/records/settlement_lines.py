"""One line of a provider's or marketplace's bill."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="settlement_lines",
    note="One line of a provider's or marketplace's bill.",
    key=("settlement_line_id",),
    event_time="posted_at",
    columns=(
        required("settlement_line_id", Kind.ID, "unique across providers"),
        required("provider", Kind.CODE, "alipay, wechat, stripe, ..."),
        optional("statement_id", Kind.ID, "the bill"),
        optional("payout_id", Kind.ID, "the payout it is part of"),
        required(
            "line_kind",
            Kind.CODE,
            "what",
            codes=("payment", "refund", "fee", "adjustment", "payout", "chargeback"),
        ),
        required("posted_at", Kind.TIME, "when the provider booked it"),
        optional("provider_payment_id", Kind.ID, "provider's transaction number"),
        optional("merchant_payment_id", Kind.ID, "our number at the provider"),
        optional("merchant_refund_id", Kind.ID, "our refund number"),
        optional("order_id", Kind.ID, "the order, where the line names it"),
        required("gross_amount", Kind.MONEY, "signed: + to us, - from us"),
        optional("fee_amount", Kind.MONEY, "fee kept by the provider, positive"),
        optional("net_amount", Kind.MONEY, "gross - fee"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("sku", Kind.ID, "the article, where the line is of one"),
        optional("amount_type", Kind.TEXT, "what the amount is, in a marketplace's words"),
        optional("amount_description", Kind.TEXT, "and more exactly, in its words"),
        optional("note", Kind.TEXT, "in the provider's words"),
    ),
)
