"""Second factors, single sign-on, resets and the list of sessions."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import central.db


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def moment() -> central.db.UtcDateTime:
    return central.db.UtcDateTime(timezone=True)


def staff_of(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f(f"fk_{table}_staff_id"))


def upgrade() -> None:
    # Everybody signs in anew: old sessions do not say how they began.
    op.drop_table("sign_in")
    op.create_table(
        "sign_in",
        sa.Column("digest", text(64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("stage", text(10), nullable=False),
        sa.Column("method", text(40), nullable=False),
        sa.Column("csrf", text(64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        sa.Column("proved_at", moment(), nullable=False),
        sa.Column("address", text(45), nullable=False),
        sa.Column("browser", text(200), nullable=False),
        sa.Column("challenge", text(400), nullable=False),
        staff_of("sign_in"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("id", name=op.f("uq_sign_in_id")),
    )
    op.create_index("ix_sign_in_staff_id", "sign_in", ["staff_id"])
    op.create_table(
        "second_factor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(10), nullable=False),
        sa.Column("label", text(60), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("digest", text(64), nullable=False),
        staff_of("second_factor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
    )
    op.create_index("ix_second_factor_staff_id", "second_factor", ["staff_id"])
    op.create_table(
        "factor_key",
        sa.Column("factor_id", sa.Uuid(), nullable=False),
        sa.Column("credential", text(1400), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.ForeignKeyConstraint(["factor_id"], ["second_factor.id"], name=op.f("fk_factor_key_factor_id")),
        sa.PrimaryKeyConstraint("factor_id", name=op.f("pk_factor_key")),
        sa.UniqueConstraint("credential", name=op.f("uq_factor_key_credential")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code_hash", text(400), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        staff_of("recovery_code"),
        sa.PrimaryKeyConstraint("staff_id", "number", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "reset_code",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", text(200), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        staff_of("reset_code"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_reset_code")),
    )
    op.create_table(
        "external_login",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", text(300), nullable=False),
        sa.Column("subject", text(255), nullable=False),
        sa.Column("linked_at", moment(), nullable=False),
        staff_of("external_login"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_login")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_external_login_issuer_subject")),
    )
    op.create_index("ix_external_login_staff_id", "external_login", ["staff_id"])


def downgrade() -> None:
    for table in ("external_login", "reset_code", "recovery_code", "factor_key", "second_factor", "sign_in"):
        op.drop_table(table)
    op.create_table(
        "sign_in",
        sa.Column("digest", text(64), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", text(64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        staff_of("sign_in"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in")),
    )
    op.create_index("ix_sign_in_staff_id", "sign_in", ["staff_id"])
