"""How many pieces a shop was told it may sell."""

from ingestion.records.schema import Kind, Stream, required

STREAM = Stream(
    name="channel_stock",
    note="How many pieces a shop was told it may sell.",
    key=("listing_id", "published_at"),
    event_time="published_at",
    columns=(
        required("listing_id", Kind.ID, "<shop>-<stock code>"),
        required("sku", Kind.ID, "stock code"),
        required("published_at", Kind.TIME, "when the shop was told"),
        required("published_quantity", Kind.QUANTITY, "pieces the shop may sell"),
    ),
)
