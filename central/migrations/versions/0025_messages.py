"""Messages to petitioners."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_WHERE = {
    "ix_petitioner_message_under_way": (["next_try_at", "id"], "state IN ('queued', 'sending')"),
    "ix_petitioner_message_waiting": (["petition_id", "channel"], "state = 'queued'"),
    "ix_petitioner_message_parked": (["court_id", "made_at", "id"], "state = 'parked'"),
}


def upgrade() -> None:
    op.create_table(
        "petitioner_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=True),
        sa.Column("code", sa.String(length=20), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["court_id"], ["court.id"], name=op.f("fk_petitioner_message_court_id_court")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_petitioner_message_petition_id_petition")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petitioner_message")),
        sa.UniqueConstraint("key", name=op.f("uq_petitioner_message_key")),
    )
    for name, (columns, where) in _WHERE.items():
        op.create_index(
            name,
            "petitioner_message",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_petitioner_message_petition", "petitioner_message", ["petition_id", "made_at"])


def downgrade() -> None:
    op.drop_table("petitioner_message")
