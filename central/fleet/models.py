"""Groups of boxes, editions of settings, log lines on demand. Nothing here names a visitor."""

import json
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.events.models import BIG
from central.halls.models import BOX_ID_LENGTH, SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_HALL = ("hall", "court_id")


class BoxGroup(Journaled, table=True):
    """A group of boxes. `place` says when its turn is: lower ones first, boxes in no group last."""

    __tablename__: ClassVar[str] = "box_group"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id", description="the court that keeps the boxes")
    name: str = Field(max_length=40)
    place: int


class BoxMember(Journaled, table=True):
    """A box in a group. A box without a row is in none."""

    __tablename__: ClassVar[str] = "box_member"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    court_id: UUID = Field(foreign_key="court.id")
    group_id: UUID | None = Field(default=None, foreign_key="box_group.id", index=True)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class SettingsEdition(Journaled, table=True):
    """One edition of settings, as people know it by its number. Editions are never changed: going back is a new one."""

    __tablename__: ClassVar[str] = "settings_edition"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id", description="the court that keeps the boxes")
    number: int = Field(unique=True)
    written: str = Field(sa_type=Text, description="canonical JSON: `HallSettings`, what is set alone")
    group_id: UUID | None = Field(default=None, foreign_key="box_group.id", description="empty: for all")
    hold_minutes: int
    note: str = Field(default="", max_length=200)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    status: str = Field(max_length=12)
    place: int = Field(description="boxes up to this place get it")
    changed_at: datetime = Field(sa_type=UtcDateTime, description="when it reached place and status")
    reason: str = Field(default="", max_length=20, description="why it was stopped")
    reason_box: str = Field(default="", max_length=BOX_ID_LENGTH)

    @property
    def content(self) -> dict[str, Any]:
        """What is set, by name."""
        found: dict[str, Any] = json.loads(self.written)
        return found


class BoxLog(Sealing, SQLModel, table=True):
    """The last question for a box's log lines, and its answer. `document` is empty once nothing lies at the broker for it."""

    __tablename__: ClassVar[str] = "box_log"
    __operational__: ClassVar[str] = "gone after a day; who asked, answered and read are events of the hall"
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "halls")

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    court_id: UUID = Field(foreign_key="court.id")
    serial: int = Field(sa_type=BIG, description="the highest ever issued")
    ask_id: UUID
    lines: int
    asked_at: datetime = Field(sa_type=UtcDateTime)
    asked_by: str = Field(max_length=100)
    good_until: datetime = Field(sa_type=UtcDateTime)
    document: str = Field(default="", sa_type=Text)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="when the box began to keep lines"
    )
    got: int = 0
    content: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
