"""What a person decided about one difference of a reconciliation, from the ledger."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="recon_decisions",
    note="What a person decided about one difference of a reconciliation, from the ledger.",
    key=("decision_id",),
    event_time="decided_at",
    columns=(
        required("decision_id", Kind.ID, "the ledger's action id"),
        required("verb", Kind.CODE, "what was decided"),
        required("decided_at", Kind.TIME, "when"),
        required("break_id", Kind.ID, "the difference"),
        required("recon_code", Kind.ID, "its reconciliation"),
        required("match_key", Kind.ID, "what its sides are compared by"),
        optional("currency_code", Kind.CODE, "ISO 4217, upper case"),
        optional("order_id", Kind.ID, "the order"),
        optional("group_id", Kind.ID, "what was decided together, such as the sides of a match"),
        optional("suggestion_id", Kind.ID, "the suggestion it follows or rejects"),
        optional("left_amount", Kind.MONEY, "left side it was decided on"),
        optional("right_amount", Kind.MONEY, "right side it was decided on"),
        optional("reason_code", Kind.CODE, "why"),
        required("actor_id", Kind.ID, "who"),
        optional("actor_role", Kind.CODE, "as what"),
        optional("proposed_by", Kind.ID, "who asked for it, where two people are needed"),
        optional("undoes_decision_id", Kind.ID, "the decision this one takes back"),
    ),
)
