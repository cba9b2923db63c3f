"""Visits on numbers printed in advance, keyed in afterwards."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "slip_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("called_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("keyed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_slip_visit_court_id_court")),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_slip_visit_box_id_hall_box")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_visit")),
    )
    op.create_index("ix_slip_visit_court", "slip_visit", ["court_id", "keyed_at", "id"])


def downgrade() -> None:
    op.drop_table("slip_visit")
