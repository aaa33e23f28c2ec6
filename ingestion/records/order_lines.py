"""One line of an order."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="order_lines",
    note="One line of an order.",
    key=("line_id",),
    event_time="placed_at",
    columns=(
        required("line_id", Kind.ID, "unique across channels"),
        required("order_id", Kind.ID, "the order"),
        optional("placed_at", Kind.TIME, "when the line was ordered; null: with its order"),
        optional("line_number", Kind.INTEGER, "1-based position where the source has one"),
        optional(
            "line_kind",
            Kind.CODE,
            "what the line is",
            codes=("goods", "shipping", "fee", "discount", "gift", "adjustment"),
        ),
        optional("sku", Kind.ID, "seller's stock code"),
        optional("product_name", Kind.TEXT, "title"),
        required("quantity", Kind.QUANTITY, "pieces ordered"),
        optional("unit_price_amount", Kind.MONEY, "list price of one piece"),
        optional("discount_amount", Kind.MONEY, "discount of the whole line, positive"),
        optional("platform_discount_amount", Kind.MONEY, "part of the discount the platform bears"),
        optional("influencer_discount_amount", Kind.MONEY, "part of it an influencer bears"),
        optional("shipping_amount", Kind.MONEY, "shipping of the line"),
        optional("tax_amount", Kind.MONEY, "tax of the line"),
        optional(
            "line_amount",
            Kind.MONEY,
            "what the line costs the buyer, without shipping; null: quantity x price - discount",
        ),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("supplier_id", Kind.ID, "seller or supplier that ships it"),
        optional("ship_by_at", Kind.TIME, "latest ship time of the line"),
    ),
)
