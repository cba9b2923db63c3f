"""Exports: asked for, agreed to, fetched, gone."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ALIVE = sa.text("state IN ('asked', 'making', 'ready')")


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", moment(), nullable=False),
        sa.Column("chosen", text(300), nullable=False),
        sa.Column("format", text(4), nullable=False),
        sa.Column("with_people", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("why", text(20), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("state", text(8), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", moment(), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("made_at", moment(), nullable=True),
        sa.Column("lapses_at", moment(), nullable=True),
        sa.Column("sha256", text(64), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("problem", text(60), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_export_staff_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_export_court_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_export_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
    )
    op.create_index("ix_export_person", "export", ["staff_id", "asked_at", "id"])
    op.create_index(
        "ix_export_alive",
        "export",
        ["court_id", "asked_at"],
        sqlite_where=ALIVE,
        postgresql_where=ALIVE,
    )


def downgrade() -> None:
    op.drop_table("export")
