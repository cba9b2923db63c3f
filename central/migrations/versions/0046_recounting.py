"""A recount reaches all that is due by working days, and notices a newer library."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Recounts that are done have looked at clocks alone.
    op.add_column("recount", sa.Column("part", sa.String(20), nullable=False, server_default="clocks"))
    for name in ("others", "resting"):
        op.add_column("recount", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("recount") as batch:
        for name in ("part", "others", "resting"):
            batch.alter_column(name, server_default=None)
    op.create_table(
        "moved_other",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(20), nullable=False),
        sa.Column("was_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("past", sa.Boolean(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_moved_other_{name}"))
            for name, other in (
                ("notice_id", "calendar_notice"),
                ("petition_id", "petition"),
                ("court_id", "court"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_other")),
    )
    op.create_index(
        "ix_moved_other_listed", "moved_other", ["notice_id", "court_id", "moved", "due_on", "id"]
    )
    op.create_index("ix_moved_other_petition", "moved_other", ["petition_id"])
    op.create_table(
        "shipped_days",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(60), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("noted_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipped_days")),
    )
    op.create_index("uq_shipped_days_number", "shipped_days", ["number"], unique=True)


def downgrade() -> None:
    op.drop_table("shipped_days")
    op.drop_table("moved_other")
    with op.batch_alter_table("recount") as batch:
        for name in ("resting", "others", "part"):
            batch.drop_column(name)
