"""Goods of one stock code that a warehouse took in from a customer, and what inspection found."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="return_receipts",
    note="Goods of one stock code that came back to a warehouse, and what inspection found.",
    key=("return_receipt_id",),
    event_time="received_at",
    columns=(
        required("return_receipt_id", Kind.ID, "unique across warehouses"),
        optional("case_id", Kind.ID, "the after-sales case, where the warehouse knows it"),
        optional("order_id", Kind.ID, "the order, where the warehouse knows it"),
        optional("carrier", Kind.CODE, "carrier that brought it"),
        optional("tracking_number", Kind.ID, "its waybill"),
        required("received_at", Kind.TIME, "when it was taken in"),
        required("sku", Kind.ID, "stock code that was in it"),
        required("quantity", Kind.QUANTITY, "pieces that were in it"),
        optional("inspected_at", Kind.TIME, "when it was inspected"),
        optional("passed_quantity", Kind.QUANTITY, "pieces that passed"),
        optional("failed_quantity", Kind.QUANTITY, "pieces that did not"),
        optional(
            "disposition",
            Kind.CODE,
            "what becomes of pieces that did not pass",
            codes=("restock", "scrap", "repair", "return_to_customer", "return_to_supplier"),
        ),
        optional("reason", Kind.TEXT, "finding, in the warehouse's words"),
        optional("warehouse_id", Kind.ID, "where"),
        optional("actor_id", Kind.ID, "who"),
    ),
)
