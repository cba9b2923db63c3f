"""Halls: boxes, appointments, tickets, calls for help, the tray, and how far each box's journal has been taken."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hall_box",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sqlmodel.sql.sqltypes.AutoString(length=160), nullable=False),
        sa.Column("added_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_hall_box_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall_box")),
    )
    with op.batch_alter_table("hall_box", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hall_box_court_id"), ["court_id"], unique=False)

    op.create_table(
        "hall_day",
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code_salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_hall_day_court_id")),
        sa.PrimaryKeyConstraint("court_id", "day", name=op.f("pk_hall_day")),
    )
    op.create_table(
        "assistance_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("origin", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("raised_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("acknowledged_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("acknowledged_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("closed_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_assistance_call_box_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_assistance_call_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assistance_call")),
    )
    with op.batch_alter_table("assistance_call", schema=None) as batch_op:
        batch_op.create_index("ix_assistance_call_closed", ["closed_at"], unique=False)
        batch_op.create_index(
            "ix_assistance_call_open",
            ["court_id", "raised_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "box_event_seen",
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_event_seen_box_id")),
        sa.PrimaryKeyConstraint("box_id", "event_id", name=op.f("pk_box_event_seen")),
    )
    op.create_table(
        "box_position",
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("next_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_position_box_id")),
        sa.PrimaryKeyConstraint("box_id", "epoch", name=op.f("pk_box_position")),
    )
    op.create_table(
        "box_presence",
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("software", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Integer(), nullable=False),
        sa.Column("said_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_box_presence_box_id")),
        sa.PrimaryKeyConstraint("box_id", name=op.f("pk_box_presence")),
    )
    op.create_table(
        "roster_issue",
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_roster_issue_box_id")),
        sa.PrimaryKeyConstraint("box_id", "day", name=op.f("pk_roster_issue")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("taken_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("called_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("counter", sa.Integer(), nullable=True),
        sa.Column("ended_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_ticket_box_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_ticket_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_court_day", ["court_id", "day", "kind", "number"], unique=False)

    op.create_table(
        "refused_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("received_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("treated_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("treated_by_id", sa.Uuid(), nullable=True),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["hall_box.id"], name=op.f("fk_refused_event_box_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_refused_event_court_id")),
        sa.ForeignKeyConstraint(["treated_by_id"], ["staff.id"], name=op.f("fk_refused_event_treated_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_event")),
    )
    with op.batch_alter_table("refused_event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_refused_event_open",
            ["court_id", "id"],
            unique=False,
            sqlite_where=sa.text("treated_at IS NULL"),
            postgresql_where=sa.text("treated_at IS NULL"),
        )
        batch_op.create_index("uq_refused_event_box_digest", ["box_id", "digest"], unique=True)

    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot_start", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("slot_end", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("used_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_appointment_court_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_appointment_made_by_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_appointment_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_appointment_court_day", ["court_id", "day", "slot_start", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_appointment_petition_id"), ["petition_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_petition_id"))
        batch_op.drop_index("ix_appointment_court_day")

    op.drop_table("appointment")
    with op.batch_alter_table("refused_event", schema=None) as batch_op:
        batch_op.drop_index("uq_refused_event_box_digest")
        batch_op.drop_index(
            "ix_refused_event_open",
            sqlite_where=sa.text("treated_at IS NULL"),
            postgresql_where=sa.text("treated_at IS NULL"),
        )

    op.drop_table("refused_event")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_court_day")

    op.drop_table("ticket")
    op.drop_table("roster_issue")
    op.drop_table("box_presence")
    op.drop_table("box_position")
    op.drop_table("box_event_seen")
    with op.batch_alter_table("assistance_call", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_assistance_call_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index("ix_assistance_call_closed")

    op.drop_table("assistance_call")
    op.drop_table("hall_day")
    with op.batch_alter_table("hall_box", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hall_box_court_id"))

    op.drop_table("hall_box")
