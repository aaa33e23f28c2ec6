"""Refunds decided in the house: what each request adds up to."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refund_requests",
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("order_id", sa.String(200), nullable=False),
        sa.Column("shop_id", sa.String(200)),
        sa.Column("case_id", sa.String(200)),
        # Text, because SQLite has no decimal that keeps its digits.
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency_code", sa.String(8), nullable=False),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("is_alone", sa.Boolean, nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("last_action_id", sa.String(40), nullable=False),
        sa.Column("updated_seq", sa.BigInteger, nullable=False),
    )
    op.create_index("refund_requests_order", "refund_requests", ["order_id", "status"])
    op.create_index("refund_requests_state", "refund_requests", ["status", "updated_seq"])


def downgrade() -> None:
    op.drop_table("refund_requests")
