"""Reception days, bookings, records, promises."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reception_day",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens_at", moment(), nullable=False),
        sa.Column("closes_at", moment(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("per_slot", sa.Integer(), nullable=False),
        sa.Column("place", text(80), nullable=False),
        sa.Column("state", text(12), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", moment(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_reception_day_court_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["staff.id"], name=op.f("fk_reception_day_leader_id")),
        sa.ForeignKeyConstraint(["planned_by"], ["staff.id"], name=op.f("fk_reception_day_planned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_day")),
    )
    op.create_index("ix_reception_day_court", "reception_day", ["court_id", "day", "id"])
    op.create_index("ix_reception_day_state", "reception_day", ["state", "day", "id"])
    op.create_index(
        "uq_reception_day_leader",
        "reception_day",
        ["leader_id", "opens_at"],
        unique=True,
        sqlite_where=sa.text("state <> 'called_off'"),
        postgresql_where=sa.text("state <> 'called_off'"),
    )
    op.create_table(
        "reception_booking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day_id", sa.Uuid(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("slot_start", moment(), nullable=False),
        sa.Column("slot_end", moment(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("state", text(12), nullable=False),
        sa.Column("booked_at", moment(), nullable=False),
        sa.Column("booked_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["reception_day.id"], name=op.f("fk_reception_booking_day_id")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_reception_booking_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_reception_booking_petition_id")
        ),
        sa.ForeignKeyConstraint(["booked_by"], ["staff.id"], name=op.f("fk_reception_booking_booked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_booking")),
    )
    op.create_index("ix_reception_booking_day", "reception_booking", ["day_id"])
    op.create_index("ix_reception_booking_petition", "reception_booking", ["petition_id"])
    op.create_index(
        "uq_reception_booking_seat",
        "reception_booking",
        ["day_id", "seat"],
        unique=True,
        sqlite_where=sa.text("state <> 'cancelled'"),
        postgresql_where=sa.text("state <> 'cancelled'"),
    )
    op.create_table(
        "reception_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("day_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=True),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_reception_record_petition_id")
        ),
        sa.ForeignKeyConstraint(["day_id"], ["reception_day.id"], name=op.f("fk_reception_record_day_id")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["reception_booking.id"], name=op.f("fk_reception_record_booking_id")
        ),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_reception_record_court_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["staff.id"], name=op.f("fk_reception_record_leader_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_reception_record_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_record")),
    )
    op.create_index("ix_reception_record_day", "reception_record", ["day_id"])
    op.create_index("ix_reception_record_petition", "reception_record", ["petition_id"])
    op.create_index("uq_reception_record_booking", "reception_record", ["booking_id"], unique=True)
    op.create_table(
        "reception_promise",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("period", text(20), nullable=False),
        sa.Column("periods_version", text(20), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", text(12), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=True),
        sa.Column("proof", sa.LargeBinary(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", moment(), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_reception_promise_petition_id")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["reception_record.id"], name=op.f("fk_reception_promise_record_id")
        ),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_reception_promise_court_id")),
        sa.ForeignKeyConstraint(["person_id"], ["staff.id"], name=op.f("fk_reception_promise_person_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_reception_promise_made_by")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_reception_promise_document_id")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_reception_promise_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_promise")),
    )
    op.create_index("ix_reception_promise_court", "reception_promise", ["court_id", "state", "due_on", "id"])
    op.create_index(
        "ix_reception_promise_person",
        "reception_promise",
        ["person_id", "due_on"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_reception_promise_petition", "reception_promise", ["petition_id"])
    op.create_index("ix_reception_promise_state", "reception_promise", ["state", "due_on", "id"])


def downgrade() -> None:
    op.drop_table("reception_promise")
    op.drop_table("reception_record")
    op.drop_table("reception_booking")
    op.drop_table("reception_day")
