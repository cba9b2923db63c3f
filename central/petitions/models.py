"""Petitions and what belongs to them, as rows. Texts are kept as received; pages show them cleaned."""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.deadlines.kinds import FIRST_VERSION, PetitionKind
from central.events.journal import Journaled, from_before
from central.petitions.invariants import INVARIANTS
from central.vault.columns import SealedText
from central.vault.rows import NOT_LOGGED, KeyOwner, Sealing, index_of
from shared.ids import new_id

SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_PETITION = ("petition", "petition_id")


def new_salt() -> str:
    """Return a fresh salt for the digests of a row's sensitive columns."""
    return secrets.token_hex(16)


class Channel(StrEnum):
    """By which way a petition came in."""

    LETTER = "letter"
    VISIT = "visit"
    ONLINE = "online"
    PHONE = "phone"
    REFERRAL = "referral"


class TellBy(StrEnum):
    """By which short way the petitioner wants to be told that there is news. Without any, nothing is sent."""

    SMS = "sms"
    MAIL = "mail"


class ReplyBy(StrEnum):
    """How the petitioner wants to get the answer itself; post, a visit and a call are done by people."""

    PORTAL = "portal"
    POST = "post"
    IN_PERSON = "in_person"
    PHONE = "phone"


class PersonRole(StrEnum):
    """In what part a further person stands beside the petitioner."""

    #: Chosen by a group that petitions together; five at most (Regulation art. 20).
    REPRESENTATIVE = "representative"
    #: Of a minor, or of somebody who cannot act alone (Civil Code arts 23, 34).
    GUARDIAN = "guardian"
    #: Acts for the petitioner under an authority in writing.
    AGENT = "agent"


class Petition(KeyOwner, Journaled, table=True):
    """One letter, visit, submission, call or referral.

    `next_*` say what happens next, who does it (a named person, or the desk of `next_role` in the court that has custody)
    and by when; they are derived from state and clocks at each act and kept so that worklists are one index read.
    """

    __tablename__: ClassVar[str] = "petition"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "id")
    __table_args__ = (
        Index("ix_petition_court_newest", "court_id", "received_at", "id"),
        Index("ix_petition_newest", "received_at", "id"),
        Index(
            "ix_petition_gone_newest",
            "origin_court_id",
            "received_at",
            "id",
            sqlite_where=text("origin_court_id <> court_id"),
            postgresql_where=text("origin_court_id <> court_id"),
        ),
        Index(
            "ix_petition_party_newest",
            "party_court_id",
            "received_at",
            "id",
            sqlite_where=text("party_court_id IS NOT NULL"),
            postgresql_where=text("party_court_id IS NOT NULL"),
        ),
        Index(
            "ix_petition_person_due",
            "next_person_id",
            "next_due_on",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_petition_court_due",
            "court_id",
            "next_due_on",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_petition_due",
            "next_due_on",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_petition_act_due",
            "next_act",
            "court_id",
            "next_due_on",
            "id",
            sqlite_where=text("is_open = 1"),
            postgresql_where=text("is_open"),
        ),
        Index(
            "ix_petition_desk_due",
            "court_id",
            "next_role",
            "next_due_on",
            "id",
            sqlite_where=text("is_open = 1 AND next_person_id IS NULL"),
            postgresql_where=text("is_open AND next_person_id IS NULL"),
        ),
        Index(
            "ix_petition_department_newest",
            "department_id",
            "received_at",
            "id",
            sqlite_where=text("department_id IS NOT NULL"),
            postgresql_where=text("department_id IS NOT NULL"),
        ),
        Index(
            "ix_petition_to_deliver",
            "court_id",
            "next_due_on",
            "id",
            sqlite_where=text("is_open = 1 AND next_act = 'record_delivery'"),
            postgresql_where=text("is_open AND next_act = 'record_delivery'"),
        ),
        Index(
            "ix_petition_merged",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
        Index("ix_petition_court_state", "court_id", "state"),
        Index(
            "ix_petition_ended",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL AND erased_at IS NULL"),
            postgresql_where=text("closed_at IS NOT NULL AND erased_at IS NULL"),
        ),
        *(
            Index(
                f"ix_petition_broken_{each.key}",
                "court_id",
                sqlite_where=text(each.condition),
                postgresql_where=text(each.condition),
            )
            for each in INVARIANTS
            if each.condition
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key_id: UUID = Field(
        default=None, sa_column_kwargs=NOT_LOGGED, description="data key of all that belongs to it"
    )
    number: str = Field(max_length=40, unique=True)
    court_id: UUID = Field(foreign_key="court.id", description="court that has custody")
    origin_court_id: UUID = Field(foreign_key="court.id", description="court that registered it")
    sent_from_court_id: UUID | None = Field(
        default=None, foreign_key="court.id", description="last sender, while it may be returned"
    )
    party_court_id: UUID | None = Field(
        default=None,
        description="court that sees it for its part in a review: the one below while it runs, the one above after it",
    )
    channel: str = Field(max_length=12)
    kind: str = Field(
        default=PetitionKind.GENERAL.value,
        max_length=20,
        sa_column_kwargs=from_before(value=PetitionKind.GENERAL.value),
        description="what it is about, as far as that picks the rules (`PetitionKind`)",
    )
    rules_version: str = Field(
        default=FIRST_VERSION,
        max_length=100,
        sa_column_kwargs=from_before(value=FIRST_VERSION),
        description="the rule set under which it began, and stays",
    )
    extension_rule: str | None = Field(
        default=None,
        max_length=40,
        description="period for which an extension was asked, until it is decided",
    )
    extension_days: int | None = Field(default=None, description="days asked for")
    received_at: datetime = Field(sa_type=UtcDateTime)
    registered_at: datetime = Field(sa_type=UtcDateTime)
    registered_by: UUID | None = Field(default=None, foreign_key="staff.id")
    confirmed_at: datetime | None = Field(
        default=None,
        sa_type=UtcDateTime,
        description="a clerk typed it, and the visitor confirmed it on a screen of their own",
    )
    subject: str = Field(max_length=200, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    text: str = Field(description="exactly as received", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    referred_by: str | None = Field(default=None, max_length=100)
    urgent: bool = False
    state: str = Field(max_length=24)
    is_open: bool = True
    handler_id: UUID | None = Field(default=None, foreign_key="staff.id")
    leader_id: UUID | None = Field(default=None, foreign_key="staff.id")
    approver_id: UUID | None = Field(
        default=None,
        description="whose step of the approval it is, where the court set a chain; None: the leader's",
    )
    department_id: UUID | None = Field(default=None, foreign_key="department.id")
    next_act: str | None = Field(default=None, max_length=24)
    next_role: str | None = Field(default=None, max_length=20)
    next_person_id: UUID | None = Field(default=None, foreign_key="staff.id")
    next_rule: str | None = Field(default=None, max_length=40)
    next_due_on: date | None = None
    acknowledged_on: date | None = Field(default=None, description="procedural reply sent")
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    delivered_on: date | None = None
    attempts: int = 0
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    erased_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="its content was erased by the schedule of keeping"
    )
    excuse: str | None = Field(default=None, max_length=20)
    undecided: bool = Field(
        default=False,
        sa_column_kwargs=from_before(value=False),
        description="the petitioner is not satisfied, and the third person has not decided yet",
    )
    caller_id: UUID | None = Field(
        default=None, description="member of staff who took the call that waits for a decision"
    )
    decider_id: UUID | None = Field(default=None, description="the third person who decides, while undecided")
    merged_into_id: UUID | None = Field(default=None, foreign_key="petition.id")
    imported: bool = False
    import_key: str | None = Field(default=None, max_length=64, unique=True)
    code_hash: str | None = Field(default=None, max_length=200, sa_column_kwargs=SENSITIVE)
    version: int = Field(
        default=0, description="counts the acts; a form made for an older version is not carried out"
    )
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class Petitioner(Sealing, Journaled, table=True):
    """Who petitions, as far as known. Everything here is sensitive."""

    __tablename__: ClassVar[str] = "petitioner"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION

    petition_id: UUID = Field(primary_key=True, foreign_key="petition.id")
    name: str | None = Field(default=None, max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    phone: str | None = Field(default=None, max_length=25, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    address: str | None = Field(default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    id_kind: str | None = Field(
        default=None,
        max_length=20,
        description="kind of paper the number is of: `petitions.papers.Paper`",
        sa_type=SealedText,
        sa_column_kwargs=SENSITIVE,
    )
    id_number: str | None = Field(default=None, max_length=40, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    #: Keyed indexes for equality search: equal numbers look equal in them, and nothing more.
    phone_index: str | None = Field(
        default=None, max_length=20, index=True, sa_column_kwargs=index_of("phone")
    )
    id_number_index: str | None = Field(
        default=None, max_length=20, index=True, sa_column_kwargs=index_of("id_number")
    )
    group_size: int = 1
    mail: str | None = Field(default=None, max_length=200, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    tell_by: str | None = Field(
        default=None,
        max_length=20,
        description="`TellBy` with commas; empty: wants none; None: was not asked",
    )
    told_since: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="when the petitioner agreed to be told by `tell_by`"
    )
    reply_by: str | None = Field(
        default=None, max_length=12, description="`ReplyBy`, if the petitioner chose"
    )
    language: str | None = Field(
        default=None, max_length=2, description="`zh` or `en`, of what is sent to the petitioner"
    )
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class PetitionPerson(Sealing, Journaled, table=True):
    """Somebody beside the petitioner: a representative of the group, a guardian, an agent. Everything here is sensitive."""

    __tablename__: ClassVar[str] = "petition_person"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("uq_petition_person_number", "petition_id", "number", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    number: int = Field(description="counts within the petition, from 1")
    role: str = Field(max_length=16, description="`PersonRole`")
    name: str = Field(max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    phone: str | None = Field(default=None, max_length=25, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    address: str | None = Field(default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    id_number: str | None = Field(default=None, max_length=40, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    bond: str | None = Field(
        default=None,
        max_length=200,
        sa_type=SealedText,
        sa_column_kwargs=SENSITIVE,
        description="what a guardian is to the ward, or what an agent may do",
    )
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class Demand(Sealing, Journaled, table=True):
    """One numbered request of a petition. The reply answers each (Regulation art. 32)."""

    __tablename__: ClassVar[str] = "demand"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("uq_demand_petition_number", "petition_id", "number", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    number: int
    text: str = Field(max_length=2000, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    answered: bool = Field(default=False, description="the present draft has an outcome for it")
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class Assignment(Journaled, table=True):
    """Who has or had the petition, as handler or responsible leader; the handler of the first letter stays findable."""

    __tablename__: ClassVar[str] = "assignment"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("ix_assignment_staff_petition", "staff_id", "petition_id"),
        Index("ix_assignment_petition_id", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    staff_id: UUID = Field(foreign_key="staff.id")
    role: str = Field(max_length=20)
    since: datetime = Field(sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Note(Sealing, Journaled, table=True):
    """Free words that went with an act: ground of a refusal, remark of a leader, text of a notice, how an attempt failed.

    They stay out of the event, which is for ever; the event holds their digest.
    """

    __tablename__: ClassVar[str] = "note"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_note_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    act: str = Field(max_length=24)
    at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    #: Words that the petitioner reads as well.
    public: bool = False
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
