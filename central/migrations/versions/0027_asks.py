"""Supplements and objections of petitioners; their wishes for erasure."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "petitioner_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(12), nullable=False),
        sa.Column("about", text(12), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("files", text(60), nullable=False),
        sa.Column("asked_at", moment(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", text(8), nullable=False),
        sa.Column("outcome", text(12), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", moment(), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petitioner_ask_petition_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_petitioner_ask_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petitioner_ask")),
    )
    op.create_index("ix_petitioner_ask_petition", "petitioner_ask", ["petition_id", "asked_at"])
    for name, day, state in (("open", "due_on", "open"), ("done", "done_at", "done")):
        where = sa.text(f"state = '{state}'")
        op.create_index(
            f"ix_petitioner_ask_{name}",
            "petitioner_ask",
            [day, "id"],
            sqlite_where=where,
            postgresql_where=where,
        )
    op.add_column("appraisal", sa.Column("asked_at", moment(), nullable=True))
    op.add_column("appraisal", sa.Column("answer_by", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("appraisal", "answer_by")
    op.drop_column("appraisal", "asked_at")
    op.drop_table("petitioner_ask")
