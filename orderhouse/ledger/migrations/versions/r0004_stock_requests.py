"""Requests about stock: what each adds up to, and the movements that were agreed to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_requests",
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sku", sa.String(200), nullable=False),
        sa.Column("warehouse_id", sa.String(200), nullable=False),
        sa.Column("to_warehouse_id", sa.String(200)),
        sa.Column("lot", sa.String(200)),
        # Text, because SQLite has no decimal that keeps its digits.
        sa.Column("quantity", sa.String(40), nullable=False),
        sa.Column("counted_quantity", sa.String(40)),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("proposed_by", sa.String(40), nullable=False),
        sa.Column("proposed_at", sa.DateTime, nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_at", sa.DateTime),
        sa.Column("received_quantity", sa.String(40), nullable=False),
        sa.Column("lost_quantity", sa.String(40), nullable=False),
        sa.Column("last_action_id", sa.String(40), nullable=False),
        sa.Column("updated_seq", sa.BigInteger, nullable=False),
    )
    op.create_index("stock_requests_state", "stock_requests", ["status", "updated_seq"])
    op.create_table(
        "stock_moves",
        sa.Column("movement_id", sa.String(120), primary_key=True),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("sku", sa.String(200), nullable=False),
        sa.Column("warehouse_id", sa.String(200), nullable=False),
        sa.Column("lot", sa.String(200)),
        sa.Column("movement_type", sa.String(16), nullable=False),
        sa.Column("quantity", sa.String(40), nullable=False),
        sa.Column("moved_at", sa.DateTime, nullable=False),
        sa.Column("reason_code", sa.String(64)),
        sa.Column("to_warehouse_id", sa.String(200)),
    )
    op.create_index("stock_moves_seq", "stock_moves", ["seq"])
    op.create_index("stock_moves_place", "stock_moves", ["sku", "warehouse_id"])
    op.create_index("stock_moves_moved", "stock_moves", ["moved_at"])


def downgrade() -> None:
    op.drop_table("stock_moves")
    op.drop_table("stock_requests")
