"""Settings of hall boxes: groups of boxes, editions of settings, what each box says of them."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "box_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_box_group_court_id_court")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_group")),
    )
    op.create_table(
        "box_member",
        sa.Column("box_id", sa.String(12), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_member_box_id_hall_box")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_box_member_court_id_court")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["box_group.id"], name=op.f("fk_box_member_group_id_box_group")
        ),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_box_member")),
    )
    op.create_index(op.f("ix_box_member_group_id"), "box_member", ["group_id"])
    op.create_table(
        "settings_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("hold_minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("reason_box", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_settings_edition_court_id_court")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["box_group.id"], name=op.f("fk_settings_edition_group_id_box_group")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff.id"], name=op.f("fk_settings_edition_made_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_edition")),
        sa.UniqueConstraint("number", name=op.f("uq_settings_edition_number")),
    )
    op.create_table(
        "box_settings",
        sa.Column("box_id", sa.String(12), nullable=False),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("issued", sa.JSON(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("good_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed_edition", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("confirmed", sa.JSON(), nullable=True),
        sa.Column("trying", sa.Boolean(), nullable=False),
        sa.Column("refused_edition", sa.Integer(), nullable=False),
        sa.Column("refused_serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refused_reason", sa.String(40), nullable=False),
        sa.Column("refused_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("above", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wants_all", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_settings_box_id_hall_box")),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_box_settings")),
    )


def downgrade() -> None:
    for name in ("box_settings", "settings_edition"):
        op.drop_table(name)
    op.drop_index(op.f("ix_box_member_group_id"), table_name="box_member")
    for name in ("box_member", "box_group"):
        op.drop_table(name)
