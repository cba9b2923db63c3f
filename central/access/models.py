"""The looks as rows, for pages and filters; and the reasons given for looking outside one's own work."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.events.models import BIG
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

#: Looks after which something is outside the system.
TAKEN_AWAY = "look IN ('exported', 'printed', 'downloaded')"


class Look(StrEnum):
    """What somebody did to see a petition."""

    OPENED = "opened"
    LISTED = "listed"
    SEARCHED = "searched"
    EXPORTED = "exported"
    PRINTED = "printed"
    DOWNLOADED = "downloaded"


class AccessEntry(SQLModel, table=True):
    """One look at one petition, or at one list. The event it was made from has the same id; `place` counts within the event.

    Pages of the log are index reads from the newest down, for a petition, a person, a court, or what was taken away.
    """

    __tablename__: ClassVar[str] = "access_entry"
    __operational__: ClassVar[str] = "made from the events of access and compared with them by `verify`"
    __table_args__ = (
        Index("ix_access_entry_newest", "at", "event_id", "place"),
        Index(
            "ix_access_entry_petition",
            "petition_id",
            "at",
            "event_id",
            sqlite_where=text("petition_id IS NOT NULL"),
            postgresql_where=text("petition_id IS NOT NULL"),
        ),
        Index("ix_access_entry_person", "staff_id", "at", "event_id", "place"),
        Index("ix_access_entry_court", "court", "at", "event_id", "place"),
        Index(
            "ix_access_entry_taken_away",
            "at",
            "event_id",
            "place",
            sqlite_where=text(TAKEN_AWAY),
            postgresql_where=text(TAKEN_AWAY),
        ),
    )

    event_id: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    place: int = Field(default=0, primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    look: str = Field(max_length=12)
    what: str = Field(max_length=20, description="which page or answer")
    via: str = Field(max_length=10)
    staff_id: UUID | None = None
    role: str = Field(max_length=20)
    court: str = Field(default="", max_length=12, description="code of the court of the one who looked")
    petition_id: UUID | None = None
    count: int = Field(default=1, description="petitions shown")
    why: str | None = Field(default=None, max_length=20)
    reason_id: UUID | None = None


class AccessReason(Sealing, Journaled, table=True):
    """Why a person looks at a petition that is not their own work; holds until `until`."""

    __tablename__: ClassVar[str] = "access_reason"
    __journal__: ClassVar[tuple[str, str]] = ("access", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_access_reason_petition_staff", "petition_id", "staff_id", "until"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    staff_id: UUID = Field(foreign_key="staff.id")
    why: str = Field(max_length=20)
    text: str = Field(sa_type=SealedText, sa_column_kwargs={"info": {"sensitive": True}})
    at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
