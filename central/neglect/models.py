"""What was learnt, and how well it did, as data."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from shared.ids import new_id


class NeglectModel(SQLModel, table=True):
    """One training. The newest counts; `in_force` says whether it beats the share of time used by the margins set."""

    __tablename__: ClassVar[str] = "neglect_model"
    __operational__: ClassVar[str] = "learnt from the log and rows anew every week; decides nothing by itself"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)
    until: date
    examples: int
    petitions: int
    in_force: bool
    content: dict[str, Any] = Field(sa_type=JSON)
