"""The ledger's tables. Migrations create them; this is how the code names them.

`audit_log` is the one append-only chain: decisions, sign-ins, reveals, exports and changes to
accounts are its rows. The other tables are what the chain adds up to (`case_states`, `statements`,
`statement_lines`, `stock_requests`, `stock_moves`, `refund_requests`, `case_links`, `users`), what
must be forgotten one day (`comments`, `mentions`, `sessions`, `failures`) or waits to be sent
(`outbox`, and `deliveries`: each message once for every system that is told).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData()

# SQLite keeps a primary key of type INTEGER as its row number; BIGINT it would not.
SEQUENCE = BigInteger().with_variant(Integer(), "sqlite")

AUDIT_LOG = Table(
    "audit_log",
    METADATA,
    Column("seq", SEQUENCE, primary_key=True, autoincrement=False),
    Column("action_id", String(40), nullable=False, unique=True),
    Column("stream", String(16), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("verb", String(40), nullable=False),
    Column("actor_id", String(40), nullable=False),
    Column("actor_role", String(40)),
    Column("session_id", String(40)),
    Column("ip", String(64)),
    Column("queue_code", String(16)),
    Column("item_id", String(64)),
    Column("entity_type", String(40)),
    Column("entity_id", String(200)),
    Column("order_id", String(200)),
    Column("reason_code", String(64)),
    Column("args", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("undoes_action_id", String(40)),
    Column("comment_hash", String(64)),
    Column("snapshot_id", String(80)),
    Column("idempotency_key", String(80)),
    Column("body_hash", String(64)),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("actor_id", "idempotency_key", name="audit_log_idempotency"),
)
Index("audit_log_item", AUDIT_LOG.c.item_id, AUDIT_LOG.c.seq)
Index("audit_log_order", AUDIT_LOG.c.order_id, AUDIT_LOG.c.seq)
Index("audit_log_actor", AUDIT_LOG.c.actor_id, AUDIT_LOG.c.seq)

COMMENTS = Table(
    "comments",
    METADATA,
    Column("action_id", String(40), primary_key=True),
    Column("salt", String(32)),
    Column("body", Text),
    Column("erased_at", DateTime),
)

CASE_STATES = Table(
    "case_states",
    METADATA,
    Column("item_id", String(64), primary_key=True),
    Column("queue_code", String(16), nullable=False),
    Column("order_id", String(200)),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("claimed_by", String(40)),
    Column("claimed_at", DateTime),
    Column("claim_expires_at", DateTime),
    Column("snoozed_until", DateTime),
    Column("resolution", String(64)),
    Column("decided_by", String(40)),
    Column("decided_at", DateTime),
    Column("proposal", Text),
    Column("last_action_id", String(40)),
    Column("updated_seq", BigInteger, nullable=False),
    Column("updated_at", DateTime, nullable=False),
)
Index("case_states_updated", CASE_STATES.c.updated_seq)

# What each statement with a supplier adds up to; `lines` is JSON: [line id, kind, amount] each.
STATEMENTS = Table(
    "statements",
    METADATA,
    Column("statement_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("supplier_id", String(200), nullable=False),
    Column("currency_code", String(8), nullable=False),
    Column("total_amount", String(40), nullable=False),
    Column("lines", Text, nullable=False),
    Column("created_by", String(40), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("submitted_by", String(40)),
    Column("submitted_at", DateTime),
    Column("decided_by", String(40)),
    Column("decided_at", DateTime),
    Column("paid_at", DateTime),
    Column("last_action_id", String(40), nullable=False),
)
Index("statements_supplier", STATEMENTS.c.supplier_id, STATEMENTS.c.status)

# A line that a statement holds; the key is what keeps it out of a second one.
STATEMENT_LINES = Table(
    "statement_lines",
    METADATA,
    Column("line_id", String(250), primary_key=True),
    Column("statement_id", String(64), nullable=False),
)
Index("statement_lines_statement", STATEMENT_LINES.c.statement_id)

# What each request about stock adds up to. Quantities are text, as amounts are.
STOCK_REQUESTS = Table(
    "stock_requests",
    METADATA,
    Column("request_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sku", String(200), nullable=False),
    Column("warehouse_id", String(200), nullable=False),
    Column("to_warehouse_id", String(200)),
    Column("lot", String(200)),
    Column("quantity", String(40), nullable=False),
    Column("counted_quantity", String(40)),
    Column("reason_code", String(64)),
    Column("proposed_by", String(40), nullable=False),
    Column("proposed_at", DateTime, nullable=False),
    Column("decided_by", String(40)),
    Column("decided_at", DateTime),
    Column("received_quantity", String(40), nullable=False),
    Column("lost_quantity", String(40), nullable=False),
    Column("last_action_id", String(40), nullable=False),
    Column("updated_seq", BigInteger, nullable=False),
)
Index("stock_requests_state", STOCK_REQUESTS.c.status, STOCK_REQUESTS.c.updated_seq)

# The movements agreed requests led to; `seq` is the row of the chain that made them.
STOCK_MOVES = Table(
    "stock_moves",
    METADATA,
    Column("movement_id", String(120), primary_key=True),
    Column("request_id", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sku", String(200), nullable=False),
    Column("warehouse_id", String(200), nullable=False),
    Column("lot", String(200)),
    Column("movement_type", String(16), nullable=False),
    Column("quantity", String(40), nullable=False),
    Column("moved_at", DateTime, nullable=False),
    Column("reason_code", String(64)),
    Column("to_warehouse_id", String(200)),
)
Index("stock_moves_seq", STOCK_MOVES.c.seq)
Index("stock_moves_place", STOCK_MOVES.c.sku, STOCK_MOVES.c.warehouse_id)
Index("stock_moves_moved", STOCK_MOVES.c.moved_at)

# What each refund decided in the house adds up to.
REFUND_REQUESTS = Table(
    "refund_requests",
    METADATA,
    Column("request_id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("order_id", String(200), nullable=False),
    Column("shop_id", String(200)),
    Column("case_id", String(200)),
    Column("amount", String(40), nullable=False),
    Column("currency_code", String(8), nullable=False),
    Column("reason_code", String(64)),
    Column("is_alone", Boolean, nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("asked_at", DateTime, nullable=False),
    Column("decided_by", String(40)),
    Column("decided_at", DateTime),
    Column("last_action_id", String(40), nullable=False),
    Column("updated_seq", BigInteger, nullable=False),
)
Index("refund_requests_order", REFUND_REQUESTS.c.order_id, REFUND_REQUESTS.c.status)
Index("refund_requests_state", REFUND_REQUESTS.c.status, REFUND_REQUESTS.c.updated_seq)

# Who was named in a comment; `read_at`: when they opened its case.
MENTIONS = Table(
    "mentions",
    METADATA,
    Column("action_id", String(40), primary_key=True),
    Column("user_id", String(40), primary_key=True),
    Column("item_id", String(64), nullable=False),
    Column("mentioned_at", DateTime, nullable=False),
    Column("read_at", DateTime),
)
Index("mentions_user", MENTIONS.c.user_id, MENTIONS.c.read_at)

# Two cases that belong together; gone when the action that tied them is taken back.
CASE_LINKS = Table(
    "case_links",
    METADATA,
    Column("action_id", String(40), primary_key=True),
    Column("item_id", String(64), nullable=False),
    Column("other_item_id", String(64), nullable=False),
    Column("reason_code", String(64), nullable=False),
    Column("linked_by", String(40), nullable=False),
    Column("linked_at", DateTime, nullable=False),
)
Index("case_links_item", CASE_LINKS.c.item_id)
Index("case_links_other", CASE_LINKS.c.other_item_id)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("action_id", String(40), primary_key=True),
    Column("created_at", DateTime, nullable=False),
    Column("verb", String(40), nullable=False),
    Column("order_id", String(200)),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", DateTime),
    Column("answer", Text),
)
Index("outbox_state", OUTBOX.c.state, OUTBOX.c.created_at)

# `state`: pending, sent, answered, failed (will be tried again), given_up, superseded.
DELIVERIES = Table(
    "deliveries",
    METADATA,
    Column("action_id", String(40), primary_key=True),
    Column("system", String(60), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("batch_id", String(60)),
    Column("sent_at", DateTime),
    Column("next_try_at", DateTime),
    Column("ended_at", DateTime),
    Column("code", String(40)),
    Column("reference", String(200)),
)
Index("deliveries_state", DELIVERIES.c.state, DELIVERIES.c.system)

USERS = Table(
    "users",
    METADATA,
    Column("user_id", String(40), primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("display_name", String(80), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("shops", Text),
    Column("locale", String(8)),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("signed_in_at", DateTime),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("session_id", String(40), nullable=False, unique=True),
    Column("user_id", String(40), nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("ip", String(64)),
    Column("user_agent", String(200)),
)
Index("sessions_user", SESSIONS.c.user_id)

FAILURES = Table(
    "failures",
    METADATA,
    Column("subject", String(80), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("window_started_at", DateTime, nullable=False),
    Column("locked_until", DateTime),
)
