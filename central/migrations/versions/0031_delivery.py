"""Delivery: letters on the way, requests for a signature, what a delivery tells; the worklist's index."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_SEALED = central.vault.columns.SealedText
_MORE = (
    ("at", central.db.UtcDateTime(timezone=True)),
    ("receiver", _SEALED()),
    ("receiver_as", sa.String(length=16)),
    ("checked", sa.String(length=16)),
    ("unsigned", sa.String(length=16)),
    ("phone", _SEALED()),
    ("words", _SEALED()),
    ("picture", _SEALED()),
)


def upgrade() -> None:
    for name, kind in _MORE:
        op.add_column("delivery", sa.Column(name, kind, nullable=True))
    op.create_table(
        "posting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("carrier", sa.String(length=12), nullable=False),
        sa.Column("tracking", _SEALED(), nullable=True),
        sa.Column("flag", sa.String(length=12), nullable=True),
        sa.Column("to_name", _SEALED(), nullable=False),
        sa.Column("to_address", _SEALED(), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("salt", _SEALED(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_posting_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(["posted_by"], ["staff.id"], name=op.f("fk_posting_posted_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    op.create_index("ix_posting_petition", "posting", ["petition_id", "posted_on"])
    op.create_index(
        "ix_posting_on_the_way",
        "posting",
        ["petition_id"],
        sqlite_where=sa.text("state = 'on_the_way'"),
        postgresql_where=sa.text("state = 'on_the_way'"),
    )
    op.create_table(
        "signing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("receiver", _SEALED(), nullable=False),
        sa.Column("receiver_as", sa.String(length=16), nullable=False),
        sa.Column("checked", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("salt", _SEALED(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_signing_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name=op.f("fk_signing_asked_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_signing_code_hash")),
    )
    op.create_index("ix_signing_petition", "signing", ["petition_id"])
    op.create_index("ix_signing_ends_at", "signing", ["ends_at"])
    op.create_index(
        "ix_petition_to_deliver",
        "petition",
        ["court_id", "next_due_on", "id"],
        sqlite_where=sa.text("is_open = 1 AND next_act = 'record_delivery'"),
        postgresql_where=sa.text("is_open AND next_act = 'record_delivery'"),
    )


def downgrade() -> None:
    op.drop_index("ix_petition_to_deliver", table_name="petition")
    op.drop_table("signing")
    op.drop_table("posting")
    for name, _ in reversed(_MORE):
        op.drop_column("delivery", name)
