"""Receipts for papers handed in at counters, and the numbers given to boxes for them."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def _foreign(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def upgrade() -> None:
    op.create_table(
        "receipt_block",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.String(length=12), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("issued_at", UtcDateTime(timezone=True), nullable=False),
        _foreign("receipt_block", "court_id", "court"),
        _foreign("receipt_block", "box_id", "hall_box"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_block")),
    )
    op.create_index("uq_receipt_block_serial", "receipt_block", ["box_id", "serial"], unique=True)
    op.create_table(
        "paper_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=24), nullable=False),
        sa.Column("given_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("handed", sa.String(length=12), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("ticket", sa.String(length=8), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("tied_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("tied_by_id", sa.Uuid(), nullable=True),
        _foreign("paper_receipt", "court_id", "court"),
        _foreign("paper_receipt", "box_id", "hall_box"),
        _foreign("paper_receipt", "petition_id", "petition"),
        _foreign("paper_receipt", "tied_by_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_receipt")),
    )
    op.create_index("uq_paper_receipt_number", "paper_receipt", ["box_id", "number"], unique=True)
    op.create_index("ix_paper_receipt_court", "paper_receipt", ["court_id", "given_at", "id"])
    op.create_index("ix_paper_receipt_petition_id", "paper_receipt", ["petition_id"])


def downgrade() -> None:
    op.drop_table("paper_receipt")
    op.drop_table("receipt_block")
