"""What is counted of petitions, as rows: the last number given at a court, and what the nightly check found."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
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
