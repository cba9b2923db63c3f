"""Case numbers that petitions name; the kind of a petitioner's paper."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_name",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("typed", sa.LargeBinary(), nullable=False),
        sa.Column("case_number", sa.LargeBinary(), nullable=False),
        sa.Column("case_number_index", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_case_name_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_name")),
    )
    op.create_index(op.f("ix_case_name_case_number_index"), "case_name", ["case_number_index"])
    op.create_index("uq_case_name_petition_place", "case_name", ["petition_id", "place"], unique=True)
    op.add_column("petitioner", sa.Column("id_kind", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("petitioner", "id_kind")
    op.drop_table("case_name")
