"""Ledgers: rows left out, doubles and their decisions, sources, undoing."""

import sqlalchemy as sa
from alembic import op

import central.db

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_COUNTS = ("left", "held", "passed", "remarks", "undone", "kept")


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in _COUNTS:
        op.add_column("ledger_import", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        if not sqlite:
            op.alter_column("ledger_import", name, server_default=None)
    op.add_column("ledger_entry", sa.Column("likeness", sa.String(20), nullable=True))
    op.create_index("ix_ledger_entry_likeness", "ledger_entry", ["likeness"])
    op.add_column("ledger_refusal", sa.Column("kind", sa.String(8), nullable=False, server_default="refused"))
    if not sqlite:
        op.alter_column("ledger_refusal", "kind", server_default=None)
    op.add_column("ledger_refusal", sa.Column("like_id", sa.Uuid(), nullable=True))
    op.add_column("ledger_refusal", sa.Column("decided", sa.String(8), nullable=True))
    with op.batch_alter_table("ledger_refusal") as batch:
        batch.add_column(sa.Column("decided_by", sa.Uuid(), nullable=True))
        batch.create_foreign_key(op.f("fk_ledger_refusal_decided_by_staff"), "staff", ["decided_by"], ["id"])
    op.drop_index("ix_ledger_refusal_import_row", table_name="ledger_refusal")
    op.create_index("ix_ledger_refusal_import_kind_row", "ledger_refusal", ["import_id", "kind", "row"])
    op.create_table(
        "ledger_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("used_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_ledger_source_court_id_court")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_source")),
    )
    op.create_index("uq_ledger_source_court_name", "ledger_source", ["court_id", "name"], unique=True)
    op.create_table(
        "void_number",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["ledger_import.id"], name=op.f("fk_void_number_import_id_ledger_import")
        ),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_void_number")),
        sa.UniqueConstraint("number", name=op.f("uq_void_number_number")),
    )
    op.create_index("ix_void_number_import_id", "void_number", ["import_id"])


def downgrade() -> None:
    op.drop_table("void_number")
    op.drop_table("ledger_source")
    op.drop_index("ix_ledger_refusal_import_kind_row", table_name="ledger_refusal")
    op.create_index("ix_ledger_refusal_import_row", "ledger_refusal", ["import_id", "row"])
    with op.batch_alter_table("ledger_refusal") as batch:
        batch.drop_constraint(op.f("fk_ledger_refusal_decided_by_staff"), type_="foreignkey")
        batch.drop_column("decided_by")
    for name in ("decided", "like_id", "kind"):
        op.drop_column("ledger_refusal", name)
    op.drop_index("ix_ledger_entry_likeness", table_name="ledger_entry")
    op.drop_column("ledger_entry", "likeness")
    for name in reversed(_COUNTS):
        op.drop_column("ledger_import", name)
