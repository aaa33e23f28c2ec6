"""One step of counting one stock code in a stocktake."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="stock_counts",
    note="One step of counting one stock code in a stocktake.",
    key=("count_line_id", "count_step"),
    event_time="event_at",
    columns=(
        required("count_line_id", Kind.ID, "unique across sources"),
        required("count_id", Kind.ID, "the stocktake"),
        required(
            "count_step",
            Kind.CODE,
            "what happened",
            codes=("opened", "counted", "approved", "rejected"),
        ),
        required("event_at", Kind.TIME, "when"),
        required("sku", Kind.ID, "stock code"),
        required("warehouse_id", Kind.ID, "where"),
        optional("lot", Kind.ID, "batch"),
        optional("book_quantity", Kind.QUANTITY, "pieces in the warehouse's books"),
        optional("counted_quantity", Kind.QUANTITY, "pieces found"),
        optional("reason", Kind.TEXT, "why it differs"),
        optional("actor_id", Kind.ID, "who"),
    ),
)
