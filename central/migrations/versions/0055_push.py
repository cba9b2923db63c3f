"""Notifications of calls for help: devices that staff allowed, and what became of each message."""

import sqlalchemy as sa
from alembic import op

from central.db import UtcDateTime

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("endpoint", sa.LargeBinary(), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("lang", sa.String(5), nullable=False),
        sa.Column("allowed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(12), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_push_device_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_device")),
    )
    stands = sa.text("ended_at IS NULL")
    for name, columns, unique in (
        ("uq_push_device_digest", ["digest"], True),
        ("ix_push_device_staff", ["staff_id"], False),
    ):
        op.create_index(
            name, "push_device", columns, unique=unique, sqlite_where=stands, postgresql_where=stands
        )
    op.create_table(
        "push_message",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("circle", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["assistance_call.id"], name=op.f("fk_push_message_call_id_assistance_call")
        ),
        sa.ForeignKeyConstraint(
            ["device_id"], ["push_device.id"], name=op.f("fk_push_message_device_id_push_device")
        ),
        sa.PrimaryKeyConstraint("call_id", "circle", "device_id", name=op.f("pk_push_message")),
    )
    queued = sa.text("state = 'queued'")
    op.create_index(
        "ix_push_message_queued",
        "push_message",
        ["next_try_at"],
        sqlite_where=queued,
        postgresql_where=queued,
    )
    op.create_index("ix_push_message_made", "push_message", ["made_at"])


def downgrade() -> None:
    op.drop_table("push_message")
    op.drop_table("push_device")
