"""Pages of boxes that spoil on the way, before a person."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("paper_batch") as batch:
        batch.add_column(sa.Column("counter", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("say", sa.Boolean(), nullable=False, server_default=sa.false()))
        for name in ("moved_at", "spoiled_at", "treated_at"):
            batch.add_column(sa.Column(name, UtcDateTime(timezone=True), nullable=True))
    # Those that spoiled before were only logged: they come before a person now.
    op.execute("UPDATE paper_batch SET spoiled_at = arrived_at WHERE problem <> ''")


def downgrade() -> None:
    with op.batch_alter_table("paper_batch") as batch:
        for name in ("counter", "say", "moved_at", "spoiled_at", "treated_at"):
            batch.drop_column(name)
