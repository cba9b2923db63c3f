"""Paper as rows: what came, where it lies now, and every hand-over."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")


def _where(sqlite: str, postgresql: str) -> dict[str, Any]:
    return {"sqlite_where": text(sqlite), "postgresql_where": text(postgresql)}


class Paper(Sealing, Journaled, table=True):
    """One letter or bundle: envelope, postmark, pages, whether originals are among them, and where it lies."""

    __tablename__: ClassVar[str] = "paper"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_paper_petition_number", "petition_id", "number", unique=True),
        Index("ix_paper_place", "court_id", "place_kind", "place", "id"),
        Index(
            "ix_paper_holder", "holder_id", "id", **_where("holder_id IS NOT NULL", "holder_id IS NOT NULL")
        ),
        Index(
            "ix_paper_to_return",
            "court_id",
            "arrived_on",
            "id",
            **_where("originals = 1 AND returned_on IS NULL", "originals AND returned_on IS NULL"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court that has the paper")
    number: int = Field(description="counted within the petition")
    code: str = Field(max_length=40, unique=True, description="on the cover sheet")
    arrived_on: date
    envelope: bool = False
    postmark_on: date | None = None
    postmark_place: str | None = Field(
        default=None, max_length=60, sa_type=SealedText, sa_column_kwargs=SENSITIVE
    )
    pages: int
    originals: bool = False
    what: str | None = Field(default=None, max_length=500, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    place_kind: str = Field(max_length=8)
    place: str | None = Field(default=None, max_length=60)
    holder_id: UUID | None = Field(default=None, foreign_key="staff.id")
    placed_at: datetime = Field(sa_type=UtcDateTime)
    returned_on: date | None = None
    returned_by: str | None = Field(default=None, max_length=12)
    returned_to: str | None = Field(
        default=None, max_length=100, sa_type=SealedText, sa_column_kwargs=SENSITIVE
    )
    returned_proof: str | None = Field(
        default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE
    )
    recorded_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class PaperMove(Sealing, Journaled, table=True):
    """One hand-over: from where to where, when, by whom, and why."""

    __tablename__: ClassVar[str] = "paper_move"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_paper_move_petition", "petition_id", "at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    paper_id: UUID = Field(foreign_key="paper.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    at: datetime = Field(sa_type=UtcDateTime)
    from_kind: str = Field(max_length=8)
    from_place: str | None = Field(default=None, max_length=60)
    from_holder_id: UUID | None = Field(default=None, foreign_key="staff.id")
    to_kind: str = Field(max_length=8)
    to_place: str | None = Field(default=None, max_length=60)
    to_holder_id: UUID | None = Field(default=None, foreign_key="staff.id")
    why: str = Field(max_length=300, sa_type=SealedText, sa_column_kwargs=SENSITIVE)
    moved_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)
