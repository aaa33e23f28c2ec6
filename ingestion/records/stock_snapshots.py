"""What a warehouse says it holds of one stock code at one moment, by bin if it tells bins."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="stock_snapshots",
    note="What a warehouse says it holds of one stock code at one moment.",
    key=("warehouse_id", "sku", "lot", "taken_at", "bin_id"),
    event_time="taken_at",
    columns=(
        required("sku", Kind.ID, "stock code"),
        required("warehouse_id", Kind.ID, "where"),
        optional("lot", Kind.ID, "batch"),
        optional("bin_id", Kind.ID, "where in the warehouse; rows of several bins add up"),
        required("taken_at", Kind.TIME, "when"),
        required("on_hand_quantity", Kind.QUANTITY, "pieces in the house"),
        optional("damaged_quantity", Kind.QUANTITY, "of them damaged"),
        optional("frozen_quantity", Kind.QUANTITY, "of them blocked"),
    ),
)
