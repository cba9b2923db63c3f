"""Conflicts of members of staff and of units of courts with one petition. Never about those who petition."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from shared.ids import new_id


class Ground(StrEnum):
    """Why somebody must keep away (Regulation on Petition Work arts 28 and 30)."""

    #: Named in the petition as complained about (art. 30: the material never reaches the accused).
    ACCUSED = "accused"
    #: Tried, enforced or handled the underlying case (art. 28: direct interest).
    HANDLED = "handled"
    #: Declared by the person: kinship, friendship, any other interest (art. 28).
    DECLARED = "declared"


class StaffConflict(Journaled, table=True):
    """One person, department or court that a petition is kept from. Exactly one of the three ids is set.

    `line_*` say whose leaders keep away as well: those of that court who lead the department (or the whole court).
    """

    __tablename__: ClassVar[str] = "staff_conflict"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_staff_conflict_petition_id", "petition_id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    department_id: UUID | None = Field(default=None, foreign_key="department.id")
    court_id: UUID | None = Field(default=None, foreign_key="court.id")
    line_court_id: UUID | None = Field(default=None, foreign_key="court.id")
    line_department_id: UUID | None = Field(default=None, foreign_key="department.id")
    ground: str = Field(max_length=12)
    declared_by: UUID | None = Field(default=None, foreign_key="staff.id")
    declared_at: datetime = Field(sa_type=UtcDateTime)
