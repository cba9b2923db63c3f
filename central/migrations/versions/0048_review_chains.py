"""Steps of approval of decisions on reviews, beside those of replies."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("approval_step") as table:
        table.alter_column("reply_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("review_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_approval_step_review_id"), "review", ["review_id"], ["id"])
        table.create_index("uq_approval_step_review", ["review_id", "turn", "number"], unique=True)


def downgrade() -> None:
    op.execute("DELETE FROM approval_step WHERE reply_id IS NULL")
    with op.batch_alter_table("approval_step") as table:
        table.drop_index("uq_approval_step_review")
        table.drop_constraint(op.f("fk_approval_step_review_id"), type_="foreignkey")
        table.drop_column("review_id")
        table.alter_column("reply_id", existing_type=sa.Uuid(), nullable=False)
