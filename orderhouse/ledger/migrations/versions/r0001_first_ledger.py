"""The first ledger: the chain, case states, comments, outbox, people and their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

AUDIT_COLUMNS = (
    ("action_id", 40, False),
    ("stream", 16, False),
    ("verb", 40, False),
    ("actor_id", 40, False),
    ("actor_role", 40, True),
    ("session_id", 40, True),
    ("ip", 64, True),
    ("queue_code", 16, True),
    ("item_id", 64, True),
    ("entity_type", 40, True),
    ("entity_id", 200, True),
    ("order_id", 200, True),
    ("reason_code", 64, True),
    ("undoes_action_id", 40, True),
    ("comment_hash", 64, True),
    ("snapshot_id", 80, True),
    ("idempotency_key", 80, True),
    ("body_hash", 64, True),
    ("prev_hash", 64, False),
    ("hash", 64, False),
)

SQLITE_TRIGGERS = (
    "create trigger audit_log_no_update before update on audit_log "
    "begin select raise(abort, 'audit_log is append-only'); end",
    "create trigger audit_log_no_delete before delete on audit_log "
    "begin select raise(abort, 'audit_log is append-only'); end",
    "create trigger comments_no_delete before delete on comments "
    "begin select raise(abort, 'comments are only erased'); end",
    "create trigger comments_only_erased before update on comments "
    "when new.body is not null or new.salt is not null or new.erased_at is null "
    "or new.action_id is not old.action_id "
    "begin select raise(abort, 'comments are only erased'); end",
)

POSTGRES_TRIGGERS = (
    "create function ledger_append_only() returns trigger language plpgsql as "
    "$$ begin raise exception '% is append-only', tg_table_name; end $$",
    "create trigger audit_log_append_only before update or delete on audit_log "
    "for each row execute function ledger_append_only()",
    "create trigger audit_log_no_truncate before truncate on audit_log "
    "for each statement execute function ledger_append_only()",
    "create trigger comments_no_delete before delete on comments "
    "for each row execute function ledger_append_only()",
    "create trigger comments_no_truncate before truncate on comments "
    "for each statement execute function ledger_append_only()",
    "create trigger comments_only_erased before update on comments for each row "
    "when (new.body is not null or new.salt is not null or new.erased_at is null "
    "or new.action_id is distinct from old.action_id) execute function ledger_append_only()",
)


def _chain() -> None:
    op.create_table(
        "audit_log",
        sa.Column("seq", SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        *(sa.Column(name, sa.String(size), nullable=null) for name, size, null in AUDIT_COLUMNS),
        sa.Column("args", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.UniqueConstraint("action_id"),
        sa.UniqueConstraint("actor_id", "idempotency_key", name="audit_log_idempotency"),
    )
    op.create_index("audit_log_item", "audit_log", ["item_id", "seq"])
    op.create_index("audit_log_order", "audit_log", ["order_id", "seq"])
    op.create_index("audit_log_actor", "audit_log", ["actor_id", "seq"])
    op.create_table(
        "comments",
        sa.Column("action_id", sa.String(40), primary_key=True),
        sa.Column("salt", sa.String(32)),
        sa.Column("body", sa.Text()),
        sa.Column("erased_at", sa.DateTime()),
    )


def _cases() -> None:
    op.create_table(
        "case_states",
        sa.Column("item_id", sa.String(64), primary_key=True),
        sa.Column("queue_code", sa.String(16), nullable=False),
        sa.Column("order_id", sa.String(200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("claimed_at", sa.DateTime()),
        sa.Column("claim_expires_at", sa.DateTime()),
        sa.Column("snoozed_until", sa.DateTime()),
        sa.Column("resolution", sa.String(64)),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.DateTime()),
        sa.Column("proposal", sa.Text()),
        sa.Column("last_action_id", sa.String(40)),
        sa.Column("updated_seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
    )
    op.create_index("case_states_updated", "case_states", ["updated_seq"])
    op.create_table(
        "outbox",
        sa.Column("action_id", sa.String(40), primary_key=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("order_id", sa.String(200)),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime()),
        sa.Column("answer", sa.Text()),
    )
    op.create_index("outbox_state", "outbox", ["state", "created_at"])


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(40), primary_key=True),
        sa.Column("login", sa.String(80), nullable=False, unique=True),
        sa.Column("display_name", sa.String(80), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("shops", sa.Text()),
        sa.Column("locale", sa.String(8)),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("signed_in_at", sa.DateTime()),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(40), nullable=False, unique=True),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("ip", sa.String(64)),
        sa.Column("user_agent", sa.String(200)),
    )
    op.create_index("sessions_user", "sessions", ["user_id"])
    op.create_table(
        "failures",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(), nullable=False),
        sa.Column("locked_until", sa.DateTime()),
    )


def upgrade() -> None:
    _chain()
    _cases()
    _people()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_TRIGGERS if is_sqlite else POSTGRES_TRIGGERS:
        op.execute(statement)
