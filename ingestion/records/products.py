"""One article of the catalogue."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="products",
    note="One article of the catalogue.",
    key=("sku",),
    event_time="listed_at",
    columns=(
        required("sku", Kind.ID, "seller's stock code"),
        optional("product_name", Kind.TEXT, "title"),
        optional("category", Kind.TEXT, "category"),
        optional("brand", Kind.TEXT, "brand"),
        optional("cost_amount", Kind.MONEY, "what one piece costs us"),
        optional("price_amount", Kind.MONEY, "list price"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("safety_stock_quantity", Kind.QUANTITY, "kept back"),
        optional("supplier_id", Kind.ID, "who supplies it"),
        optional("weight", Kind.QUANTITY, "of one piece as packed, in kilograms"),
        optional("is_fragile", Kind.BOOLEAN, "breaks easily"),
        optional("listed_at", Kind.TIME, "since when"),
    ),
)
