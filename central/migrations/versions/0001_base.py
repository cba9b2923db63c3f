"""Courts, accounts, events, petitions, clocks, replies, follow-up."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # Ids of events are drawn before their hash is computed.
        op.execute(sa.schema.CreateSequence(sa.Sequence("event_id_seq")))
    op.create_table(
        "anchor",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("up_to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("prev", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(length=128), nullable=False),
        sa.Column("made_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_anchor")),
    )
    op.create_table(
        "chain",
        sa.Column("stream", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_chain")),
    )
    op.create_table(
        "court",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name_en", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("level", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("latin", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("area_code", sqlmodel.sql.sqltypes.AutoString(length=6), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["court.id"], name=op.f("fk_court_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_court")),
        sa.UniqueConstraint("code", name=op.f("uq_court_code")),
        sa.UniqueConstraint("latin", name=op.f("uq_court_latin")),
    )
    with op.batch_alter_table("court", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_court_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_court_path"), ["path"], unique=False)

    op.create_table(
        "cursor",
        sa.Column("reader", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_cursor")),
    )
    op.create_table(
        "event",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("stream", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("prev", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("uq_event_stream_seq", ["stream", "seq"], unique=True)

    op.create_table(
        "guess",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("window_start", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_guess")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("name_en", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_department_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
    )
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_court_id"), ["court_id"], unique=False)

    op.create_table(
        "invariant_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("checked_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_invariant_check_court_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invariant_check")),
    )
    with op.batch_alter_table("invariant_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invariant_check_day"), ["day"], unique=False)

    op.create_table(
        "numbering",
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_numbering_court_id")),
        sa.PrimaryKeyConstraint("court_id", "year", name=op.f("pk_numbering")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("name_en", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("roles", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_staff_court_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_staff_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_court_id"), ["court_id"], unique=False)

    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("label", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_api_token_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "petition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("origin_court_id", sa.Uuid(), nullable=False),
        sa.Column("sent_from_court_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("received_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("registered_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("referred_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("next_act", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=True),
        sa.Column("next_role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("next_person_id", sa.Uuid(), nullable=True),
        sa.Column("next_rule", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("acknowledged_on", sa.Date(), nullable=True),
        sa.Column("issued_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("closed_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("excuse", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("import_key", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_petition_court_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_petition_department_id")),
        sa.ForeignKeyConstraint(["handler_id"], ["staff.id"], name=op.f("fk_petition_handler_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["staff.id"], name=op.f("fk_petition_leader_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["petition.id"], name=op.f("fk_petition_merged_into_id")),
        sa.ForeignKeyConstraint(["next_person_id"], ["staff.id"], name=op.f("fk_petition_next_person_id")),
        sa.ForeignKeyConstraint(["origin_court_id"], ["court.id"], name=op.f("fk_petition_origin_court_id")),
        sa.ForeignKeyConstraint(["registered_by"], ["staff.id"], name=op.f("fk_petition_registered_by")),
        sa.ForeignKeyConstraint(
            ["sent_from_court_id"], ["court.id"], name=op.f("fk_petition_sent_from_court_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("import_key", name=op.f("uq_petition_import_key")),
        sa.UniqueConstraint("number", name=op.f("uq_petition_number")),
    )
    with op.batch_alter_table("petition", schema=None) as batch_op:
        batch_op.create_index(
            "ix_petition_broken_answer",
            ["court_id"],
            unique=False,
            sqlite_where=sa.text(
                "state = 'closed' AND delivered_on IS NULL AND (excuse IS NULL OR attempts = 0)"
            ),
            postgresql_where=sa.text(
                "state = 'closed' AND delivered_on IS NULL AND (excuse IS NULL OR attempts = 0)"
            ),
        )
        batch_op.create_index(
            "ix_petition_broken_leader",
            ["court_id"],
            unique=False,
            sqlite_where=sa.text(
                "leader_id IS NULL AND state IN ('accepted', 'assigned', 'handling', 'drafted', 'approved')"
            ),
            postgresql_where=sa.text(
                "leader_id IS NULL AND state IN ('accepted', 'assigned', 'handling', 'drafted', 'approved')"
            ),
        )
        batch_op.create_index(
            "ix_petition_broken_owner",
            ["court_id"],
            unique=False,
            sqlite_where=sa.text(
                "closed_at IS NULL AND (next_act IS NULL OR next_role IS NULL OR next_due_on IS NULL)"
            ),
            postgresql_where=sa.text(
                "closed_at IS NULL AND (next_act IS NULL OR next_role IS NULL OR next_due_on IS NULL)"
            ),
        )
        batch_op.create_index("ix_petition_court_newest", ["court_id", "received_at", "id"], unique=False)
        batch_op.create_index("ix_petition_court_state", ["court_id", "state"], unique=False)
        batch_op.create_index(
            "ix_petition_desk_due",
            ["court_id", "next_role", "next_due_on", "id"],
            unique=False,
            sqlite_where=sa.text("is_open = 1 AND next_person_id IS NULL"),
            postgresql_where=sa.text("is_open AND next_person_id IS NULL"),
        )
        batch_op.create_index("ix_petition_newest", ["received_at", "id"], unique=False)
        batch_op.create_index(
            "ix_petition_gone_newest",
            ["origin_court_id", "received_at", "id"],
            unique=False,
            sqlite_where=sa.text("origin_court_id <> court_id"),
            postgresql_where=sa.text("origin_court_id <> court_id"),
        )
        batch_op.create_index(
            "ix_petition_person_due",
            ["next_person_id", "next_due_on", "id"],
            unique=False,
            sqlite_where=sa.text("is_open = 1"),
            postgresql_where=sa.text("is_open"),
        )

    op.create_table(
        "sign_in",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("created_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_in_staff_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("since", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_assignment_petition_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assignment_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_petition_id", ["petition_id"], unique=False)
        batch_op.create_index("ix_assignment_staff_petition", ["staff_id", "petition_id"], unique=False)

    op.create_table(
        "clock",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("rules_version", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extension_days", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_clock_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.create_index("ix_clock_petition_id", ["petition_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("proof", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_delivery_petition_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_delivery_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_petition_id", ["petition_id"], unique=False)

    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["petition_id"], ["petition.id"], name=op.f("fk_delivery_attempt_petition_id")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_delivery_attempt_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempt")),
    )
    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_attempt_petition_id", ["petition_id"], unique=False)

    op.create_table(
        "demand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_demand_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
    )
    with op.batch_alter_table("demand", schema=None) as batch_op:
        batch_op.create_index("uq_demand_petition_number", ["petition_id", "number"], unique=True)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("method", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("satisfaction", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_follow_up_by_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_follow_up_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index("ix_follow_up_petition_id", ["petition_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("act", sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column("at", central.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_note_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index("ix_note_petition_id", ["petition_id"], unique=False)

    op.create_table(
        "petitioner",
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("phone", sqlmodel.sql.sqltypes.AutoString(length=25), nullable=True),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=True),
        sa.Column("id_number", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("group_size", sa.Integer(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_petitioner_petition_id")),
        sa.PrimaryKeyConstraint("petition_id", name=op.f("pk_petitioner")),
    )
    op.create_table(
        "reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("status", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", central.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["staff.id"], name=op.f("fk_reply_approved_by")),
        sa.ForeignKeyConstraint(["drafted_by"], ["staff.id"], name=op.f("fk_reply_drafted_by")),
        sa.ForeignKeyConstraint(["issued_by"], ["staff.id"], name=op.f("fk_reply_issued_by")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_reply_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
    )
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.create_index("uq_reply_petition_round", ["petition_id", "round"], unique=True)

    op.create_table(
        "clock_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["clock_id"], ["clock.id"], name=op.f("fk_clock_pause_clock_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_clock_pause_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_pause")),
    )
    with op.batch_alter_table("clock_pause", schema=None) as batch_op:
        batch_op.create_index("ix_clock_pause_petition_id", ["petition_id"], unique=False)

    op.create_table(
        "reply_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("salt", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["demand.id"], name=op.f("fk_reply_item_demand_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_reply_item_petition_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["reply.id"], name=op.f("fk_reply_item_reply_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_item")),
    )
    with op.batch_alter_table("reply_item", schema=None) as batch_op:
        batch_op.create_index("ix_reply_item_petition_id", ["petition_id"], unique=False)
        batch_op.create_index("uq_reply_item_reply_demand", ["reply_id", "demand_id"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("reply_item", schema=None) as batch_op:
        batch_op.drop_index("uq_reply_item_reply_demand")
        batch_op.drop_index("ix_reply_item_petition_id")

    op.drop_table("reply_item")
    with op.batch_alter_table("clock_pause", schema=None) as batch_op:
        batch_op.drop_index("ix_clock_pause_petition_id")

    op.drop_table("clock_pause")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_index("uq_reply_petition_round")

    op.drop_table("reply")
    op.drop_table("petitioner")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index("ix_note_petition_id")

    op.drop_table("note")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_up_petition_id")

    op.drop_table("follow_up")
    with op.batch_alter_table("demand", schema=None) as batch_op:
        batch_op.drop_index("uq_demand_petition_number")

    op.drop_table("demand")
    with op.batch_alter_table("delivery_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_attempt_petition_id")

    op.drop_table("delivery_attempt")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_petition_id")

    op.drop_table("delivery")
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.drop_index("ix_clock_petition_id")

    op.drop_table("clock")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_staff_petition")
        batch_op.drop_index("ix_assignment_petition_id")

    op.drop_table("assignment")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_staff_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("petition", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_petition_person_due", sqlite_where=sa.text("is_open = 1"), postgresql_where=sa.text("is_open")
        )
        batch_op.drop_index(
            "ix_petition_gone_newest",
            sqlite_where=sa.text("origin_court_id <> court_id"),
            postgresql_where=sa.text("origin_court_id <> court_id"),
        )
        batch_op.drop_index("ix_petition_newest")
        batch_op.drop_index(
            "ix_petition_desk_due",
            sqlite_where=sa.text("is_open = 1 AND next_person_id IS NULL"),
            postgresql_where=sa.text("is_open AND next_person_id IS NULL"),
        )
        batch_op.drop_index("ix_petition_court_state")
        batch_op.drop_index("ix_petition_court_newest")
        batch_op.drop_index(
            "ix_petition_broken_owner",
            sqlite_where=sa.text(
                "closed_at IS NULL AND (next_act IS NULL OR next_role IS NULL OR next_due_on IS NULL)"
            ),
            postgresql_where=sa.text(
                "closed_at IS NULL AND (next_act IS NULL OR next_role IS NULL OR next_due_on IS NULL)"
            ),
        )
        batch_op.drop_index(
            "ix_petition_broken_leader",
            sqlite_where=sa.text(
                "leader_id IS NULL AND state IN ('accepted', 'assigned', 'handling', 'drafted', 'approved')"
            ),
            postgresql_where=sa.text(
                "leader_id IS NULL AND state IN ('accepted', 'assigned', 'handling', 'drafted', 'approved')"
            ),
        )
        batch_op.drop_index(
            "ix_petition_broken_answer",
            sqlite_where=sa.text(
                "state = 'closed' AND delivered_on IS NULL AND (excuse IS NULL OR attempts = 0)"
            ),
            postgresql_where=sa.text(
                "state = 'closed' AND delivered_on IS NULL AND (excuse IS NULL OR attempts = 0)"
            ),
        )

    op.drop_table("petition")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_staff_id"))

    op.drop_table("api_token")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_court_id"))

    op.drop_table("staff")
    op.drop_table("numbering")
    with op.batch_alter_table("invariant_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invariant_check_day"))

    op.drop_table("invariant_check")
    with op.batch_alter_table("department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_court_id"))

    op.drop_table("department")
    op.drop_table("guess")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index("uq_event_stream_seq")

    op.drop_table("event")
    op.drop_table("cursor")
    with op.batch_alter_table("court", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_court_path"))
        batch_op.drop_index(batch_op.f("ix_court_parent_id"))

    op.drop_table("court")
    op.drop_table("chain")
    op.drop_table("anchor")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.DropSequence(sa.Sequence("event_id_seq")))
