"""Pages kept at the counters of halls, on their way, and whose scan they became."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scan") as scan:
        scan.alter_column("staff_id", existing_type=sa.Uuid(), nullable=True)
        scan.add_column(sa.Column("box_id", sa.String(length=12), nullable=True))
        scan.add_column(sa.Column("ticket", sa.String(length=8), nullable=False, server_default=""))
        scan.add_column(sa.Column("cover", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("scan") as scan:
        scan.alter_column("ticket", existing_type=sa.String(length=8), server_default=None)
        scan.alter_column("cover", existing_type=sa.String(length=64), server_default=None)
    op.create_table(
        "paper_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.String(length=12), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("ticket", sa.String(length=8), nullable=False),
        sa.Column("cover", sa.String(length=64), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("next_part", sa.Integer(), nullable=False),
        sa.Column("announced_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("scan_id", sa.Uuid(), nullable=True),
        sa.Column("problem", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_paper_batch_box_id_hall_box")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_paper_batch_court_id_court")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
    )
    op.create_index("ix_paper_batch_arrived", "paper_batch", ["scan_id", "arrived_at"])
    op.create_table(
        "paper_part",
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["paper_batch.id"], name=op.f("fk_paper_part_batch_id_paper_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name=op.f("pk_paper_part")),
    )


def downgrade() -> None:
    op.drop_table("paper_part")
    op.drop_index("ix_paper_batch_arrived", table_name="paper_batch")
    op.drop_table("paper_batch")
    op.execute("DELETE FROM scan WHERE staff_id IS NULL")
    with op.batch_alter_table("scan") as scan:
        scan.drop_column("cover")
        scan.drop_column("ticket")
        scan.drop_column("box_id")
        scan.alter_column("staff_id", existing_type=sa.Uuid(), nullable=False)
