"""What petitions were sorted as, and the versions of what was learned from it, as rows."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from shared.ids import new_id

_IN_FORCE = text("in_force_since IS NOT NULL AND in_force_until IS NULL")


class PetitionCategory(Journaled, table=True):
    """The category of a petition, as chosen last, beside what had been proposed before anybody chose.

    The proposal is that of the first choice and stays: whoever corrects the category later was answered by a model that knew the choice.
    """

    __tablename__: ClassVar[str] = "petition_category"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_petition_category_month", "month", "petition_id"),)

    petition_id: UUID = Field(primary_key=True, foreign_key="petition.id")
    scheme: str = Field(max_length=20, description="version of the scheme that the code is of")
    code: str = Field(max_length=6)
    first_at: datetime = Field(
        sa_type=UtcDateTime, description="when it was chosen, or came in with a ledger, for the first time"
    )
    month: str = Field(
        max_length=7,
        description="`2026-11`: the month of the first choice, by which it is counted; of a ledger's row, that it is of",
    )
    at: datetime = Field(sa_type=UtcDateTime)
    by_id: UUID | None = Field(default=None, foreign_key="staff.id")
    proposed: str | None = Field(
        default=None,
        max_length=6,
        description="as deep as it was sure; None: it was silent, or nothing was learned",
    )
    percent: int | None = Field(default=None, description="chance of what was proposed, in hundredths")
    model_id: UUID | None = Field(default=None, description="version that proposed, or was silent")
    seen: bool = Field(default=False, description="the proposal stood before the one who chose")


class TemplateUse(SQLModel, table=True):
    """How many answers of a court and category were written from a template in the last year. As many rows as there are such pairs."""

    __tablename__: ClassVar[str] = "template_use"
    __operational__: ClassVar[str] = "counts of issued replies, made anew from them every day"

    category: str = Field(primary_key=True, max_length=6)
    court_id: UUID = Field(primary_key=True, foreign_key="court.id")
    outcome: str = Field(
        primary_key=True, max_length=20, description="of the demand; '' for the letter as a whole"
    )
    key: str = Field(primary_key=True, max_length=40, description="of the template; '' counts all answers")
    uses: int


class SortingModel(Journaled, table=True):
    """One version of what was learned. Its weights lie sealed below `sorting/` of the data folder; it holds numbers alone."""

    __tablename__: ClassVar[str] = "sorting_model"
    __journal__: ClassVar[tuple[str, str]] = ("sorting", "line")
    __table_args__ = (
        Index(
            "uq_sorting_model_in_force",
            "line",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True, description="1, 2, 3 ...: how people call it")
    line: int = Field(
        default=1, description="all versions stand in one line, of which one at most is in force"
    )
    scheme: str = Field(max_length=20)
    made_at: datetime = Field(sa_type=UtcDateTime)
    decisions: int = Field(description="chosen categories it learned from")
    labels: int
    figures: str = Field(
        sa_type=Text, description="JSON: how it did, cross-validated and on what was held out (`work`)"
    )
    in_force_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    in_force_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    in_force_by: UUID | None = Field(default=None, foreign_key="staff.id", description="None: the job")
    kept_out: str | None = Field(
        default=None, max_length=20, description="why it did not take effect by itself"
    )
