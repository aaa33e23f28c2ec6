"""One decision of a person, from the ledger. Comments and other free text stay in the ledger."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="decisions",
    note="One decision of a person, from the ledger. Free text stays in the ledger.",
    key=("decision_id",),
    event_time="decided_at",
    columns=(
        required("decision_id", Kind.ID, "the ledger's action id"),
        required("verb", Kind.CODE, "what was decided"),
        required("decided_at", Kind.TIME, "when"),
        optional("queue_code", Kind.ID, "queue"),
        optional("item_id", Kind.ID, "queue item"),
        optional("entity_type", Kind.CODE, "what it is about"),
        optional("entity_id", Kind.ID, "which"),
        optional("order_id", Kind.ID, "the order"),
        required("actor_id", Kind.ID, "who"),
        optional("actor_role", Kind.CODE, "as what"),
        optional("reason_code", Kind.CODE, "why"),
        optional("hold_type", Kind.CODE, "type of hold a release is about; null: every hold"),
        optional("quantity", Kind.QUANTITY, "pieces it is about"),
        optional("case_id", Kind.ID, "the after-sales case it names"),
        optional("request_number", Kind.ID, "the refund it asked for"),
        optional("amount", Kind.MONEY, "money it is about"),
        optional("code_stream", Kind.CODE, "stream of the code it explains"),
        optional("code_party", Kind.ID, "carrier or channel whose code it is"),
        optional("code_raw", Kind.ID, "the code, as they write it"),
        optional("code_meaning", Kind.ID, "the state of ours it stands for"),
        optional("undoes_decision_id", Kind.ID, "the decision this one takes back"),
        optional("forecast_probability", Kind.QUANTITY, "how likely it says something is"),
        optional("forecast_limit", Kind.QUANTITY, "above what it is said"),
        optional("forecast_count", Kind.QUANTITY, "how many it was seen on"),
        optional("forecast_basis", Kind.ID, "which those were"),
        optional("args", Kind.JSON, "arguments without personal data"),
    ),
)
