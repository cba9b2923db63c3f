"""Follow-up: logged calls, the questionnaire, own words, the decision of a third person."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition", sa.Column("undecided", sa.Boolean(), nullable=False, server_default=sa.false()))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("petition", "undecided", server_default=None)
    op.add_column("petition", sa.Column("caller_id", sa.Uuid(), nullable=True))
    op.add_column("petition", sa.Column("decider_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_petition_act_due",
        "petition",
        ["next_act", "court_id", "next_due_on", "id"],
        sqlite_where=sa.text("is_open = 1"),
        postgresql_where=sa.text("is_open"),
    )
    op.add_column("follow_up", sa.Column("called_at", central.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("follow_up", sa.Column("called", sa.LargeBinary(), nullable=True))
    op.add_column("follow_up", sa.Column("questionnaire", sa.String(20), nullable=True))
    op.add_column("follow_up", sa.Column("choices", sa.String(500), nullable=True))
    op.add_column("follow_up", sa.Column("texts", sa.LargeBinary(), nullable=True))
    op.create_table(
        "follow_up_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_follow_up_decision_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_follow_up_decision_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_decision")),
    )
    op.create_index("ix_follow_up_decision_petition_id", "follow_up_decision", ["petition_id"])


def downgrade() -> None:
    op.drop_index("ix_follow_up_decision_petition_id", table_name="follow_up_decision")
    op.drop_table("follow_up_decision")
    for name in ("texts", "choices", "questionnaire", "called", "called_at"):
        op.drop_column("follow_up", name)
    op.drop_index("ix_petition_act_due", table_name="petition")
    for name in ("decider_id", "caller_id", "undecided"):
        op.drop_column("petition", name)
