"""Drills of halls: what is ordered and held, and the mark on calls for help."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assistance_call", sa.Column("drill", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("assistance_call", "drill", server_default=None)
    op.create_table(
        "box_drill",
        sa.Column("box_id", sa.String(12), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("good_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("drill_id", sa.Uuid(), nullable=True),
        sa.Column("begun_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_drill_box_id_hall_box")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_box_drill_court_id_court")),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_box_drill")),
    )
    op.create_index(op.f("ix_box_drill_court_id"), "box_drill", ["court_id"])


def downgrade() -> None:
    op.drop_table("box_drill")
    op.drop_column("assistance_call", "drill")
