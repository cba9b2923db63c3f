"""Replies, their answers to each demand, and what was done to deliver them."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")


class Outcome(StrEnum):
    """What the court says to one demand (Regulation art. 32), or that another procedure is open."""

    SUPPORT = "support"
    EXPLAIN = "explain"
    NOT_SUPPORT = "not_support"
    OTHER_PROCEDURE = "other_procedure"


class Method(StrEnum):
    """How a reply reached the petitioner."""

    PORTAL = "portal"
    POST = "post"
    IN_PERSON = "in_person"
    PHONE = "phone"
    #: Given before this system existed; known from a ledger.
    LEDGER = "ledger"


class Reply(Sealing, Journaled, table=True):
    """One round of answering. `status` is draft, submitted, approved or issued."""

    __tablename__: ClassVar[str] = "reply"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_reply_petition_round", "petition_id", "round", unique=True),
        Index("ix_reply_issued_at", "issued_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    round: int = 1
    status: str = Field(default="draft", max_length=12)
    text: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    drafted_by: UUID | None = Field(default=None, foreign_key="staff.id")
    approved_by: UUID | None = Field(default=None, foreign_key="staff.id")
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    issued_by: UUID | None = Field(default=None, foreign_key="staff.id")
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class ReplyItem(Sealing, Journaled, table=True):
    """The answer to one demand: outcome, facts and grounds, legal basis."""

    __tablename__: ClassVar[str] = "reply_item"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_reply_item_reply_demand", "reply_id", "demand_id", unique=True),
        Index("ix_reply_item_petition_id", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    reply_id: UUID = Field(foreign_key="reply.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    demand_id: UUID = Field(foreign_key="demand.id")
    outcome: str | None = Field(default=None, max_length=20)
    facts: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    basis: str = Field(default="", sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class ReplyEnclosure(Sealing, Journaled, table=True):
    """A file of the petition that goes out with a reply (附件), under the name that the letter prints.

    The petitioner gets the remade file, the one that staff see; its digest and pages stand in the signed letter.
    """

    __tablename__: ClassVar[str] = "reply_enclosure"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_reply_enclosure_document", "reply_id", "document_id", unique=True),
        Index("ix_reply_enclosure_petition_id", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    reply_id: UUID = Field(foreign_key="reply.id")
    document_id: UUID = Field(foreign_key="document.id")
    place: int = Field(description="counts from 1, as printed")
    name: str = Field(max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class DraftVersion(Sealing, Journaled, table=True):
    """A draft as somebody saved it, whole and for good. `content` is what `versions.content_of` writes: no version is ever changed."""

    __tablename__: ClassVar[str] = "draft_version"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_draft_version_number", "reply_id", "number", unique=True),
        Index("ix_draft_version_petition_id", "petition_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    reply_id: UUID = Field(foreign_key="reply.id")
    number: int
    at: datetime = Field(sa_type=UtcDateTime)
    by: UUID | None = Field(default=None, foreign_key="staff.id")
    content: str = Field(sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    submitted_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="when it last went to approval"
    )
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class Delivery(Sealing, Journaled, table=True):
    """Dated proof that the petitioner got the reply or notice; starts the review period (art. 35)."""

    __tablename__: ClassVar[str] = "delivery"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_delivery_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    method: str = Field(max_length=12)
    delivered_on: date
    proof: str = Field(default="", max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="the minute, where it is known"
    )
    receiver: str | None = Field(default=None, max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    receiver_as: str | None = Field(default=None, max_length=16, description="`delivery.rules.Receiver`")
    checked: str | None = Field(default=None, max_length=16, description="`delivery.rules.Checked`")
    unsigned: str | None = Field(default=None, max_length=16, description="`delivery.rules.Unsigned`")
    phone: str | None = Field(default=None, max_length=25, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    words: str | None = Field(default=None, max_length=2000, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    #: A PNG in base64: what was drawn at the window, an image of this act that nothing compares.
    picture: str | None = Field(default=None, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    recorded_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class DeliveryAttempt(Journaled, table=True):
    """A try to reach the petitioner that failed, with its coded result: the evidence behind an excuse. Words are a note."""

    __tablename__: ClassVar[str] = "delivery_attempt"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_delivery_attempt_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    at: datetime = Field(sa_type=UtcDateTime)
    method: str = Field(max_length=12)
    reason: str = Field(max_length=20)
    purpose: str | None = Field(
        default=None,
        max_length=20,
        description="what was to be told: `petitions.excuses.Purpose`; rows from before it was kept: the answer",
    )
    recorded_by: UUID | None = Field(default=None, foreign_key="staff.id")
