"""Imports of ledgers: the work, what each petition's ledger said, and the rows that could not go in."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    op.create_table(
        "ledger_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("stage", text(12), nullable=False),
        sa.Column("file_name", text(200), nullable=False),
        sa.Column("file_digest", text(64), nullable=False),
        sa.Column("stored_as", text(300), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("started_by", text(100), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_ledger_import_court_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ledger_import_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_import")),
    )
    op.create_index("ix_ledger_import_court_newest", "ledger_import", ["court_id", "created_at"])
    op.create_index("ix_ledger_import_stage", "ledger_import", ["stage"])
    op.create_table(
        "ledger_entry",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("source_number", text(100), nullable=True),
        sa.Column("digest", text(64), nullable=False),
        sa.Column("cells", sa.Text(), nullable=False),
        sa.Column("salt", text(32), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_ledger_entry_petition_id")),
        sa.ForeignKeyConstraint(["import_id"], ["ledger_import.id"], name=op.f("fk_ledger_entry_import_id")),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_ledger_entry")),
    )
    op.create_index("ix_ledger_entry_import_row", "ledger_entry", ["import_id", "row"])
    op.create_table(
        "ledger_refusal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", text(100), nullable=False),
        sa.Column("value", text(200), nullable=False),
        sa.Column("reason", text(40), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_ledger_refusal_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_refusal")),
    )
    op.create_index("ix_ledger_refusal_import_row", "ledger_refusal", ["import_id", "row"])


def downgrade() -> None:
    op.drop_table("ledger_refusal")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_import")
