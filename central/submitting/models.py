"""What stands in the database before a petition does: files on their way, and what is written together in a hall."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.vault.columns import SealedText
from central.vault.rows import KeyOwner
from shared.ids import new_id


class Upload(KeyOwner, SQLModel, table=True):
    """One file on its way. Gone with its key when the petition is sent, or a day later."""

    __tablename__: ClassVar[str] = "upload"
    __sealed_by__: ClassVar[tuple[str, str]] = ("upload", "id")
    __operational__: ClassVar[str] = "a file that belongs to no petition yet, removed within a day"
    __table_args__ = (
        Index("ix_upload_draft", "draft_id", "id"),
        Index("ix_upload_address", "address_key"),
        Index("ix_upload_began", "began_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key_id: UUID = Field(default=None)
    draft_id: UUID = Field(description="the petition it will belong to")
    address_key: str = Field(max_length=64, description="digest of the network address, for the quota")
    name: str = Field(max_length=255, sa_type=SealedText)
    size: int = Field(description="bytes announced")
    received: int = Field(default=0, description="bytes that are there")
    whole: bool = Field(
        default=False, description="it is all there, and was found to be a file that is taken"
    )
    began_at: datetime = Field(sa_type=UtcDateTime)


class Assisted(KeyOwner, SQLModel, table=True):
    """A petition that a clerk types while the visitor reads along on a second screen. Gone with its key when it is sent, or after hours."""

    __tablename__: ClassVar[str] = "assisted"
    __sealed_by__: ClassVar[tuple[str, str]] = ("assisted", "id")
    __operational__: ClassVar[str] = "what is being written together; the petition itself is the record"
    __table_args__ = (
        Index("ix_assisted_staff", "staff_id", "began_at"),
        Index("ix_assisted_began", "began_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key_id: UUID = Field(default=None)
    staff_id: UUID = Field(foreign_key="staff.id", description="the clerk")
    court_id: UUID = Field(foreign_key="court.id")
    pairing: str | None = Field(
        default=None,
        max_length=64,
        unique=True,
        description="digest of the code that opens the second screen",
    )
    paired_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="the code is good until then"
    )
    screen: str | None = Field(
        default=None, max_length=64, description="digest of what the second screen holds"
    )
    typed: str = Field(sa_type=SealedText, description="what was typed, as JSON")
    remarks: str = Field(sa_type=SealedText, description="what the visitor said is not right, as JSON")
    version: int = Field(default=0, description="counts the changes of what was typed")
    confirmed: int | None = Field(default=None, description="the version that the visitor confirmed")
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="the second screen last asked"
    )
    petition_id: UUID | None = Field(default=None, description="what it became")
    began_at: datetime = Field(sa_type=UtcDateTime)
