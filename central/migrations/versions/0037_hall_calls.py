"""Calls for help: when somebody was there, and how far the call has gone."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assistance_call",
        sa.Column("arrived_at", central.db.UtcDateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "assistance_call",
        sa.Column("circle", sa.Integer(), nullable=False, server_default="1"),
    )
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("assistance_call", "circle", server_default=None)


def downgrade() -> None:
    op.drop_column("assistance_call", "circle")
    op.drop_column("assistance_call", "arrived_at")
