"""Log lines of hall boxes on demand."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "box_log",
        sa.Column("box_id", sa.String(12), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("good_until", UtcDateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("answered_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("since", UtcDateTime(timezone=True), nullable=True),
        sa.Column("got", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_log_box_id_hall_box")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_box_log_court_id_court")),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_box_log")),
    )


def downgrade() -> None:
    op.drop_table("box_log")
