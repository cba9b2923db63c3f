"""Who looked: exports and their approval; the log's guards against changes."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PETITION = sa.text("petition_id IS NOT NULL")
TAKEN_AWAY = sa.text("look IN ('exported', 'printed', 'downloaded')")


#: Tables whose rows are only ever added. Of `chain` the heads move on, and never back.
ADDED_ONLY = ("event", "anchor", "access_entry")
REFUSED = "rows of the log are only added"


def guard_sqlite() -> None:
    for table in ADDED_ONLY:
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
            )
    op.execute(
        f"CREATE TRIGGER chain_no_delete BEFORE DELETE ON chain BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )
    op.execute(
        "CREATE TRIGGER chain_moves_on BEFORE UPDATE ON chain "
        "WHEN NEW.stream <> OLD.stream OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash) "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    )


def guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION minyi_added_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in ADDED_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_added_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION minyi_added_only()"
        )
    for table in (*ADDED_ONLY, "chain"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION minyi_added_only()"
        )
    op.execute(
        "CREATE TRIGGER chain_no_delete BEFORE DELETE ON chain "
        "FOR EACH ROW EXECUTE FUNCTION minyi_added_only()"
    )
    op.execute(
        "CREATE TRIGGER chain_moves_on BEFORE UPDATE ON chain FOR EACH ROW "
        "WHEN (NEW.stream <> OLD.stream OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash)) "
        "EXECUTE FUNCTION minyi_added_only()"
    )


def unguard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION minyi_added_only() CASCADE")
        return
    names = [f"{table}_no_{act}" for table in ADDED_ONLY for act in ("update", "delete")]
    for name in (*names, "chain_no_delete", "chain_moves_on"):
        op.execute(f"DROP TRIGGER {name}")


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    op.create_table(
        "access_entry",
        sa.Column(
            "event_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            autoincrement=False,
        ),
        sa.Column("place", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("look", text(12), nullable=False),
        sa.Column("what", text(20), nullable=False),
        sa.Column("via", text(10), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("role", text(20), nullable=False),
        sa.Column("court", text(12), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("why", text(20), nullable=True),
        sa.Column("reason_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "place", name=op.f("pk_access_entry")),
    )
    op.create_index("ix_access_entry_newest", "access_entry", ["at", "event_id", "place"])
    op.create_index(
        "ix_access_entry_petition",
        "access_entry",
        ["petition_id", "at", "event_id"],
        sqlite_where=PETITION,
        postgresql_where=PETITION,
    )
    op.create_index("ix_access_entry_person", "access_entry", ["staff_id", "at", "event_id", "place"])
    op.create_index("ix_access_entry_court", "access_entry", ["court", "at", "event_id", "place"])
    op.create_index(
        "ix_access_entry_taken_away",
        "access_entry",
        ["at", "event_id", "place"],
        sqlite_where=TAKEN_AWAY,
        postgresql_where=TAKEN_AWAY,
    )
    op.create_table(
        "access_reason",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("why", text(20), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_access_reason_petition_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_access_reason_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_reason")),
    )
    op.create_index("ix_access_reason_petition_staff", "access_reason", ["petition_id", "staff_id", "until"])

    if op.get_bind().dialect.name == "postgresql":
        guard_postgresql()
    else:
        guard_sqlite()


def downgrade() -> None:
    unguard()
    op.drop_table("access_reason")
    op.drop_table("access_entry")
