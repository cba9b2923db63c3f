"""Reviews and re-reviews, and the letters that end the same facts."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, text = central.db.UtcDateTime, sa.String
    op.add_column("petition", sa.Column("party_court_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_petition_party_newest",
        "petition",
        ["party_court_id", "received_at", "id"],
        sqlite_where=sa.text("party_court_id IS NOT NULL"),
        postgresql_where=sa.text("party_court_id IS NOT NULL"),
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("stage", text(10), nullable=False),
        sa.Column("came", text(10), nullable=False),
        sa.Column("asked_at", moment(timezone=True), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("before_court_id", sa.Uuid(), nullable=False),
        sa.Column("before_state", text(24), nullable=False),
        sa.Column("before_handler_id", sa.Uuid(), nullable=True),
        sa.Column("before_leader_id", sa.Uuid(), nullable=True),
        sa.Column("before_department_id", sa.Uuid(), nullable=True),
        sa.Column("before_delivered_on", sa.Date(), nullable=False),
        sa.Column("before_attempts", sa.Integer(), nullable=False),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("judged", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", text(10), nullable=True),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("basis", sa.LargeBinary(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", moment(timezone=True), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=True),
        sa.Column("letter", sa.LargeBinary(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("method", text(12), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end", text(10), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_review_{name}_{table}"))
            for name, table in (
                ("petition_id", "petition"),
                ("taken_by", "staff"),
                ("before_court_id", "court"),
                ("before_handler_id", "staff"),
                ("before_leader_id", "staff"),
                ("before_department_id", "department"),
                ("judged_by", "staff"),
                ("drafted_by", "staff"),
                ("approved_by", "staff"),
                ("court_id", "court"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index("ix_review_petition_id", "review", ["petition_id"])
    op.create_index(
        "uq_review_running",
        "review",
        ["petition_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "same_facts",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("settled_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", moment(timezone=True), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_same_facts_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_same_facts_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["settled_id"], ["petition.id"], name=op.f("fk_same_facts_settled_id_petition")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_same_facts")),
    )


def downgrade() -> None:
    op.drop_table("same_facts")
    op.drop_index("uq_review_running", table_name="review")
    op.drop_index("ix_review_petition_id", table_name="review")
    op.drop_table("review")
    op.drop_index("ix_petition_party_newest", table_name="petition")
    op.drop_column("petition", "party_court_id")
