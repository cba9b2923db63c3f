"""Scans on their way to a petition: files, pages as they were read, letters of a batch. Gone with their key after some days."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.vault.columns import SealedText
from central.vault.rows import KeyOwner
from shared.ids import new_id


class Stage(StrEnum):
    """Where a scan stands. `waiting` and `reading` are taken up again after a crash."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


class Scan(KeyOwner, SQLModel, table=True):
    """A batch of pages that a clerk sent in. Its pictures lie sealed below `scans/<id>` of the data folder."""

    __tablename__: ClassVar[str] = "scan"
    __sealed_by__: ClassVar[tuple[str, str]] = ("scan", "id")
    __operational__: ClassVar[str] = (
        "pages that belong to no petition yet; the files of the petition are the record"
    )
    __table_args__ = (Index("ix_scan_court_newest", "court_id", "began_at"), Index("ix_scan_stage", "stage"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key_id: UUID = Field(default=None)
    court_id: UUID = Field(foreign_key="court.id")
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id", description="who sent it in")
    box_id: str | None = Field(
        default=None, max_length=12, description="the box whose document camera saw it"
    )
    ticket: str = Field(default="", max_length=8, description="the number at the counter")
    cover: str = Field(default="", max_length=64, description="code of the cover sheet laid before the pages")
    stage: str = Field(default=Stage.WAITING, max_length=8)
    name: str = Field(max_length=120, sa_type=SealedText, description="of the first file")
    sources: list[Any] = Field(default_factory=list, sa_type=JSON, description="kind and pages of each file")
    pages: int = Field(description="of all files")
    done: int = Field(default=0, description="pages that were read")
    read: str = Field(default="[]", sa_type=SealedText, description="JSON: the pages without their pictures")
    letters: list[Any] = Field(
        default_factory=list,
        sa_type=JSON,
        description="pages, code of the cover sheet, petition of each letter",
    )
    problem: str = Field(default="", max_length=60, description="key of the sentence")
    began_at: datetime = Field(sa_type=UtcDateTime)
