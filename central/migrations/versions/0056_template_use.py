"""From which templates replies were written, counted; issued replies by their day."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "template_use",
        sa.Column("category", sa.String(6), primary_key=True),
        sa.Column("court_id", sa.Uuid(), sa.ForeignKey("court.id"), primary_key=True),
        sa.Column("outcome", sa.String(20), primary_key=True),
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("uses", sa.Integer(), nullable=False),
    )
    op.create_index("ix_reply_issued_at", "reply", ["issued_at"])


def downgrade() -> None:
    op.drop_index("ix_reply_issued_at", "reply")
    op.drop_table("template_use")
