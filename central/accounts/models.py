"""Accounts, sessions, tokens and the counters that slow guessing down."""

import secrets
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
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
    password_hash: str = Field(max_length=200, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32)


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


class SignIn(SQLModel, table=True):
    """A signed-in browser. The cookie holds a random id; the row its digest."""

    __tablename__: ClassVar[str] = "sign_in"
    __operational__: ClassVar[str] = "ends by itself; sign-ins become part of the access log later"

    digest: str = Field(primary_key=True, max_length=64)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    csrf: str = Field(max_length=64)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Guess(SQLModel, table=True):
    """Wrong guesses at one password or receipt code within one window of time."""

    __tablename__: ClassVar[str] = "guess"
    __operational__: ClassVar[str] = "a counter that lapses with its window"

    key: str = Field(primary_key=True, max_length=64, description="digest of what is guessed at")
    window_start: datetime = Field(sa_type=UtcDateTime)
    count: int
