"""A step of something that went wrong inside the house."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="incidents",
    note="A step of an operator's error, a matter between departments or a sudden event.",
    key=("incident_id", "incident_step"),
    event_time="event_at",
    columns=(
        required("incident_id", Kind.ID, "unique across sources"),
        required(
            "incident_step",
            Kind.CODE,
            "step",
            codes=(
                "error_occurred",
                "error_found",
                "error_reported",
                "error_remedied",
                "issue_raised",
                "issue_plan_agreed",
                "event_announced",
                "reviewed",
                "closed",
            ),
        ),
        required("event_at", Kind.TIME, "when"),
        optional("order_id", Kind.ID, "the order, where there is one"),
        optional("incident_kind", Kind.CODE, "wrong_item, missed_item, stock_out, outage, ..."),
        optional("department", Kind.TEXT, "who has to act"),
        optional("actor_id", Kind.ID, "who"),
        optional("note", Kind.REMARK, "free text"),
    ),
)
