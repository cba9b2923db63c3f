"""One matter: keyed numbers of texts, what clerks decided."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "matter_sketch",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_matter_sketch_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_matter_sketch")),
        sa.UniqueConstraint("petition_id", name=op.f("uq_matter_sketch_petition_id")),
    )
    op.create_table(
        "matter_piece",
        sa.Column("value", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("seq", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("value", "seq", name=op.f("pk_matter_piece")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_matter_piece_seq", "matter_piece", ["seq"])
    op.create_table(
        "matter_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_matter_decision_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_matter_decision_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["petition.id"], name=op.f("fk_matter_decision_other_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_decision")),
    )
    op.create_index("ix_matter_decision_petition", "matter_decision", ["petition_id", "at"])
    op.create_index("ix_matter_decision_other", "matter_decision", ["other_id", "at"])
    op.create_index(
        "ix_petition_merged",
        "petition",
        ["merged_into_id"],
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_petition_merged", table_name="petition")
    for name in ("matter_decision", "matter_piece", "matter_sketch"):
        op.drop_table(name)
