"""Letters: what the court wrote, and the signed files."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("content", central.vault.columns.SealedText(), nullable=False),
        sa.Column("written_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=True),
        sa.Column("signature", sa.String(length=88), nullable=True),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("problem", central.vault.columns.SealedText(), nullable=True),
        sa.Column("salt", central.vault.columns.SealedText(), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_letter_court_id_court")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_letter_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name=op.f("fk_letter_written_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    waiting = sa.text("file_id IS NULL")
    op.create_index(
        "ix_letter_waiting", "letter", ["written_at"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_index("ix_letter_file_id", "letter", ["file_id"])
    op.create_index("uq_letter_petition_kind_round", "letter", ["petition_id", "kind", "round"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_letter_petition_kind_round", table_name="letter")
    op.drop_index("ix_letter_file_id", table_name="letter")
    op.drop_index("ix_letter_waiting", table_name="letter")
    op.drop_table("letter")
