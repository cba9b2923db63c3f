"""Hot issues as a job finds them."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hot_issue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.String(8), nullable=False),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hot_issue")),
    )
    op.create_index("ix_hot_issue_quarter", "hot_issue", ["quarter"])
    op.create_table(
        "hot_member",
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("before", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["hot_issue.id"], name=op.f("fk_hot_member_issue_id_hot_issue")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_hot_member_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("issue_id", "petition_id", name=op.f("pk_hot_member")),
    )
    op.create_index("ix_hot_member_petition", "hot_member", ["petition_id"])
    op.create_table(
        "hot_run",
        sa.Column("quarter", sa.String(8), nullable=False),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("petitions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quarter", name=op.f("pk_hot_run")),
    )


def downgrade() -> None:
    for name in ("hot_run", "hot_member", "hot_issue"):
        op.drop_table(name)
