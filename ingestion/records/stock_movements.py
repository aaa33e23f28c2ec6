"""One movement of goods in or out of a warehouse."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="stock_movements",
    note="One movement of goods in or out of a warehouse.",
    key=("movement_id",),
    event_time="moved_at",
    columns=(
        required("movement_id", Kind.ID, "unique across sources"),
        required("sku", Kind.ID, "stock code"),
        required("warehouse_id", Kind.ID, "where"),
        optional("lot", Kind.ID, "batch"),
        required(
            "movement_type",
            Kind.CODE,
            "what",
            codes=(
                "opening",
                "receipt",
                "return_good",
                "return_damaged",
                "transfer_in",
                "transfer_out",
                "count_gain",
                "count_loss",
                "adjust",
                "ship",
                "scrap",
                "freeze",
                "unfreeze",
                "qc_hold",
                "qc_release",
            ),
        ),
        required(
            "quantity", Kind.QUANTITY, "signed: + in, - out; freezing and holding move no goods"
        ),
        required("moved_at", Kind.TIME, "when"),
        optional("order_id", Kind.ID, "the order it serves"),
        optional("reference", Kind.ID, "document"),
        optional("lot_expires_at", Kind.TIME, "until when the batch may be sold"),
        optional("to_warehouse_id", Kind.ID, "where a transfer goes"),
        optional("reason", Kind.TEXT, "why"),
    ),
)
