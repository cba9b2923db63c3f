"""What is shown of the drills of halls."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.models import BIG
from central.halls.models import BOX_ID_LENGTH


class BoxDrill(SQLModel, table=True):
    """The last drill that was ordered of a box, and the last that it held. `document` is empty once nothing lies at the broker."""

    __tablename__: ClassVar[str] = "box_drill"
    __operational__: ClassVar[str] = (
        "what is shown of a drill; order, beginning and end are events of the hall"
    )

    box_id: str = Field(primary_key=True, foreign_key="hall_box.id", max_length=BOX_ID_LENGTH)
    court_id: UUID = Field(foreign_key="court.id", index=True)
    serial: int = Field(default=0, sa_type=BIG)
    minutes: int = Field(default=0, description="0: its end was ordered")
    asked_by: str = Field(default="", max_length=100)
    asked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    good_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: str = Field(default="", sa_type=Text)
    drill_id: UUID | None = None
    begun_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_why: str = Field(default="", max_length=10)
