"""Accounts, sessions, tokens and the counters that slow guessing down."""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

SENSITIVE = {"info": {"sensitive": True}}


class Staff(Journaled, table=True):
    """A member of staff of one court. `roles` are role codes joined by commas, in alphabetical order."""

    __tablename__: ClassVar[str] = "staff"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    username: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=100)
    name_en: str = Field(default="", max_length=100)
    court_id: UUID = Field(foreign_key="court.id", index=True)
    department_id: UUID | None = Field(default=None, foreign_key="department.id")
    roles: str = Field(max_length=120)
    active: bool = True
    #: Whether there are rows in `role_grant`: the others are spared the look. None, as before there were grants, is no.
    has_grants: bool | None = None
    #: Whether there are rows in `stand_in` that name the person: the others are spared the look.
    has_stood_in: bool | None = None
    password_hash: str = Field(max_length=200, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32)


class RoleGrant(Journaled, table=True):
    """A role beyond those at home: over another court, over the courts below it, or over one department."""

    __tablename__: ClassVar[str] = "role_grant"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "staff_id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    role: str = Field(max_length=20)
    court_id: UUID = Field(foreign_key="court.id", index=True)
    below: bool = False
    department_id: UUID | None = Field(default=None, foreign_key="department.id")
    granted_by: UUID | None = Field(default=None, foreign_key="staff.id")
    granted_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StandIn(Journaled, table=True):
    """Who approves in somebody's place, from one day to another, both included. It ends by itself, or at `ended_at`."""

    __tablename__: ClassVar[str] = "stand_in"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "stand_in_id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True, description="who is away")
    stand_in_id: UUID = Field(foreign_key="staff.id", index=True)
    from_on: date
    until_on: date
    named_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiToken(Journaled, table=True):
    """A program's key to the API, acting as a member of staff. Only a digest of the random text is kept."""

    __tablename__: ClassVar[str] = "api_token"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "staff_id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    label: str = Field(max_length=100)
    digest: str = Field(max_length=64, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Stage(StrEnum):
    """How far a person has come in signing in."""

    #: The password was right, the second factor is awaited.
    SECOND = "second"
    #: Signed in, but the role asks for a second factor and there is none yet: only enrolment is open.
    ENROL = "enrol"
    #: Signed in.
    FULL = "full"


class SignIn(SQLModel, table=True):
    """A signed-in browser. The cookie holds a random id; the row its digest. `id` names the row on pages."""

    __tablename__: ClassVar[str] = "sign_in"
    __operational__: ClassVar[str] = "ends by itself; beginning and end are events of the staff's stream"

    digest: str = Field(primary_key=True, max_length=64)
    id: UUID = Field(default_factory=new_id, unique=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    stage: str = Field(default=Stage.FULL, max_length=10)
    method: str = Field(default="password", max_length=40, description="how: password+totp and the like")
    csrf: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    proved_at: datetime = Field(sa_type=UtcDateTime, description="when the person last proved who they are")
    address: str = Field(default="", max_length=45)
    browser: str = Field(default="", max_length=200)
    challenge: str = Field(
        default="", max_length=400, description="what a passkey is to sign, or a secret being enrolled"
    )


class SecondFactor(Journaled, table=True):
    """A second factor of a member of staff: an authenticator app (`totp`) or a passkey. Its keys stand in `factor_key`."""

    __tablename__: ClassVar[str] = "second_factor"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "staff_id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    kind: str = Field(max_length=10)
    label: str = Field(max_length=60)
    created_at: datetime = Field(sa_type=UtcDateTime)
    digest: str = Field(
        max_length=64, description="of the public key of a passkey: a swapped one is found out"
    )


class FactorKey(SQLModel, table=True):
    """What a second factor is checked with, and how far it was used."""

    __tablename__: ClassVar[str] = "factor_key"
    __operational__: ClassVar[str] = "counters change with every use; the factor itself is in the log"

    factor_id: UUID = Field(primary_key=True, foreign_key="second_factor.id")
    credential: str | None = Field(
        default=None, max_length=1400, unique=True, description="id of a passkey, base64url"
    )
    content: bytes = Field(description="public key of a passkey; sealed secret of an authenticator app")
    counter: int = Field(
        default=0, description="signatures of a passkey; last time step of an app", sa_type=BigInteger
    )
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """One of ten codes on paper that stand in for a lost second factor, once."""

    __tablename__: ClassVar[str] = "recovery_code"
    __operational__: ClassVar[str] = "making and using codes are events of the staff's stream"

    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    number: int = Field(primary_key=True)
    code_hash: str = Field(max_length=400)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ResetCode(SQLModel, table=True):
    """The one-time code with which a person sets a password they choose. One at a time; gone once used."""

    __tablename__: ClassVar[str] = "reset_code"
    __operational__: ClassVar[str] = "lapses within the hour; issue and use are events of the staff's stream"

    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    code_hash: str = Field(max_length=200)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ExternalLogin(Journaled, table=True):
    """An account at the provider of single sign-on that signs in as a member of staff here."""

    __tablename__: ClassVar[str] = "external_login"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "staff_id")
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    issuer: str = Field(max_length=300)
    subject: str = Field(max_length=255)
    linked_at: datetime = Field(sa_type=UtcDateTime)


class Guess(SQLModel, table=True):
    """Wrong guesses at one password or receipt code within one window of time."""

    __tablename__: ClassVar[str] = "guess"
    __operational__: ClassVar[str] = "a counter that lapses with its window"

    key: str = Field(primary_key=True, max_length=64, description="digest of what is guessed at")
    window_start: datetime = Field(sa_type=UtcDateTime)
    count: int


class PushDevice(Sealing, Journaled, table=True):
    """A browser on which a member of staff allowed notifications. Once that has ended nothing is kept by which to reach it."""

    __tablename__: ClassVar[str] = "push_device"
    __journal__: ClassVar[tuple[str, str]] = ("staff", "staff_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "push")
    __table_args__ = (
        Index(
            "uq_push_device_digest",
            "digest",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_push_device_staff",
            "staff_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    digest: str = Field(max_length=64, description="of the address: the page knows its own device by it")
    endpoint: str = Field(max_length=1000, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    p256dh: str = Field(max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    auth: str = Field(max_length=40, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    lang: str = Field(max_length=5)
    allowed_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_why: str = Field(default="", max_length=12)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
