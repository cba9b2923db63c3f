"""Files of petitions."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("kind", text(8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", text(64), nullable=False),
        sa.Column("made_kind", text(8), nullable=False),
        sa.Column("made_size", sa.Integer(), nullable=False),
        sa.Column("made_sha256", text(64), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("removed", text(120), nullable=False),
        sa.Column("added_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_document_added_by")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_document_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("uq_document_petition_number", "document", ["petition_id", "number"], unique=True)
    op.create_index("uq_document_petition_sha256", "document", ["petition_id", "sha256"], unique=True)


def downgrade() -> None:
    op.drop_table("document")
