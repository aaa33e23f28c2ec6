"""One movement of a buyer's money as the channel or the shop states it."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="payments",
    note="One movement of a buyer's money as the channel or the shop states it.",
    key=("payment_id",),
    event_time="paid_at",
    columns=(
        required("payment_id", Kind.ID, "unique across channels"),
        optional("order_id", Kind.ID, "the order it pays"),
        required(
            "payment_kind",
            Kind.CODE,
            "what happened",
            codes=("capture", "authorization", "void", "cod_collected"),
        ),
        required(
            "payment_status", Kind.CODE, "how it ended", codes=("succeeded", "failed", "pending")
        ),
        optional("paid_at", Kind.TIME, "when it happened; null: when its order says it was paid"),
        required("amount", Kind.MONEY, "money moved, positive"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional(
            "payment_method",
            Kind.CODE,
            "how",
            codes=("online", "cod", "bank_transfer", "balance", "voucher"),
        ),
        optional("provider", Kind.CODE, "who moved it: alipay, wechat, stripe, ..."),
        optional("provider_payment_id", Kind.ID, "the provider's transaction number"),
        optional("merchant_payment_id", Kind.ID, "our number at the provider"),
    ),
)
