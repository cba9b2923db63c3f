"""Guidance letters to litigation."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "litigation_route",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("procedure", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("table_version", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("court", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_litigation_route_petition_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_litigation_route_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_litigation_route")),
    )
    op.create_index("ix_litigation_route_petition", "litigation_route", ["petition_id", "at"])


def downgrade() -> None:
    op.drop_table("litigation_route")
