"""One part of an article that is sold as a set."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="kit_components",
    note="One part of an article that is sold as a set.",
    key=("kit_sku", "component_sku"),
    event_time="stated_at",
    columns=(
        required("kit_sku", Kind.ID, "stock code of the set"),
        required("component_sku", Kind.ID, "stock code of the part"),
        required("component_quantity", Kind.QUANTITY, "pieces of the part in one set; 0 ends it"),
        optional("stated_at", Kind.TIME, "when it was stated"),
    ),
)
