"""Chains of approval, the steps of replies, and who stands in for whom."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = central.db.UtcDateTime
    op.add_column("petition", sa.Column("approver_id", sa.Uuid(), nullable=True))
    op.add_column("staff", sa.Column("has_stood_in", sa.Boolean(), nullable=True))
    op.create_table(
        "stand_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("stand_in_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("named_at", moment(timezone=True), nullable=False),
        sa.Column("ended_at", moment(timezone=True), nullable=True),
        *_keys("stand_in", staff_id="staff", stand_in_id="staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_in")),
    )
    op.create_index("ix_stand_in_staff_id", "stand_in", ["staff_id"])
    op.create_index("ix_stand_in_stand_in_id", "stand_in", ["stand_in_id"])
    op.create_table(
        "approval_chain",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("rules", sa.String(100), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_at", moment(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", moment(timezone=True), nullable=True),
        *_keys("approval_chain", court_id="court", set_by="staff", ended_by="staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_chain")),
    )
    op.create_index(
        "uq_approval_chain_in_force",
        "approval_chain",
        ["court_id", "kind", "rules"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "approval_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("spec", sa.String(60), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", moment(timezone=True), nullable=True),
        *_keys(
            "approval_step", petition_id="petition", reply_id="reply", person_id="staff", decided_by="staff"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_step")),
    )
    op.create_index("ix_approval_step_petition_id", "approval_step", ["petition_id"])
    op.create_index("uq_approval_step_number", "approval_step", ["reply_id", "turn", "number"], unique=True)


def _keys(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))
        for name, other in columns.items()
    ]


def downgrade() -> None:
    for table in ("approval_step", "approval_chain", "stand_in"):
        op.drop_table(table)
    op.drop_column("staff", "has_stood_in")
    op.drop_column("petition", "approver_id")
