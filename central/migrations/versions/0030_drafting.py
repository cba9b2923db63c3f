"""Drafting: versions of drafts, working copies, who has a draft open, remarks; templates and phrases."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_IN_FORCE = sa.text("retired_at IS NULL")


def upgrade() -> None:
    moment = central.db.UtcDateTime(timezone=True)
    op.create_table(
        "wording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("sort", sa.String(length=12), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_wording_court_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_wording_made_by")),
        sa.ForeignKeyConstraint(["retired_by"], ["staff.id"], name=op.f("fk_wording_retired_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wording")),
    )
    op.create_index("ix_wording_made", "wording", ["court_id", "made_at"])
    op.create_index(
        "uq_wording_in_force",
        "wording",
        ["court_id", "key"],
        unique=True,
        sqlite_where=_IN_FORCE,
        postgresql_where=_IN_FORCE,
    )
    op.create_table(
        "phrase_use",
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_phrase_use_court_id")),
        sa.PrimaryKeyConstraint("court_id", "key", name=op.f("pk_phrase_use")),
    )
    op.create_table(
        "draft_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("submitted_at", moment, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_draft_version_petition_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_draft_version_reply_id")),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_draft_version_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_version")),
    )
    op.create_index("ix_draft_version_petition_id", "draft_version", ["petition_id"])
    op.create_index("uq_draft_version_number", "draft_version", ["reply_id", "number"], unique=True)
    op.create_table(
        "working_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("saved_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_working_draft_petition_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_working_draft_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_draft")),
    )
    op.create_index("uq_working_draft_person", "working_draft", ["petition_id", "staff_id"], unique=True)
    op.create_table(
        "draft_presence",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_draft_presence_petition_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_draft_presence_staff_id")),
        sa.PrimaryKeyConstraint("petition_id", "staff_id", name=op.f("pk_draft_presence")),
    )
    op.create_table(
        "draft_remark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", moment, nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_draft_remark_petition_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_draft_remark_reply_id")),
        sa.ForeignKeyConstraint(["by"], ["staff.id"], name=op.f("fk_draft_remark_by")),
        sa.ForeignKeyConstraint(["resolved_by"], ["staff.id"], name=op.f("fk_draft_remark_resolved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_remark")),
    )
    op.create_index("ix_draft_remark_reply", "draft_remark", ["reply_id"])


def downgrade() -> None:
    for table in (
        "draft_remark",
        "draft_presence",
        "working_draft",
        "draft_version",
        "phrase_use",
        "wording",
    ):
        op.drop_table(table)
