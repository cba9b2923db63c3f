"""Keeping: appraisals of petitions whose time is over, legal holds, the day a petition was erased."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RUNNING = sa.text("state IN ('due', 'proposed', 'announced', 'erasing')")
RUNNING_HOLD = sa.text("lifted_at IS NULL")
ENDED = sa.text("closed_at IS NOT NULL AND erased_at IS NULL")


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("petition", sa.Column("erased_at", moment(), nullable=True))
    op.create_index(
        "ix_petition_ended", "petition", ["closed_at"], sqlite_where=ENDED, postgresql_where=ENDED
    )
    op.create_table(
        "appraisal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(12), nullable=False),
        sa.Column("schedule", text(20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", text(10), nullable=False),
        sa.Column("decision", text(5), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", moment(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_appraisal_petition_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_appraisal_court_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["staff.id"], name=op.f("fk_appraisal_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_appraisal_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
    )
    op.create_index("ix_appraisal_court", "appraisal", ["court_id", "state", "due_on", "id"])
    op.create_index("ix_appraisal_state", "appraisal", ["state", "due_on"])
    op.create_index("ix_appraisal_petition", "appraisal", ["petition_id"])
    op.create_index(
        "uq_appraisal_running",
        "appraisal",
        ["petition_id"],
        unique=True,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("placed_at", moment(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", moment(), nullable=True),
        sa.Column("lift_reason", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_legal_hold_petition_id")),
        sa.ForeignKeyConstraint(["placed_by"], ["staff.id"], name=op.f("fk_legal_hold_placed_by")),
        sa.ForeignKeyConstraint(["lifted_by"], ["staff.id"], name=op.f("fk_legal_hold_lifted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index("ix_legal_hold_petition", "legal_hold", ["petition_id"])
    op.create_index(
        "uq_legal_hold_running",
        "legal_hold",
        ["petition_id"],
        unique=True,
        sqlite_where=RUNNING_HOLD,
        postgresql_where=RUNNING_HOLD,
    )


def downgrade() -> None:
    op.drop_table("legal_hold")
    op.drop_table("appraisal")
    op.drop_index("ix_petition_ended", "petition")
    op.drop_column("petition", "erased_at")
