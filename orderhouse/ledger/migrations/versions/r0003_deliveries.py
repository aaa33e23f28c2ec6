"""Deliveries: each message of the outbox, once for every system that is told."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("action_id", sa.String(40), primary_key=True),
        sa.Column("system", sa.String(60), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("batch_id", sa.String(60)),
        sa.Column("sent_at", sa.DateTime),
        sa.Column("next_try_at", sa.DateTime),
        sa.Column("ended_at", sa.DateTime),
        sa.Column("code", sa.String(40)),
        sa.Column("reference", sa.String(200)),
    )
    op.create_index("deliveries_state", "deliveries", ["state", "system"])


def downgrade() -> None:
    op.drop_table("deliveries")
