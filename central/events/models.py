"""Tables of the log. Rows are only ever added."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime

BIG = BigInteger().with_variant(Integer, "sqlite")


class Event(SQLModel, table=True):
    """One change. `hash` covers every other column; `prev` is the hash of the event before it in its stream."""

    __tablename__: ClassVar[str] = "event"
    __operational__: ClassVar[str] = "the log itself; its hashes are checked"
    __table_args__ = (Index("uq_event_stream_seq", "stream", "seq", unique=True),)

    id: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    stream: str = Field(max_length=80)
    seq: int
    kind: str = Field(max_length=60)
    at: datetime = Field(sa_type=UtcDateTime, description="when it happened")
    recorded_at: datetime = Field(sa_type=UtcDateTime, description="when the centre wrote it down")
    actor: str = Field(max_length=80)
    data: str = Field(
        sa_type=Text, description="canonical JSON: facts, and the row changes that happened with them"
    )
    prev: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Chain(SQLModel, table=True):
    """The head of one stream, so that the next event finds its predecessor without a search."""

    __tablename__: ClassVar[str] = "chain"
    __operational__: ClassVar[str] = "heads of the streams; compared with the last event of each"

    stream: str = Field(primary_key=True, max_length=80)
    seq: int
    hash: str = Field(max_length=64)


class Anchor(SQLModel, table=True):
    """One day's seal over all events since the last, signed, and written outside the database as well."""

    __tablename__: ClassVar[str] = "anchor"
    __operational__: ClassVar[str] = "chained, signed and compared with the files outside the database"

    day: date = Field(primary_key=True)
    from_id: int = Field(sa_type=BIG, description="first event covered")
    up_to_id: int = Field(sa_type=BIG, description="last event covered")
    events: int
    digest: str = Field(
        max_length=64, description="SHA-256 over the hashes of the covered events in the order of their ids"
    )
    prev: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    signature: str = Field(max_length=128)
    made_at: datetime = Field(sa_type=UtcDateTime)


class Cursor(SQLModel, table=True):
    """How far a reader of the log has come."""

    __tablename__: ClassVar[str] = "cursor"
    __operational__: ClassVar[str] = "a reader's place; losing it repeats work, never changes facts"

    reader: str = Field(primary_key=True, max_length=60)
    event_id: int = Field(sa_type=BIG)
