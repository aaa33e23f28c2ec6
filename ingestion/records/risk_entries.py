"""One entry of a list of buyers and addresses: not to serve, to trust, not to be reached."""

from ingestion.records.schema import Kind, Stream, optional, required

STREAM = Stream(
    name="risk_entries",
    note="One entry of a list of buyers and addresses: a black, a white or an undeliverable list.",
    key=("entry_id",),
    event_time="valid_from",
    columns=(
        required("entry_id", Kind.ID, "unique across sources"),
        required("list_kind", Kind.CODE, "which list", codes=("black", "white", "undeliverable")),
        optional("phone", Kind.PHONE, "phone it is about"),
        optional("address", Kind.ADDRESS, "street address, as the channel writes it"),
        optional("buyer_channel", Kind.CODE, "channel of the account"),
        optional("buyer_id", Kind.ID, "pseudonym of the account on its channel"),
        optional("reason", Kind.CODE, "why"),
        required("valid_from", Kind.TIME, "since when"),
        optional("valid_to", Kind.TIME, "until when; null: until further notice"),
    ),
)
