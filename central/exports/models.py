"""Files with which petitions leave the system, each asked for with a reason, counted, and gone after a while."""

import json
import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.exports.rules import State
from central.vault.columns import SealedText
from central.vault.rows import NOT_LOGGED, Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}


class Export(Sealing, Journaled, table=True):
    """One export. `chosen` are the filters of the list it was asked from: codes, never what somebody typed."""

    __tablename__: ClassVar[str] = "export"
    __journal__: ClassVar[tuple[str, str]] = ("export", "id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "exports")
    __table_args__ = (
        Index("ix_export_person", "staff_id", "asked_at", "id"),
        Index(
            "ix_export_alive",
            "court_id",
            "asked_at",
            sqlite_where=text("state IN ('asked', 'making', 'ready')"),
            postgresql_where=text("state IN ('asked', 'making', 'ready')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    file_key: UUID | None = Field(
        default=None,
        description="data key of the file alone: destroyed with it, while the reason stays",
    )
    staff_id: UUID = Field(foreign_key="staff.id", description="who asked")
    court_id: UUID = Field(foreign_key="court.id", description="court of the one who asked")
    asked_at: datetime = Field(sa_type=UtcDateTime)
    chosen: str = Field(default="{}", max_length=300, description="the filters, as JSON")
    format: str = Field(max_length=4)
    with_people: bool = Field(default=False, description="with names, phones and addresses of petitioners")
    count: int = Field(description="petitions when it was asked for")
    why: str = Field(max_length=20)
    reason: str = Field(max_length=300, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    state: str = Field(default=State.ASKED, max_length=8)
    decided_by: UUID | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str | None = Field(
        default=None, max_length=300, sa_type=SealedText, sa_column_kwargs=_SENSITIVE
    )
    rows: int = Field(default=0, description="petitions written")
    done: int = Field(default=0, sa_column_kwargs=NOT_LOGGED, description="petitions written so far")
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lapses_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sha256: str = Field(default="", max_length=64)
    downloads: int = 0
    problem: str = Field(
        default="", max_length=60, description="key of the sentence that says what went wrong"
    )
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)

    @property
    def filters(self) -> dict[str, Any]:
        """The filters of the list it was asked from."""
        found: dict[str, Any] = json.loads(self.chosen)
        return found

    @property
    def serial(self) -> str:
        """The short name of the export: in the file, on pages and in the log."""
        return f"DC-{self.id.hex[-8:].upper()}"
