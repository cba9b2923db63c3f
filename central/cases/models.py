"""Case numbers that petitions name, as rows."""

import secrets
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from central.events.journal import Journaled
from central.vault.columns import SealedText
from central.vault.rows import Sealing, index_of
from shared.ids import new_id

_OF_PETITION = ("petition", "petition_id")
_SENSITIVE: dict[str, Any] = {"info": {"sensitive": True}}


class CaseName(Sealing, Journaled, table=True):
    """One case number as it was typed, and in its one form. A number leads to a person's case: both are sealed."""

    __tablename__: ClassVar[str] = "case_name"
    __journal__: ClassVar[tuple[str, str]] = _OF_PETITION
    __sealed_by__: ClassVar[tuple[str, str]] = _OF_PETITION
    __table_args__ = (Index("uq_case_name_petition_place", "petition_id", "place", unique=True),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    petition_id: UUID = Field(foreign_key="petition.id")
    place: int = Field(description="counts within the petition, from 1")
    typed: str = Field(max_length=200, sa_type=SealedText, sa_column_kwargs=_SENSITIVE)
    case_number: str = Field(
        description="the one form of what can be read, else the plain signs",
        sa_type=SealedText,
        sa_column_kwargs=_SENSITIVE,
    )
    case_number_index: str | None = Field(
        default=None, max_length=20, index=True, sa_column_kwargs=index_of("case_number")
    )
    salt: str = Field(default_factory=lambda: secrets.token_hex(16), max_length=32, sa_type=SealedText)
