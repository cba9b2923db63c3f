"""Neglect: what was learnt about missed deadlines, and how well it did."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "neglect_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("petitions", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_neglect_model")),
    )
    op.create_index(op.f("ix_neglect_model_made_at"), "neglect_model", ["made_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_neglect_model_made_at"), table_name="neglect_model")
    op.drop_table("neglect_model")
