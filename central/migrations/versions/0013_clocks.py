"""Clocks: which stand still and which were noted as overdue; kind and rules of a petition; extensions asked for."""

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    add("clock", "standing_still", sa.Boolean(), sa.false())
    add("clock", "occurrence", sa.Integer(), "1")
    op.add_column("clock", sa.Column("noted_on", sa.Date(), nullable=True))
    op.add_column("clock_pause", sa.Column("ground", text(20), nullable=True))
    # A petition that waits for its supplement: its open pauses are those of the clocks that stand still.
    op.execute(
        sa.text(
            "UPDATE clock SET standing_still = :yes WHERE ended_on IS NULL AND id IN "
            "(SELECT clock_id FROM clock_pause WHERE until_on IS NULL)"
        ).bindparams(sa.bindparam("yes", value=True, type_=sa.Boolean()))
    )
    op.create_index(
        "ix_clock_to_note",
        "clock",
        ["due_on", "id"],
        sqlite_where=sa.text("ended_on IS NULL AND noted_on IS NULL AND standing_still = 0"),
        postgresql_where=sa.text("ended_on IS NULL AND noted_on IS NULL AND NOT standing_still"),
    )
    add("petition", "kind", text(20), "general")
    add("petition", "rules_version", text(100), "2022-05-01")
    op.add_column("petition", sa.Column("extension_rule", text(40), nullable=True))
    op.add_column("petition", sa.Column("extension_days", sa.Integer(), nullable=True))


def add(table: str, name: str, kind: sa.types.TypeEngine[Any], default: Any) -> None:
    """Add a column that is never empty; rows that are there get `default`."""
    op.add_column(table, sa.Column(name, kind, nullable=False, server_default=default))
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, name, server_default=None)


def downgrade() -> None:
    for name in ("extension_days", "extension_rule", "rules_version", "kind"):
        op.drop_column("petition", name)
    op.drop_index("ix_clock_to_note", "clock")
    op.drop_column("clock_pause", "ground")
    op.drop_column("clock", "noted_on")
    op.drop_column("clock", "occurrence")
    op.drop_column("clock", "standing_still")
