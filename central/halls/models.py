"""What the centre knows of a hall, as rows. All of one hall's facts share the stream `hall/<court>`.

Nothing here names a visitor: a ticket is a number, an appointment knows at most the petition it is about.
"""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index, LargeBinary, Text, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.events.models import BIG
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_HALL = ("hall", "court_id")
#: A box id is `[a-z]{1,4}[0-9]{0,4}-[0-9]{1,3}`.
BOX_ID_LENGTH = 12


def new_salt() -> str:
    """Return a fresh salt for the digests of a row's sensitive columns."""
    return secrets.token_hex(16)


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    ABSENT = "absent"
    HELD = "held"
    WRONG = "wrong"


class HallBox(Journaled, table=True):
    """A hall box. `secret_hash` is in Mosquitto's own format, so that its password file can be written without the secret.

    It is empty for a box that has, or waits for, a certificate.
    """

    __tablename__: ClassVar[str] = "hall_box"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    id: str = Field(primary_key=True, max_length=BOX_ID_LENGTH)
    court_id: UUID = Field(foreign_key="court.id", index=True)
    secret_hash: str = Field(max_length=160, sa_column_kwargs=SENSITIVE)
    added_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=new_salt, max_length=32)


class BoxCode(Journaled, table=True):
    """A one-time code by which a machine becomes a box. Only the public half of the key that the code stands for is kept."""

    __tablename__: ClassVar[str] = "box_code"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    public: str = Field(primary_key=True, max_length=64, description="Ed25519, hexadecimal")
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", index=True, max_length=BOX_ID_LENGTH)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BoxCertificate(Journaled, table=True):
    """A certificate that a box got. Its key opens the line to the broker and signs what the box says there."""

    __tablename__: ClassVar[str] = "box_certificate"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    serial: str = Field(primary_key=True, max_length=40, description="hexadecimal, small letters")
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", index=True, max_length=BOX_ID_LENGTH)
    public_key: str = Field(max_length=64, description="Ed25519, hexadecimal")
    pem: str = Field(sa_type=Text)
    issued_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class HallDay(Journaled, table=True):
    """One day of one hall. `code_salt` is under the hashes of that day's typed codes, at the centre and in every box."""

    __tablename__: ClassVar[str] = "hall_day"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL

    court_id: UUID = Field(foreign_key="court.id", primary_key=True)
    day: date = Field(primary_key=True)
    code_salt: str = Field(default_factory=new_salt, max_length=32)


class Appointment(Journaled, table=True):
    """A time to come. The typed code is kept as a slow hash alone, the QR code not at all."""

    __tablename__: ClassVar[str] = "appointment"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __table_args__ = (Index("ix_appointment_court_day", "court_id", "day", "slot_start", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    petition_id: UUID | None = Field(default=None, foreign_key="petition.id", index=True)
    kind: str = Field(max_length=20)
    day: date = Field(description="the hall's day on which the slot begins")
    slot_start: datetime = Field(sa_type=UtcDateTime)
    slot_end: datetime = Field(sa_type=UtcDateTime)
    code_hash: str = Field(max_length=64, sa_column_kwargs=SENSITIVE)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=new_salt, max_length=32)


class Ticket(Journaled, table=True):
    """A number drawn in a hall. `appointment_id` is what the box reported; it is no proof that we made that appointment."""

    __tablename__: ClassVar[str] = "ticket"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __table_args__ = (Index("ix_ticket_court_day", "court_id", "day", "kind", "number"),)

    id: UUID = Field(primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    day: date
    kind: str = Field(max_length=20)
    number: int
    appointment_id: UUID | None = None
    status: str = Field(max_length=12)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    calls: int = 0
    counter: int | None = None
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AssistanceCall(Sealing, Journaled, table=True):
    """Somebody pressed the button. Who acknowledged and who closed it first stands here; later answers stand in the log."""

    __tablename__: ClassVar[str] = "assistance_call"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "halls")
    __table_args__ = (
        Index(
            "ix_assistance_call_open",
            "court_id",
            "raised_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_assistance_call_closed", "closed_at"),
    )

    id: UUID = Field(primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    place: str = Field(max_length=64)
    origin: str = Field(max_length=20)
    drill: bool = Field(default=False, description="raised in a drill: counts nowhere")
    raised_at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(max_length=12)
    acknowledged_by: str = Field(default="", max_length=100)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    circle: int = Field(default=1, description="1 the hall's own screens, 2 and 3 more people")
    closed_by: str = Field(default="", max_length=100)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str = Field(default="", max_length=200, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class RefusedEvent(Sealing, Journaled, table=True):
    """The tray: a message of a known box that could not be taken, whole, until a person has looked at it."""

    __tablename__: ClassVar[str] = "refused_event"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "halls")
    __table_args__ = (
        Index(
            "ix_refused_event_open",
            "court_id",
            "id",
            sqlite_where=text("treated_at IS NULL"),
            postgresql_where=text("treated_at IS NULL"),
        ),
        Index("uq_refused_event_box_digest", "box_id", "digest", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    event_id: UUID | None = None
    seq: int | None = Field(default=None, sa_type=BIG)
    digest: str = Field(
        max_length=64, description="SHA-256 of the message: the same one sent again is one row"
    )
    raw: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    reason: str = Field(max_length=40)
    received_at: datetime = Field(sa_type=UtcDateTime)
    treated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    treated_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    note: str = Field(default="", max_length=200, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class BoxPosition(SQLModel, table=True):
    """How far one journal of a box has been taken. A new store of the box is a new epoch."""

    __tablename__: ClassVar[str] = "box_position"
    __operational__: ClassVar[str] = "a place in the box's journal; the facts stand in the hall's events"

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    epoch: UUID = Field(primary_key=True)
    next_seq: int = Field(sa_type=BIG)
    last_at: datetime = Field(sa_type=UtcDateTime, description="when its last event was received")


class BoxEventSeen(SQLModel, table=True):
    """Ids of events taken: a box that saved its journal out of a damaged file sends them again under new numbers."""

    __tablename__: ClassVar[str] = "box_event_seen"
    __operational__: ClassVar[str] = "a guard against taking one event twice"

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    event_id: UUID = Field(primary_key=True)


class BoxPresence(SQLModel, table=True):
    """What a box last said of itself, or the broker in its place."""

    __tablename__: ClassVar[str] = "box_presence"
    __operational__: ClassVar[str] = "the present state of a line, overwritten"

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    online: bool
    software: str = Field(default="", max_length=40)
    waiting: int = 0
    parked: int = 0
    said_at: datetime = Field(sa_type=UtcDateTime, description="the box's own time")
    seen_at: datetime = Field(sa_type=UtcDateTime, description="the centre's time")
    clock_off: float | None = Field(default=None, description="seconds by which the box's clock is ahead")
    figures: str = Field(default="", max_length=2000, description="`wire.Figures`, as JSON")


class SlipVisit(Journaled, table=True):
    """A visit on a number printed in advance, keyed in afterwards: times as written on the slip, `keyed_at` the box's own."""

    __tablename__: ClassVar[str] = "slip_visit"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __table_args__ = (Index("ix_slip_visit_court", "court_id", "keyed_at", "id"),)

    id: UUID = Field(primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    number: int
    kind: str = Field(max_length=20)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    called_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime = Field(sa_type=UtcDateTime)
    counter: int
    status: str = Field(max_length=12, description="served or absent")
    by: str = Field(max_length=100)
    keyed_at: datetime = Field(sa_type=UtcDateTime)


class PaperBatch(SQLModel, table=True):
    """Pages kept at a counter, as the box announced them. `next_part`: every piece below it is here; `arrived_at`: all are."""

    __tablename__: ClassVar[str] = "paper_batch"
    __operational__: ClassVar[str] = "pages on their way; the hall's events say what became of them"
    __table_args__ = (Index("ix_paper_batch_arrived", "scan_id", "arrived_at"),)

    id: UUID = Field(primary_key=True)
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    court_id: UUID = Field(foreign_key="court.id")
    ticket: str = Field(default="", max_length=8)
    cover: str = Field(default="", max_length=64)
    pages: list[Any] = Field(sa_type=JSON, description="digest, sealed size, turn of each page")
    parts: int
    next_part: int = 0
    announced_at: datetime = Field(sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    scan_id: UUID | None = Field(default=None, description="what became of it")
    problem: str = Field(default="", max_length=60)
    counter: int = 0
    moved_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="when its last piece came"
    )
    spoiled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    say: bool = Field(default=False, description="its box is to be told how it stands")
    treated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PaperPart(SQLModel, table=True):
    """A piece of pages under way, as it came: sealed to the centre. Gone once the scan has them."""

    __tablename__: ClassVar[str] = "paper_part"
    __operational__: ClassVar[str] = "pieces of a sealed whole, deleted when it is put together"

    batch_id: UUID = Field(primary_key=True, foreign_key="paper_batch.id")
    number: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


class RosterIssue(SQLModel, table=True):
    """The newest signed roster of one box and day, kept so that publishing it again sends the same text."""

    __tablename__: ClassVar[str] = "roster_issue"
    __operational__: ClassVar[str] = "made anew from the appointments whenever it is missing or outdated"

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    day: date = Field(primary_key=True)
    serial: int = Field(sa_type=BIG)
    digest: str = Field(max_length=64, description="of the content without its serial")
    document: str = Field(sa_type=Text)


class BoxSettings(SQLModel, table=True):
    """Settings on their way to a box, and what it said of them. `document` is empty once there is nothing to tell it."""

    __tablename__: ClassVar[str] = "box_settings"
    __operational__: ClassVar[str] = "a paper under way, made anew; the facts stand in the hall's events"

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    serial: int = Field(default=0, sa_type=BIG, description="the highest ever issued")
    edition: int = Field(default=0, description="what was issued last")
    issued: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    document: str = Field(default="", sa_type=Text)
    good_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed_edition: int = 0
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    confirmed: dict[str, Any] | None = Field(
        default=None, sa_type=JSON, description="what is in force there; empty: not known here"
    )
    trying: bool = False
    refused_edition: int = 0
    refused_serial: int = Field(default=0, sa_type=BIG)
    refused_reason: str = Field(default="", max_length=40)
    refused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    above: int = Field(default=0, sa_type=BIG, description="the highest serial that the box ever took")
    wants_all: bool = False
    changed_at: datetime = Field(sa_type=UtcDateTime)


class ReceiptBlock(Journaled, table=True):
    """Numbers for receipts given to a box in advance; `serial` counts the blocks of a box, whatever machine it is."""

    __tablename__: ClassVar[str] = "receipt_block"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __table_args__ = (Index("uq_receipt_block_serial", "box_id", "serial", unique=True),)

    id: UUID = Field(primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    epoch: UUID = Field(description="journal of the box for which it is good")
    serial: int
    first: int
    last: int
    issued_at: datetime = Field(sa_type=UtcDateTime)


class PaperReceipt(Journaled, table=True):
    """A receipt that a counter gave for papers handed in, and the petition it turned out to be of."""

    __tablename__: ClassVar[str] = "paper_receipt"
    __journal__: ClassVar[tuple[str, str]] = _OF_HALL
    __table_args__ = (
        Index("uq_paper_receipt_number", "box_id", "number", unique=True),
        Index("ix_paper_receipt_court", "court_id", "given_at", "id"),
        Index("ix_paper_receipt_petition_id", "petition_id"),
    )

    id: UUID = Field(primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    box_id: str = Field(foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    number: int
    label: str = Field(max_length=24)
    given_at: datetime = Field(sa_type=UtcDateTime)
    counter: int
    by: str = Field(max_length=100)
    handed: str = Field(max_length=12)
    sheets: int
    ticket: str = Field(default="", max_length=8)
    petition_id: UUID | None = Field(default=None, foreign_key="petition.id")
    tied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tied_by_id: UUID | None = Field(default=None, foreign_key="staff.id")
