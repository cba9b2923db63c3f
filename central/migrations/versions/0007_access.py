"""Who looked: exports and their approval; the log's guards against changes."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PETITION = sa.text("petition_id IS NOT NULL")
TAKEN_AWAY = sa.text("look IN ('exported', 'printed', 'downloaded')")


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    op.create_table(
        "access_entry",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("look", text(12), nullable=False),
        sa.Column("what", text(20), nullable=False),
        sa.Column("via", text(10), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("role", text(20), nullable=False),
        sa.Column("court", text(12), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("why", text(20), nullable=True),
        sa.Column("reason_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "place", name=op.f("pk_access_entry")),
    )
    op.create_index("ix_access_entry_newest", "access_entry", ["at", "event_id", "place"])
    op.create_index(
        "ix_access_entry_petition",
        "access_entry",
        ["petition_id", "at", "event_id"],
        sqlite_where=PETITION,
        postgresql_where=PETITION,
    )
    op.create_index("ix_access_entry_person", "access_entry", ["staff_id", "at", "event_id", "place"])
    op.create_index("ix_access_entry_court", "access_entry", ["court", "at", "event_id", "place"])
    op.create_index(
        "ix_access_entry_taken_away",
        "access_entry",
        ["at", "event_id", "place"],
        sqlite_where=TAKEN_AWAY,
        postgresql_where=TAKEN_AWAY,
    )
    op.create_table(
        "access_reason",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("why", text(20), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_access_reason_petition_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_access_reason_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_reason")),
    )
    op.create_index("ix_access_reason_petition_staff", "access_reason", ["petition_id", "staff_id", "until"])


def downgrade() -> None:
    op.drop_table("access_reason")
    op.drop_table("access_entry")
