"""Imports of ledgers as work to be done, what each petition's ledger said, and the rows that could not go in."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.petitions.models import SENSITIVE, new_salt
from central.vault.columns import SealedText
from central.vault.rows import NOT_LOGGED, KeyOwner, Sealing
from shared.ids import new_id


class Stage(StrEnum):
    """Where an import stands. `waiting`, `running`, `deciding` and `undoing` are taken up again after a crash."""

    UPLOADED = "uploaded"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    #: Stopped by a person; what is in stays in, and it can go on.
    CANCELLED = "cancelled"
    #: Rows held back as doubles are taken, all of them.
    DECIDING = "deciding"
    UNDOING = "undoing"
    UNDONE = "undone"


class Remark(StrEnum):
    """What a remark on a row means for it."""

    REFUSED = "refused"
    #: No petition: a total, heads again, a signature.
    LEFT = "left"
    #: It went in; a person should look.
    REMARK = "remark"
    #: It looks like one that is here; a person decides.
    DOUBLE = "double"


class LedgerImport(KeyOwner, SQLModel, table=True):
    """One file on its way in. `cursor` is the last row of the sheet that is settled; it moves in the transaction of its rows."""

    __tablename__: ClassVar[str] = "ledger_import"
    __operational__: ClassVar[str] = "progress of work; what it brought in is journaled with each petition"
    __sealed_by__: ClassVar[tuple[str, str]] = ("ledger_import", "id")
    __table_args__ = (
        Index("ix_ledger_import_court_newest", "court_id", "created_at"),
        Index("ix_ledger_import_stage", "stage"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    key_id: UUID = Field(
        default=None,
        sa_column_kwargs=NOT_LOGGED,
        description="data key of the file and of what is said of it",
    )
    court_id: UUID = Field(foreign_key="court.id")
    stage: str = Field(default=Stage.UPLOADED, max_length=12)
    file_name: str = Field(max_length=200)
    file_digest: str = Field(max_length=64, description="SHA-256 of the file")
    stored_as: str = Field(default="", max_length=300, description="place of the file, for a restart")
    layout: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, description="sheet, row of heads, columns and their fields"
    )
    started_by: str = Field(default="", max_length=100)
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cursor: int = 0
    total: int = Field(default=0, description="last row of the sheet, as far as known")
    taken: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0
    left: int = Field(default=0, description="rows that are no petitions")
    held: int = Field(default=0, description="doubles that wait for a decision")
    passed: int = Field(default=0, description="doubles that were left out by decision")
    remarks: int = Field(default=0, description="remarks on rows that went in")
    undone: int = 0
    kept: int = Field(default=0, description="acted on since, and so not undone")
    problem: dict[str, Any] | None = Field(default=None, sa_type=JSON, description="key and values")


class LedgerEntry(Sealing, Journaled, table=True):
    """What the ledger said of one petition: where it stood, and every cell that is not kept word for word elsewhere."""

    __tablename__: ClassVar[str] = "ledger_entry"
    __journal__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __sealed_by__: ClassVar[tuple[str, str]] = ("petition", "petition_id")
    __table_args__ = (Index("ix_ledger_entry_import_row", "import_id", "row"),)

    petition_id: UUID = Field(primary_key=True, foreign_key="petition.id")
    import_id: UUID = Field(foreign_key="ledger_import.id")
    row: int
    source_number: str | None = Field(default=None, max_length=100)
    likeness: str | None = Field(
        default=None,
        max_length=20,
        index=True,
        sa_column_kwargs=NOT_LOGGED,
        description="blind index of day and text: equal ones look equal in it, and nothing more",
    )
    digest: str = Field(max_length=64, description="tells whether a later ledger says something else")
    cells: str = Field(
        description="JSON: head to cell, as it stood", sa_type=SealedText, sa_column_kwargs=SENSITIVE
    )
    salt: str = Field(default_factory=new_salt, max_length=32, sa_type=SealedText)


class LedgerRefusal(Sealing, SQLModel, table=True):
    """One remark on a row: why it did not go in, or what to look at; the report is written from these."""

    __tablename__: ClassVar[str] = "ledger_refusal"
    __operational__: ClassVar[str] = "a remark on a file that changed nothing; the file can be read again"
    __sealed_by__: ClassVar[tuple[str, str]] = ("ledger_import", "import_id")
    __table_args__ = (Index("ix_ledger_refusal_import_kind_row", "import_id", "kind", "row"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    import_id: UUID = Field(foreign_key="ledger_import.id")
    row: int
    kind: str = Field(default=Remark.REFUSED, max_length=8, description="`Remark`")
    column: str = Field(max_length=100)
    reason: str = Field(max_length=40)
    cell: str = Field(
        sa_type=SealedText,
        description="JSON: value of the cell, what the sentence is filled with, and of a double the whole row",
    )
    like_id: UUID | None = Field(default=None, description="of a double: the petition that is here")
    decided: str | None = Field(default=None, max_length=8, description="of a double: taken or left")
    decided_by: UUID | None = Field(default=None, foreign_key="staff.id")


class LedgerSource(SQLModel, table=True):
    """Where ledgers of one kind come from, and what their columns hold: offered the next time."""

    __tablename__: ClassVar[str] = "ledger_source"
    __operational__: ClassVar[str] = (
        "heads of columns, to spare choosing them again; no petition depends on it"
    )
    __table_args__ = (Index("uq_ledger_source_court_name", "court_id", "name", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    court_id: UUID = Field(foreign_key="court.id")
    name: str = Field(max_length=100)
    columns: dict[str, str] = Field(default_factory=dict, sa_type=JSON, description="head to field")
    channel: str = Field(max_length=12)
    used_at: datetime = Field(sa_type=UtcDateTime)
