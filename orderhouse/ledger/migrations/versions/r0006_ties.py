"""Who was named in a comment, and which cases are tied together."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mentions",
        sa.Column("action_id", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.String(40), primary_key=True),
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("mentioned_at", sa.DateTime, nullable=False),
        sa.Column("read_at", sa.DateTime),
    )
    op.create_index("mentions_user", "mentions", ["user_id", "read_at"])
    op.create_table(
        "case_links",
        sa.Column("action_id", sa.String(40), primary_key=True),
        sa.Column("item_id", sa.String(64), nullable=False),
        sa.Column("other_item_id", sa.String(64), nullable=False),
        sa.Column("reason_code", sa.String(64), nullable=False),
        sa.Column("linked_by", sa.String(40), nullable=False),
        sa.Column("linked_at", sa.DateTime, nullable=False),
    )
    op.create_index("case_links_item", "case_links", ["item_id"])
    op.create_index("case_links_other", "case_links", ["other_item_id"])


def downgrade() -> None:
    op.drop_table("case_links")
    op.drop_table("mentions")
