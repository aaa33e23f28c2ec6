"""Statements with suppliers: what each adds up to, and which lines are taken."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("statement_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("supplier_id", sa.String(200), nullable=False),
        sa.Column("currency_code", sa.String(8), nullable=False),
        # Text, because SQLite has no decimal that keeps its digits.
        sa.Column("total_amount", sa.String(40), nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("submitted_by", sa.String(40)),
        sa.Column("submitted_at", sa.DateTime),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("paid_at", sa.DateTime),
        sa.Column("last_action_id", sa.String(40), nullable=False),
    )
    op.create_index("statements_supplier", "statements", ["supplier_id", "status"])
    op.create_table(
        "statement_lines",
        sa.Column("line_id", sa.String(250), primary_key=True),
        sa.Column("statement_id", sa.String(64), nullable=False),
    )
    op.create_index("statement_lines_statement", "statement_lines", ["statement_id"])


def downgrade() -> None:
    op.drop_table("statement_lines")
    op.drop_table("statements")
