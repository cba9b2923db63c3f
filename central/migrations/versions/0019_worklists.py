"""Worklists: the open petitions of a court, and of all courts, in the order of their due dates."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, columns in (
        ("ix_petition_court_due", ["court_id", "next_due_on", "id"]),
        ("ix_petition_due", ["next_due_on", "id"]),
    ):
        op.create_index(
            name,
            "petition",
            columns,
            sqlite_where=sa.text("is_open = 1"),
            postgresql_where=sa.text("is_open"),
        )


def downgrade() -> None:
    op.drop_index("ix_petition_due", "petition")
    op.drop_index("ix_petition_court_due", "petition")
