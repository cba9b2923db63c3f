"""Scans of letters, and what was read in a petition's files."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_SEALED = central.vault.columns.SealedText


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("name", _SEALED(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("read", _SEALED(), nullable=False),
        sa.Column("letters", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.Column("began_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_scan_court_id_court")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_scan_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
    )
    op.create_index("ix_scan_court_newest", "scan", ["court_id", "began_at"])
    op.create_index("ix_scan_stage", "scan", ["stage"])
    op.create_table(
        "document_text",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("text", _SEALED(), nullable=False),
        sa.Column("salt", _SEALED(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_document_text_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_document_text_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_text")),
    )
    op.create_index("ix_document_text_petition", "document_text", ["petition_id"])


def downgrade() -> None:
    op.drop_index("ix_document_text_petition", table_name="document_text")
    op.drop_table("document_text")
    op.drop_index("ix_scan_stage", table_name="scan")
    op.drop_index("ix_scan_court_newest", table_name="scan")
    op.drop_table("scan")
