"""Supervision orders and their rounds."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "supervision_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("issuer_court_id", sa.Uuid(), nullable=False),
        sa.Column("judge_court_id", sa.Uuid(), nullable=False),
        sa.Column("reason", text(20), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", moment(), nullable=False),
        sa.Column("state", text(12), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_words", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_supervision_order_petition_id")
        ),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_supervision_order_court_id")),
        sa.ForeignKeyConstraint(
            ["issuer_court_id"], ["court.id"], name=op.f("fk_supervision_order_issuer_court_id")
        ),
        sa.ForeignKeyConstraint(
            ["judge_court_id"], ["court.id"], name=op.f("fk_supervision_order_judge_court_id")
        ),
        sa.ForeignKeyConstraint(["issued_by"], ["staff.id"], name=op.f("fk_supervision_order_issued_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_supervision_order_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_order")),
    )
    op.create_index("ix_supervision_order_court", "supervision_order", ["court_id", "state", "due_on", "id"])
    op.create_index("ix_supervision_order_due", "supervision_order", ["state", "due_on", "id"])
    op.create_index(
        "ix_supervision_order_ended",
        "supervision_order",
        ["court_id", "ended_at", "id"],
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_supervision_order_judge", "supervision_order", ["judge_court_id", "state", "due_on", "id"]
    )
    op.create_index(
        "ix_supervision_order_newest",
        "supervision_order",
        ["ended_at", "id"],
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index("ix_supervision_order_petition", "supervision_order", ["petition_id"])
    op.create_index(
        "uq_supervision_order_running",
        "supervision_order",
        ["petition_id", "issuer_court_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('issued', 'answered')"),
        postgresql_where=sa.text("state IN ('issued', 'answered')"),
    )
    op.create_table(
        "supervision_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_by_court_id", sa.Uuid(), nullable=False),
        sa.Column("period", text(20), nullable=False),
        sa.Column("periods_version", text(20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answered_at", moment(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("explanation", sa.LargeBinary(), nullable=True),
        sa.Column("measures", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", text(680), nullable=False),
        sa.Column("judged_at", moment(), nullable=True),
        sa.Column("judged_by", sa.Uuid(), nullable=True),
        sa.Column("verdict", text(12), nullable=True),
        sa.Column("judgement", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["supervision_order.id"], name=op.f("fk_supervision_round_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_supervision_round_petition_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_court_id"], ["court.id"], name=op.f("fk_supervision_round_asked_by_court_id")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], name=op.f("fk_supervision_round_answered_by")),
        sa.ForeignKeyConstraint(["judged_by"], ["staff.id"], name=op.f("fk_supervision_round_judged_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_round")),
    )
    op.create_index("uq_supervision_round_number", "supervision_round", ["order_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_table("supervision_round")
    op.drop_table("supervision_order")
