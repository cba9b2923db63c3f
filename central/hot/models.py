"""Issues as they were found, and the petitions behind each, as rows."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from central.db import UtcDateTime
from central.vault.columns import SealedText
from central.vault.rows import Sealing
from shared.ids import new_id


class HotIssue(Sealing, SQLModel, table=True):
    """Petitions about one problem of a place in one quarter. The words that stand out come from petitions: they are sealed."""

    __tablename__: ClassVar[str] = "hot_issue"
    __sealed_by__: ClassVar[tuple[str, str]] = ("", "hot")
    __operational__: ClassVar[str] = "grouped anew by a job from the petitions themselves; decides nothing"
    __table_args__ = (Index("ix_hot_issue_quarter", "quarter"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    quarter: str = Field(max_length=8)
    made_at: datetime = Field(sa_type=UtcDateTime)
    words: str = Field(description="with blanks between", sa_type=SealedText)


class HotMember(SQLModel, table=True):
    """A petition behind an issue; `before` if it came in the quarter before."""

    __tablename__: ClassVar[str] = "hot_member"
    __operational__: ClassVar[str] = "grouped anew by a job from the petitions themselves; decides nothing"
    __table_args__ = (Index("ix_hot_member_petition", "petition_id"),)

    issue_id: UUID = Field(primary_key=True, foreign_key="hot_issue.id")
    petition_id: UUID = Field(primary_key=True, foreign_key="petition.id")
    received_on: date
    before: bool = False


class HotRun(SQLModel, table=True):
    """When the issues of a quarter were last looked for, and among how many petitions."""

    __tablename__: ClassVar[str] = "hot_run"
    __operational__: ClassVar[str] = "when the job last grouped a quarter; losing it repeats the work"

    quarter: str = Field(primary_key=True, max_length=8)
    made_at: datetime = Field(sa_type=UtcDateTime)
    petitions: int
