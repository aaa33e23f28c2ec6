"""One customer order as its channel states it."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="orders",
    note="One customer order as its channel states it.",
    key=("order_id",),
    event_time="placed_at",
    columns=(
        required("order_id", Kind.ID, "unique across channels: <shop>-<native id>"),
        required("channel_order_id", Kind.ID, "the id as the channel sent it"),
        required("placed_at", Kind.TIME, "when the buyer placed it"),
        optional("status_raw", Kind.TEXT, "status in the channel's own words"),
        optional(
            "order_kind",
            Kind.CODE,
            "what kind of order",
            codes=("sale", "exchange", "reship", "manual"),
        ),
        optional("paid_at", Kind.TIME, "payment time the channel claims"),
        optional("cancelled_at", Kind.TIME, "when it was cancelled: nothing had been sent"),
        optional("cancel_reason", Kind.TEXT, "why, in the channel's words"),
        optional("completed_at", Kind.TIME, "when the buyer confirmed or the channel completed it"),
        optional(
            "closed_at", Kind.TIME, "when the channel closed it though it was sent: paid back"
        ),
        optional("ship_by_at", Kind.TIME, "latest ship time the channel promises"),
        optional("promised_at", Kind.TIME, "latest delivery the channel promises"),
        optional(
            "payment_method",
            Kind.CODE,
            "how it is paid",
            codes=("online", "cod", "bank_transfer", "balance"),
        ),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("goods_amount", Kind.MONEY, "sum of line list prices"),
        optional("discount_amount", Kind.MONEY, "all discounts, positive"),
        optional("shipping_amount", Kind.MONEY, "shipping charged"),
        optional("tax_amount", Kind.MONEY, "tax charged on top"),
        optional("payable_amount", Kind.MONEY, "what the buyer has to pay; null: sum of the lines"),
        optional(
            "deposit_amount", Kind.MONEY, "what of it is paid beforehand, the rest later; null: all"
        ),
        optional("rest_due_at", Kind.TIME, "until when the rest is to be paid; null: not told"),
        optional("line_count", Kind.INTEGER, "number of lines the channel declares"),
        optional("item_quantity", Kind.QUANTITY, "pieces the channel declares"),
        optional("buyer_id", Kind.ID, "pseudonym of the buyer on the channel"),
        optional("buyer_name", Kind.NAME, "account or receiver name"),
        optional("buyer_phone", Kind.PHONE, "phone for delivery"),
        optional("ship_address", Kind.ADDRESS, "street address for delivery"),
        optional("ship_country", Kind.TEXT, "country"),
        optional("ship_region", Kind.TEXT, "province or state"),
        optional("ship_city", Kind.TEXT, "city"),
        optional("buyer_remark", Kind.REMARK, "what the buyer wrote"),
        optional("seller_remark", Kind.REMARK, "what the seller noted"),
        optional("ship_method", Kind.TEXT, "delivery the buyer chose; `unset`: none"),
        optional(
            "entry_point",
            Kind.CODE,
            "where the buyer placed it",
            codes=("pc", "mobile", "app", "mini_program", "social", "store", "staff"),
        ),
        optional("remark_topics", Kind.TEXT, "what the remarks ask for, as codes with commas"),
        optional("is_test", Kind.BOOLEAN, "a test order of the channel"),
    ),
)
