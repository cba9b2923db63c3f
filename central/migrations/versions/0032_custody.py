"""Paper: what came, where it lies, every hand-over."""

import sqlalchemy as sa
from alembic import op

import central.db
import central.vault.columns

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_SEALED = central.vault.columns.SealedText
_MOMENT = central.db.UtcDateTime


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("envelope", sa.Boolean(), nullable=False),
        sa.Column("postmark_on", sa.Date(), nullable=True),
        sa.Column("postmark_place", _SEALED(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("originals", sa.Boolean(), nullable=False),
        sa.Column("what", _SEALED(), nullable=True),
        sa.Column("place_kind", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("placed_at", _MOMENT(timezone=True), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("returned_by", sa.String(length=12), nullable=True),
        sa.Column("returned_to", _SEALED(), nullable=True),
        sa.Column("returned_proof", _SEALED(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("salt", _SEALED(), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_paper_court_id_court")),
        sa.ForeignKeyConstraint(["holder_id"], ["staff.id"], name=op.f("fk_paper_holder_id_staff")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_paper_petition_id_petition")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_paper_recorded_by_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("code", name=op.f("uq_paper_code")),
    )
    op.create_index("uq_paper_petition_number", "paper", ["petition_id", "number"], unique=True)
    op.create_index("ix_paper_place", "paper", ["court_id", "place_kind", "place", "id"])
    op.create_index(
        "ix_paper_holder",
        "paper",
        ["holder_id", "id"],
        sqlite_where=sa.text("holder_id IS NOT NULL"),
        postgresql_where=sa.text("holder_id IS NOT NULL"),
    )
    op.create_index(
        "ix_paper_to_return",
        "paper",
        ["court_id", "arrived_on", "id"],
        sqlite_where=sa.text("originals = 1 AND returned_on IS NULL"),
        postgresql_where=sa.text("originals AND returned_on IS NULL"),
    )
    op.create_table(
        "paper_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT(timezone=True), nullable=False),
        sa.Column("from_kind", sa.String(length=8), nullable=False),
        sa.Column("from_place", sa.String(length=60), nullable=True),
        sa.Column("from_holder_id", sa.Uuid(), nullable=True),
        sa.Column("to_kind", sa.String(length=8), nullable=False),
        sa.Column("to_place", sa.String(length=60), nullable=True),
        sa.Column("to_holder_id", sa.Uuid(), nullable=True),
        sa.Column("why", _SEALED(), nullable=False),
        sa.Column("moved_by", sa.Uuid(), nullable=True),
        sa.Column("salt", _SEALED(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_holder_id"], ["staff.id"], name=op.f("fk_paper_move_from_holder_id_staff")
        ),
        sa.ForeignKeyConstraint(["moved_by"], ["staff.id"], name=op.f("fk_paper_move_moved_by_staff")),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_move_paper_id_paper")),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_paper_move_petition_id_petition")
        ),
        sa.ForeignKeyConstraint(
            ["to_holder_id"], ["staff.id"], name=op.f("fk_paper_move_to_holder_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_move")),
    )
    op.create_index("ix_paper_move_petition", "paper_move", ["petition_id", "at"])


def downgrade() -> None:
    op.drop_table("paper_move")
    op.drop_table("paper")
