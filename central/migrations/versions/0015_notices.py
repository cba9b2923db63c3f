"""Notices, the messages that carry them, and how people want to be told."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def index(
    name: str, table: str, columns: list[str], where: str | None = None, *, unique: bool = False
) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", text(120), nullable=False),
        sa.Column("kind", text(80), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("level", text(8), nullable=True),
        sa.Column("rule", text(40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("state", text(8), nullable=False),
        sa.Column("why", text(20), nullable=True),
        sa.Column("told_at", moment(), nullable=True),
        sa.Column("bundle", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_staff_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_notice_court_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_notice_petition_id")),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_notice_clock_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    index("ix_notice_planned", "notice", ["staff_id", "id"], "state = 'planned'")
    index("ix_notice_bundle", "notice", ["bundle"], "bundle IS NOT NULL")
    index("ix_notice_clock", "notice", ["clock_id", "level"], "clock_id IS NOT NULL")
    index("ix_notice_person", "notice", ["staff_id", "made_at", "id"])
    index("ix_notice_court", "notice", ["court_id", "made_at", "id"])
    op.create_table(
        "dispatch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bundle", sa.Uuid(), nullable=False),
        sa.Column("channel", text(8), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("made_at", moment(), nullable=False),
        sa.Column("state", text(8), nullable=False),
        sa.Column("why", text(20), nullable=True),
        sa.Column("code", text(20), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", moment(), nullable=False),
        sa.Column("sent_at", moment(), nullable=True),
        sa.Column("read_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_dispatch_staff_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_dispatch_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    index("ix_dispatch_under_way", "dispatch", ["next_try_at", "id"], "state IN ('queued', 'sending')")
    index("ix_dispatch_inbox", "dispatch", ["staff_id", "made_at", "id"], "channel = 'inbox'")
    index("ix_dispatch_unread", "dispatch", ["staff_id"], "channel = 'inbox' AND read_at IS NULL")
    index("ix_dispatch_parked", "dispatch", ["court_id", "id"], "state = 'parked'")
    index("uq_dispatch_bundle_channel", "dispatch", ["bundle", "channel"], unique=True)
    op.create_table(
        "notice_preference",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("channel", text(8), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("opens", text(5), nullable=False),
        sa.Column("closes", text(5), nullable=False),
        sa.Column("mail", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_preference_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "sweep_mark",
        sa.Column("name", text(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_mark")),
    )
    op.create_table(
        "clock_witness",
        sa.Column("boot", text(40), nullable=False),
        sa.Column("steady", sa.Float(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("held_steady", sa.Float(), nullable=True),
        sa.Column("held_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("boot", name=op.f("pk_clock_witness")),
    )
    # What happened before there were notices is told to nobody.
    op.execute(
        "INSERT INTO cursor (reader, event_id)"
        " SELECT 'notifications', max(id) FROM event HAVING max(id) IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DELETE FROM cursor WHERE reader = 'notifications'")
    for table in ("clock_witness", "sweep_mark", "notice_preference", "dispatch", "notice"):
        op.drop_table(table)
