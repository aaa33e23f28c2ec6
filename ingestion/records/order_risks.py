"""What a channel thinks of the risk of one order."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="order_risks",
    note="What a channel thinks of the risk of one order.",
    key=("risk_id",),
    event_time="seen_at",
    columns=(
        required("risk_id", Kind.ID, "unique across channels"),
        required("order_id", Kind.ID, "the order"),
        optional("seen_at", Kind.TIME, "when the channel said so; null: with the order"),
        required(
            "recommendation",
            Kind.CODE,
            "what the channel recommends",
            codes=("accept", "investigate", "cancel"),
        ),
        optional("score", Kind.TEXT, "the channel's own score"),
        optional("reason", Kind.TEXT, "in the channel's words, without personal data"),
    ),
)
