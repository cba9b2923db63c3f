"""One text for many petitions, and how far each of them is."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

_RUNNING = sa.text("act IS NOT NULL AND stopped_at IS NULL")


def upgrade() -> None:
    moment, sealed = central.db.UtcDateTime, central.vault.columns.SealedText
    op.create_table(
        "mail_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", moment(timezone=True), nullable=False),
        sa.Column("title", sealed(), nullable=False),
        sa.Column("words", sealed(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("facts", sealed(), nullable=False),
        sa.Column("basis", sealed(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(20), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("remark", sealed(), nullable=True),
        sa.Column("began_at", moment(timezone=True), nullable=True),
        sa.Column("stopped_at", moment(timezone=True), nullable=True),
        sa.Column("salt", sealed(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_mail_merge_{name}"))
            for name, other in (("court_id", "court"), ("made_by", "staff"), ("by", "staff"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_merge")),
    )
    op.create_index("ix_mail_merge_court", "mail_merge", ["court_id", "made_at", "id"])
    op.create_index("ix_mail_merge_person", "mail_merge", ["made_by", "made_at", "id"])
    op.create_index(
        "ix_mail_merge_running", "mail_merge", ["began_at"], sqlite_where=_RUNNING, postgresql_where=_RUNNING
    )
    op.create_table(
        "mail_merge_item",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("problem", sealed(), nullable=True),
        sa.Column("salt", sealed(), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_mail_merge_item_{name}"))
            for name, other in (("merge_id", "mail_merge"), ("petition_id", "petition"))
        ),
        sa.PrimaryKeyConstraint("merge_id", "place", name=op.f("pk_mail_merge_item")),
    )
    op.create_index("ix_mail_merge_item_petition", "mail_merge_item", ["petition_id"])
    op.create_index("ix_mail_merge_item_run", "mail_merge_item", ["merge_id", "run", "place"])


def downgrade() -> None:
    op.drop_table("mail_merge_item")
    op.drop_table("mail_merge")
