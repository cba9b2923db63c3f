"""Files of a petition as rows. What is in them lies sealed in the data folder, see `files`."""

import secrets
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from central.db import UtcDateTime
from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")
_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}


class Document(Sealing, Journaled, table=True):
    """One file that was handed in: the original and what it was made into, sealed with the petition's key.

    Staff see the remade one. Both digests are in the log for ever: what was handed in can be proved as long as it is kept.
    """

    __tablename__: ClassVar[str] = "document"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (
        Index("uq_document_petition_number", "petition_id", "number", unique=True),
        Index("uq_document_petition_sha256", "petition_id", "sha256", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    number: int = Field(description="counts within the petition, from 1")
    name: str = Field(max_length=120, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    kind: str = Field(max_length=8, description="what was handed in: pdf, jpeg, png or tiff")
    size: int = Field(description="bytes handed in")
    sha256: str = Field(max_length=64, description="of what was handed in")
    made_kind: str = Field(max_length=8, description="what staff see")
    made_size: int = Field(description="bytes")
    made_sha256: str = Field(max_length=64)
    pages: int
    removed: str = Field(default="", max_length=120, description="what was left behind, codes with commas")
    added_at: datetime = Field(sa_type=UtcDateTime)
    added_by: UUID | None = Field(default=None, foreign_key="staff.id")
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)


class DocumentText(Sealing, Journaled, table=True):
    """What a machine read in a file and a clerk let pass: for search alone, never the text of the petition."""

    __tablename__: ClassVar[str] = "document_text"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("ix_document_text_petition", "petition_id"),)

    document_id: UUID = Field(primary_key=True, foreign_key="document.id")
    petition_id: UUID = Field(foreign_key="petition.id")
    text: str = Field(sa_type=SealedText, sa_column_kwargs=_SENSITIVE, description="lines as they were read")
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
