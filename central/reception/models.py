"""Reception days, bookings, records and promises as rows."""

import secrets
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.reception.rules import BookingState, DayState, PromiseState
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_PETITION = ("petition", "petition_id")
_STANDS = text("state <> 'called_off'")
_SEATED = text("state <> 'cancelled'")
_OPEN = text("state = 'open'")


def _salt() -> str:
    return secrets.token_hex(16)


class ReceptionDay(Journaled, table=True):
    """A leader receives visitors at a place, in slots of `slot_minutes` with `per_slot` visitors each. Published, it is for everybody."""

    __tablename__: ClassVar[str] = "reception_day"
    __journal__: ClassVar[tuple[str, str]] = ("reception", "id")
    __table_args__ = (
        Index("ix_reception_day_court", "court_id", "day", "id"),
        Index("ix_reception_day_state", "state", "day", "id"),
        Index(
            "uq_reception_day_leader",
            "leader_id",
            "opens_at",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    leader_id: UUID = Field(foreign_key="staff.id")
    day: date
    opens_at: datetime = Field(sa_type=UtcDateTime)
    closes_at: datetime = Field(sa_type=UtcDateTime)
    slot_minutes: int
    per_slot: int = 1
    place: str = Field(max_length=80, description="published: a room, never a person")
    state: str = Field(default=DayState.PLANNED, max_length=12)
    planned_by: UUID | None = Field(default=None, foreign_key="staff.id")
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ReceptionBooking(Sealing, Journaled, table=True):
    """Somebody comes into a slot. Name and phone stay only until the visit ends one way or the other."""

    __tablename__: ClassVar[str] = "reception_booking"
    __journal__: ClassVar[tuple[str, str]] = ("reception", "day_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "reception")
    __table_args__ = (
        Index(
            "uq_reception_booking_seat",
            "day_id",
            "seat",
            unique=True,
            sqlite_where=_SEATED,
            postgresql_where=_SEATED,
        ),
        Index("ix_reception_booking_day", "day_id"),
        Index("ix_reception_booking_petition", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    day_id: UUID = Field(foreign_key="reception_day.id")
    seat: int = Field(description="counted through the day: slot times visitors per slot, and on")
    slot_start: datetime = Field(sa_type=UtcDateTime)
    slot_end: datetime = Field(sa_type=UtcDateTime)
    appointment_id: UUID = Field(foreign_key="appointment.id")
    petition_id: UUID | None = Field(default=None, foreign_key="petition.id")
    name: str | None = Field(default=None, max_length=100, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    phone: str | None = Field(default=None, max_length=25, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    state: str = Field(default=BookingState.BOOKED, max_length=12)
    booked_at: datetime = Field(sa_type=UtcDateTime)
    booked_by: UUID | None = Field(default=None, foreign_key="staff.id")
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class ReceptionRecord(Sealing, Journaled, table=True):
    """What was asked and what was said when a leader received somebody about a petition."""

    __tablename__: ClassVar[str] = "reception_record"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_reception_record_petition", "petition_id"),
        Index("ix_reception_record_day", "day_id"),
        Index("uq_reception_record_booking", "booking_id", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    day_id: UUID = Field(foreign_key="reception_day.id")
    booking_id: UUID | None = Field(default=None, foreign_key="reception_booking.id")
    court_id: UUID = Field(foreign_key="court.id")
    leader_id: UUID = Field(foreign_key="staff.id")
    asked: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    said: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)


class ReceptionPromise(Sealing, Journaled, table=True):
    """What a leader promised a visitor: who does it, by when, and whether it was done."""

    __tablename__: ClassVar[str] = "reception_promise"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_reception_promise_petition", "petition_id"),
        Index("ix_reception_promise_court", "court_id", "state", "due_on", "id"),
        Index("ix_reception_promise_state", "state", "due_on", "id"),
        Index(
            "ix_reception_promise_person", "person_id", "due_on", sqlite_where=_OPEN, postgresql_where=_OPEN
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    record_id: UUID = Field(foreign_key="reception_record.id")
    court_id: UUID = Field(foreign_key="court.id")
    person_id: UUID = Field(foreign_key="staff.id", description="who does it")
    words: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    period: str = Field(max_length=20)
    periods_version: str = Field(max_length=20)
    made_on: date
    made_by: UUID | None = Field(default=None, foreign_key="staff.id")
    due_on: date
    state: str = Field(default=PromiseState.OPEN, max_length=12)
    noted_on: date | None = Field(default=None, description="day on which it was noted as late")
    proof: str | None = Field(default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    document_id: UUID | None = Field(default=None, foreign_key="document.id")
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=_salt, max_length=32, sa_type=SealedText)
