"""Letters as rows: what one says, sealed with the petition's key; and the file, once it was made, with its signature."""

import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import NOT_LOGGED, Sealing
from shared.ids import new_id

_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}
_OF_PETITION = ("petition", "petition_id")
_WAITING = text("file_id IS NULL")


class Letter(Sealing, Journaled, table=True):
    """One letter. `content` is frozen when the court writes it; the file is made from it once and served ever after.

    The file lies sealed in the folder of the petition's documents, as `<file_id>.letter`.
    """

    __tablename__: ClassVar[str] = "letter"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_letter_petition_kind_round", "petition_id", "kind", "round", unique=True),
        Index("ix_letter_waiting", "written_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_letter_file_id", "file_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    court_id: UUID = Field(foreign_key="court.id", description="court that wrote it")
    kind: str = Field(max_length=16)
    round: int = Field(default=1, description="counts the letters of a kind; of a reply its round")
    content: str = Field(
        description="what is printed, as JSON", sa_type=SealedText, sa_column_kwargs=_SENSITIVE
    )
    written_at: datetime = Field(sa_type=UtcDateTime)
    written_by: UUID | None = Field(default=None, foreign_key="staff.id")
    file_id: UUID | None = Field(default=None, description="name of the file, once it was made")
    size: int | None = None
    pages: int | None = Field(
        default=None, description="of the file; of letters made before it was kept: unknown"
    )
    sha256: str | None = Field(default=None, max_length=64)
    key_id: str | None = Field(default=None, max_length=16, description="public key of the signature")
    signature: str | None = Field(
        default=None, max_length=88, description="Ed25519 over the whole file, base64"
    )
    made_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    problem: str | None = Field(
        default=None,
        max_length=500,
        sa_type=SealedText,
        sa_column_kwargs=NOT_LOGGED,
        description="why it could not be made, as JSON: key of the sentence and values",
    )
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
