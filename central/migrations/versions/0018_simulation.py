"""Simulation: what was made up here, and how far it came."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "simulation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seed", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("courts", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("started_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_simulation")),
    )
    op.create_table(
        "simulation_part",
        sa.Column("court", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("court", name=op.f("pk_simulation_part")),
    )


def downgrade() -> None:
    op.drop_table("simulation_part")
    op.drop_table("simulation")
