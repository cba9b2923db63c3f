"""The obligation ledger: who owes a clock, in which month it arose, what became of it."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DUTY = sa.text("result IS NOT NULL")
OPEN = sa.text("result = 'open'")


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    with op.batch_alter_table("clock") as batch:
        batch.add_column(sa.Column("court_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("owed_month", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("result", text(8), nullable=True))
        batch.add_column(sa.Column("excuse", text(20), nullable=True))
        batch.create_foreign_key(op.f("fk_clock_court_id"), "court", ["court_id"], ["id"])
    op.add_column("delivery_attempt", sa.Column("purpose", text(20), nullable=True))
    op.create_index(
        "ix_clock_duty",
        "clock",
        ["court_id", "rule", "result", "owed_month", "id"],
        sqlite_where=DUTY,
        postgresql_where=DUTY,
    )
    op.create_index(
        "ix_clock_duty_open",
        "clock",
        ["rule", "due_on", "standing_still", "court_id", "owed_month", "petition_id", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_clock_duty_open", "clock")
    op.drop_index("ix_clock_duty", "clock")
    op.drop_column("delivery_attempt", "purpose")
    with op.batch_alter_table("clock") as batch:
        batch.drop_constraint(op.f("fk_clock_court_id"), type_="foreignkey")
        for column in ("excuse", "result", "owed_month", "court_id"):
            batch.drop_column(column)
