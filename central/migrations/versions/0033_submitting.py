"""Petitions handed in online: people beside the petitioner, files on their way, what is written together in a hall."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_SEALED = central.vault.columns.SealedText


def upgrade() -> None:
    op.add_column("petition", sa.Column("confirmed_at", central.db.UtcDateTime(timezone=True), nullable=True))
    op.create_table(
        "petition_person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", _SEALED(), nullable=False),
        sa.Column("phone", _SEALED(), nullable=True),
        sa.Column("address", _SEALED(), nullable=True),
        sa.Column("id_number", _SEALED(), nullable=True),
        sa.Column("bond", _SEALED(), nullable=True),
        sa.Column("salt", _SEALED(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_person_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_person")),
    )
    op.create_index("uq_petition_person_number", "petition_person", ["petition_id", "number"], unique=True)
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("name", _SEALED(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("began_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_draft", "upload", ["draft_id", "id"])
    op.create_index("ix_upload_address", "upload", ["address_key"])
    op.create_index("ix_upload_began", "upload", ["began_at"])
    op.create_table(
        "assisted",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("pairing", sa.String(length=64), nullable=True),
        sa.Column("paired_until", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("screen", sa.String(length=64), nullable=True),
        sa.Column("typed", _SEALED(), nullable=False),
        sa.Column("remarks", _SEALED(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seen_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("began_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_assisted_court_id_court")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assisted_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assisted")),
        sa.UniqueConstraint("pairing", name=op.f("uq_assisted_pairing")),
    )
    op.create_index("ix_assisted_staff", "assisted", ["staff_id", "began_at"])
    op.create_index("ix_assisted_began", "assisted", ["began_at"])


def downgrade() -> None:
    op.drop_table("assisted")
    op.drop_table("upload")
    op.drop_table("petition_person")
    op.drop_column("petition", "confirmed_at")
