"""How the machine of each box is: what it says of itself with its presence."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("box_presence", sa.Column("clock_off", sa.Float(), nullable=True))
    op.add_column("box_presence", sa.Column("figures", sa.String(2000), nullable=False, server_default=""))
    with op.batch_alter_table("box_presence") as batch:
        batch.alter_column("figures", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("box_presence") as batch:
        batch.drop_column("figures")
        batch.drop_column("clock_off")
