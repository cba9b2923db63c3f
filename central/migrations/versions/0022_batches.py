"""Batches assigned from above."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("period", text(20), nullable=False),
        sa.Column("periods_version", text(20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("given_at", moment(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("noted_on", sa.Date(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("closed_at", moment(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_batch_court_id")),
        sa.ForeignKeyConstraint(["given_by"], ["staff.id"], name=op.f("fk_batch_given_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_batch_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index("ix_batch_court", "batch", ["court_id", "due_on", "id"])
    op.create_index(
        "ix_batch_open",
        "batch",
        ["due_on"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "batch_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("state", text(12), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("reported_at", moment(), nullable=True),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.Column("judgement", sa.LargeBinary(), nullable=True),
        sa.Column("judged_at", moment(), nullable=True),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_item_batch_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_batch_item_petition_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_batch_item_court_id")),
        sa.ForeignKeyConstraint(["reported_by"], ["staff.id"], name=op.f("fk_batch_item_reported_by")),
        sa.ForeignKeyConstraint(["judged_by"], ["staff.id"], name=op.f("fk_batch_item_judged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_item")),
    )
    op.create_index("ix_batch_item_batch", "batch_item", ["batch_id", "court_id", "state"])
    op.create_index(
        "ix_batch_item_owed",
        "batch_item",
        ["court_id", "batch_id"],
        sqlite_where=sa.text("state IN ('assigned', 'returned')"),
        postgresql_where=sa.text("state IN ('assigned', 'returned')"),
    )
    op.create_index("ix_batch_item_petition", "batch_item", ["petition_id"])
    op.create_index("uq_batch_item_petition", "batch_item", ["batch_id", "petition_id"], unique=True)


def downgrade() -> None:
    op.drop_table("batch_item")
    op.drop_table("batch")
