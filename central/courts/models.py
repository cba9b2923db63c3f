"""Courts and departments as rows."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field

from central.events.journal import Journaled
from shared.ids import new_id


class Court(Journaled, table=True):
    """One court. `path` is `/辽/辽01/辽0102/`: whoever's path is a prefix stands above."""

    __tablename__: ClassVar[str] = "court"
    __journal__: ClassVar[tuple[str, str]] = ("court", "id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    code: str = Field(max_length=12, unique=True)
    name: str = Field(max_length=60)
    name_en: str = Field(max_length=120)
    level: str = Field(max_length=20)
    parent_id: UUID | None = Field(default=None, foreign_key="court.id", index=True)
    path: str = Field(max_length=80, index=True)
    latin: str = Field(max_length=12, unique=True, description="prefix of the names of its hall boxes")
    area_code: str | None = Field(default=None, max_length=6)
    valid_from: date
    confirmed: bool = Field(description="a published document shows this code")
    source: str = Field(default="", max_length=200)


class Department(Journaled, table=True):
    """A division of a court."""

    __tablename__: ClassVar[str] = "department"
    __journal__: ClassVar[tuple[str, str]] = ("court", "court_id")

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id", index=True)
    code: str = Field(max_length=40)
    name: str = Field(max_length=60)
    name_en: str = Field(max_length=120)
