"""Identity of hall boxes: certificates and enrolment."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "box_code",
        sa.Column("public", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("issued_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_code_box_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_box_code_court_id")),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_box_code")),
    )
    with op.batch_alter_table("box_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_code_box_id"), ["box_id"], unique=False)

    op.create_table(
        "box_certificate",
        sa.Column("serial", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("public_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("issued_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_certificate_box_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_box_certificate_court_id")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_box_certificate")),
    )
    with op.batch_alter_table("box_certificate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_certificate_box_id"), ["box_id"], unique=False)


def downgrade() -> None:
    op.drop_table("box_certificate")
    op.drop_table("box_code")
