"""Files that go out with a reply, and how many pages a letter has."""

import sqlalchemy as sa
from alembic import op

import central.vault.columns

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sealed = central.vault.columns.SealedText
    op.create_table(
        "reply_enclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sealed(length=100), nullable=False),
        sa.Column("salt", sealed(length=32), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_reply_enclosure_{name}_id")
            )
            for name in ("petition", "reply", "document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_enclosure")),
    )
    op.create_index("ix_reply_enclosure_petition_id", "reply_enclosure", ["petition_id"])
    op.create_index(
        "uq_reply_enclosure_document", "reply_enclosure", ["reply_id", "document_id"], unique=True
    )
    op.add_column("letter", sa.Column("pages", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("letter", "pages")
    op.drop_table("reply_enclosure")
