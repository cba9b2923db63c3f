"""Categories of petitions as chosen, beside what was proposed; versions of what was learned from them."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = central.db.UtcDateTime
    op.create_table(
        "petition_category",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("scheme", sa.String(20), nullable=False),
        sa.Column("code", sa.String(6), nullable=False),
        sa.Column("first_at", moment(timezone=True), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("at", moment(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("proposed", sa.String(6), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=True),
        sa.Column("model_id", sa.Uuid(), nullable=True),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petition_category_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_petition_category_by_id_staff")),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_petition_category")),
    )
    op.create_index("ix_petition_category_month", "petition_category", ["month", "petition_id"])
    op.create_table(
        "sorting_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(20), nullable=False),
        sa.Column("made_at", moment(timezone=True), nullable=False),
        sa.Column("decisions", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("in_force_since", moment(timezone=True), nullable=True),
        sa.Column("in_force_until", moment(timezone=True), nullable=True),
        sa.Column("in_force_by", sa.Uuid(), nullable=True),
        sa.Column("kept_out", sa.String(20), nullable=True),
        sa.ForeignKeyConstraint(
            ["in_force_by"], ["staff.id"], name=op.f("fk_sorting_model_in_force_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sorting_model")),
        sa.UniqueConstraint("number", name=op.f("uq_sorting_model_number")),
    )
    condition = sa.text("in_force_since IS NOT NULL AND in_force_until IS NULL")
    op.create_index(
        "uq_sorting_model_in_force",
        "sorting_model",
        ["line"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def downgrade() -> None:
    for name in ("sorting_model", "petition_category"):
        op.drop_table(name)
