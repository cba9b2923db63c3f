"""What was simulated here, and how far it came. A database with such a row holds made-up petitions alone."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from central.db import UtcDateTime


class Simulation(SQLModel, table=True):
    """The one plan that fills this installation."""

    __tablename__: ClassVar[str] = "simulation"
    __operational__: ClassVar[str] = (
        "says how the made-up rows came about; the rows themselves are in the log"
    )

    id: int = Field(default=1, primary_key=True)
    seed: str = Field(max_length=60)
    digest: str = Field(max_length=64, description="of everything that decides the rows")
    courts: int
    first: date
    last: date
    planned: int
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SimulationPart(SQLModel, table=True):
    """How many petitions of one court are written, counted in the transaction that writes them."""

    __tablename__: ClassVar[str] = "simulation_part"
    __operational__: ClassVar[str] = "a place in the work, so that a second run goes on from there"

    court: str = Field(primary_key=True, max_length=12)
    planned: int
    done: int = 0
