"""One thing that happened to an account, from the ledger: rights, sign-ins, reveals, errors."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="access_events",
    note="One thing that happened to an account, from the ledger. No names, no addresses.",
    key=("access_event_id",),
    event_time="happened_at",
    columns=(
        required("access_event_id", Kind.ID, "the ledger's action id"),
        required("verb", Kind.CODE, "what happened, in the ledger's word"),
        required("happened_at", Kind.TIME, "when"),
        required("account_id", Kind.ID, "whose account; unknown: a name nobody has"),
        optional("actor_id", Kind.ID, "who did it, where somebody else did"),
        optional("account_state", Kind.CODE, "active or disabled after a change of rights"),
        optional("roles", Kind.TEXT, "roles after a change of rights, joined by a bar"),
        optional("role_conflict", Kind.TEXT, "roles of these that do not go together"),
        optional("subject", Kind.CODE, "what was revealed, or the kind of error"),
    ),
)
