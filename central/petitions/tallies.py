"""What is counted of petitions, as rows: the last number given at a court, and what the nightly check found."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.rows import NOT_LOGGED
from shared.ids import new_id


class Numbering(SQLModel, table=True):
    """The last serial number given in a court and year. `verify` finds a number that was given and is gone."""

    __tablename__: ClassVar[str] = "numbering"
    __operational__: ClassVar[str] = (
        "compared with the petitions themselves by `petitions.service.check_numbers`"
    )

    court_id: UUID = Field(primary_key=True, foreign_key="court.id")
    year: int = Field(primary_key=True)
    last: int


class InvariantCheck(SQLModel, table=True):
    """What the nightly check counted. `court_id` is empty for what concerns the whole province."""

    __tablename__: ClassVar[str] = "invariant_check"
    __operational__: ClassVar[str] = "a measurement, made again every night"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    day: date = Field(index=True)
    number: int
    court_id: UUID | None = Field(default=None, foreign_key="court.id")
    count: int
    checked_at: datetime = Field(sa_type=UtcDateTime)


class VoidNumber(Journaled, table=True):
    """A receipt number whose petition came in by an import that was undone: it is not given again, and its gap is accounted for."""

    __tablename__: ClassVar[str] = "void_number"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_void_number_import_id", "import_id"),)

    petition_id: UUID = Field(primary_key=True)
    number: str = Field(max_length=40, unique=True)
    import_id: UUID = Field(foreign_key="ledger_import.id")
    undone_at: datetime = Field(sa_type=UtcDateTime)
    key_id: UUID | None = Field(
        default=None, sa_column_kwargs=NOT_LOGGED, description="until it is destroyed"
    )
