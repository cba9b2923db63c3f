"""How petitioners want to be told and to get their answer; their mail address."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_COLUMNS = ("mail", "tell_by", "told_since", "reply_by", "language")


def upgrade() -> None:
    op.add_column("petitioner", sa.Column("mail", central.vault.columns.SealedText(), nullable=True))
    op.add_column("petitioner", sa.Column("tell_by", sa.String(length=20), nullable=True))
    op.add_column("petitioner", sa.Column("told_since", central.db.UtcDateTime(timezone=True), nullable=True))
    op.add_column("petitioner", sa.Column("reply_by", sa.String(length=12), nullable=True))
    op.add_column("petitioner", sa.Column("language", sa.String(length=2), nullable=True))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("petitioner", name)
