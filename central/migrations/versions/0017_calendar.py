"""The calendar as entered: notices and their days; recounts after a notice, and the due dates that moved."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

RUNNING = sa.text("ended_on IS NULL")
UNFINISHED = sa.text("ended_at IS NULL")


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    _entries()
    _recounts()
    op.create_index(
        "ix_clock_running",
        "clock",
        ["petition_id", "started_on", "due_on"],
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )


def _entries() -> None:
    op.create_table(
        "calendar_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("title", text(200), nullable=False),
        sa.Column("reference", text(60), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("status", text(10), nullable=False),
        sa.Column("version", text(40), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", moment(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["entered_by"], ["staff.id"], name=op.f("fk_calendar_notice_entered_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_notice")),
    )
    op.create_index("uq_calendar_notice_number", "calendar_notice", ["number"], unique=True)
    op.create_index("ix_calendar_notice_year", "calendar_notice", ["year", "number"])
    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("name", text(40), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["calendar_notice.id"], name=op.f("fk_calendar_day_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
    )
    op.create_index("uq_calendar_day_notice", "calendar_day", ["notice_id", "day"], unique=True)


def _recounts() -> None:
    op.create_table(
        "recount",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("petitions", sa.Integer(), nullable=False),
        sa.Column("clocks", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("past", sa.Integer(), nullable=False),
        sa.Column("asked_at", moment(), nullable=False),
        sa.Column("ended_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["calendar_notice.id"], name=op.f("fk_recount_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_recount")),
    )
    op.create_index(
        "ix_recount_unfinished",
        "recount",
        ["number"],
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.create_table(
        "moved_date",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("rule", text(40), nullable=False),
        sa.Column("was_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("past", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["calendar_notice.id"], name=op.f("fk_moved_date_notice_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_moved_date_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_date")),
    )
    op.create_index("ix_moved_date_listed", "moved_date", ["notice_id", "court_id", "past", "due_on", "id"])
    op.create_index("ix_moved_date_petition", "moved_date", ["petition_id"])


def downgrade() -> None:
    op.drop_index("ix_clock_running", "clock")
    for name in ("moved_date", "recount", "calendar_day", "calendar_notice"):
        op.drop_table(name)
