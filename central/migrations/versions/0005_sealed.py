"""Sealed columns, blind indexes and the keys' register."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite adds a column that must not be empty only with a default; it is never used.
    default = "" if op.get_bind().dialect.name == "sqlite" else None
    op.add_column("petition", sa.Column("key_id", sa.Uuid(), nullable=False, server_default=default))


def downgrade() -> None:
    op.drop_column("petition", "key_id")
