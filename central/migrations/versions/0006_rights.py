"""Grants of roles over courts and departments, and the information barrier."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.add_column("staff", sa.Column("has_grants", sa.Boolean(), nullable=True))
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role", text(20), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.Column("granted_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", central.db.UtcDateTime(timezone=True), nullable=True),
        refers("role_grant", "staff_id", "staff"),
        refers("role_grant", "court_id", "court"),
        refers("role_grant", "department_id", "department"),
        refers("role_grant", "granted_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_staff_id"), "role_grant", ["staff_id"])
    op.create_index(op.f("ix_role_grant_court_id"), "role_grant", ["court_id"])
    op.create_table(
        "staff_conflict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=True),
        sa.Column("line_court_id", sa.Uuid(), nullable=True),
        sa.Column("line_department_id", sa.Uuid(), nullable=True),
        sa.Column("ground", text(12), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=True),
        sa.Column("declared_at", central.db.UtcDateTime(timezone=True), nullable=False),
        refers("staff_conflict", "petition_id", "petition"),
        refers("staff_conflict", "staff_id", "staff"),
        refers("staff_conflict", "department_id", "department"),
        refers("staff_conflict", "court_id", "court"),
        refers("staff_conflict", "line_court_id", "court"),
        refers("staff_conflict", "line_department_id", "department"),
        refers("staff_conflict", "declared_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_conflict")),
    )
    op.create_index("ix_staff_conflict_petition_id", "staff_conflict", ["petition_id"])
    op.create_index(
        "ix_petition_department_newest",
        "petition",
        ["department_id", "received_at", "id"],
        sqlite_where=sa.text("department_id IS NOT NULL"),
        postgresql_where=sa.text("department_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_petition_department_newest", table_name="petition")
    op.drop_table("staff_conflict")
    op.drop_table("role_grant")
    with op.batch_alter_table("staff") as batch:
        batch.drop_column("has_grants")
