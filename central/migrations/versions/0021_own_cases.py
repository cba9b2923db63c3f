"""Packaged cases and leaders' instructions."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_package",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.LargeBinary(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", moment(), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", moment(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("result", text(16), nullable=True),
        sa.Column("result_words", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_case_package_petition_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_case_package_court_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["staff.id"], name=op.f("fk_case_package_leader_id")),
        sa.ForeignKeyConstraint(["person_id"], ["staff.id"], name=op.f("fk_case_package_person_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_case_package_document_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_case_package_opened_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_case_package_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_package")),
    )
    op.create_index("ix_case_package_court", "case_package", ["court_id", "opened_at", "id"])
    op.create_index("ix_case_package_leader", "case_package", ["leader_id", "opened_at", "id"])
    op.create_index("ix_case_package_person", "case_package", ["person_id", "opened_at", "id"])
    op.create_index("ix_case_package_petition", "case_package", ["petition_id"])
    op.create_index(
        "uq_case_package_open",
        "case_package",
        ["petition_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "package_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", text(8), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["package_id"], ["case_package.id"], name=op.f("fk_package_step_package_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_package_step_petition_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_package_step_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_step")),
    )
    op.create_index(
        "ix_package_step_open",
        "package_step",
        ["due_on"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_package_step_package", "package_step", ["package_id", "due_on", "id"])
    op.create_table(
        "package_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("how", text(12), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", moment(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"], ["case_package.id"], name=op.f("fk_package_visit_package_id")
        ),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_package_visit_petition_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_package_visit_staff_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name=op.f("fk_package_visit_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package_visit")),
    )
    op.create_index("ix_package_visit_package", "package_visit", ["package_id", "day", "id"])
    op.create_table(
        "instruction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=False),
        sa.Column("court_id", sa.Uuid(), nullable=False),
        sa.Column("petition_id", sa.Uuid(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("period", text(20), nullable=False),
        sa.Column("periods_version", text(20), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("given_at", moment(), nullable=False),
        sa.Column("state", text(12), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=True),
        sa.Column("ended_at", moment(), nullable=True),
        sa.Column("end_words", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["leader_id"], ["staff.id"], name=op.f("fk_instruction_leader_id")),
        sa.ForeignKeyConstraint(["court_id"], ["court.id"], name=op.f("fk_instruction_court_id")),
        sa.ForeignKeyConstraint(["petition_id"], ["petition.id"], name=op.f("fk_instruction_petition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction")),
    )
    op.create_index(
        "ix_instruction_due",
        "instruction",
        ["due_on"],
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index("ix_instruction_leader", "instruction", ["leader_id", "state", "due_on", "id"])
    op.create_index("ix_instruction_petition", "instruction", ["petition_id"])
    op.create_table(
        "instruction_addressee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instruction_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged_at", moment(), nullable=True),
        sa.Column("report", sa.LargeBinary(), nullable=True),
        sa.Column("reported_at", moment(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["instruction.id"], name=op.f("fk_instruction_addressee_instruction_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_instruction_addressee_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instruction_addressee")),
    )
    op.create_index("ix_instruction_addressee_staff", "instruction_addressee", ["staff_id", "reported_at"])
    op.create_index(
        "uq_instruction_addressee", "instruction_addressee", ["instruction_id", "staff_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("instruction_addressee")
    op.drop_table("instruction")
    op.drop_table("package_visit")
    op.drop_table("package_step")
    op.drop_table("case_package")
