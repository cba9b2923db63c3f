"""What a ledger's row says, and what is wrong with one. Data that reading, checking, writing and reporting pass on."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Field(StrEnum):
    """What a column can hold. Which heads name it stands in `data/heads.toml`."""

    NUMBER = "number"
    PETITIONER = "petitioner"
    PHONE = "phone"
    ADDRESS = "address"
    CHANNEL = "channel"
    SUBJECT = "subject"
    RECEIVED_AT = "received_at"
    TEXT = "text"
    REPLY = "reply"
    REPLIED_AT = "replied_at"
    CASE_NUMBERS = "case_numbers"
    #: Known and left out on purpose.
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the sheet has it: `number` counts from 1 as spreadsheet programs show it; cells are text, '' when empty.

    A number in the sheet comes as its shortest text (`2019.0` as `2019`), a date or time as ISO 8601 without zone.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One petition that a ledger tells of. Moments are aware, in UTC; texts as received, the subject on one line."""

    number: int
    #: Tells this row from all others of its court: SHA-256 over the ledger's own number, or over the content without one.
    key: str
    #: SHA-256 over the whole content: the same key with another digest is a changed row.
    digest: str
    channel: str
    received_at: datetime
    subject: str
    text: str
    source_number: str | None = None
    petitioner: str | None = None
    phone: str | None = None
    address: str | None = None
    reply: str | None = None
    replied_at: datetime | None = None
    case_numbers: tuple[str, ...] = ()
    #: JSON: head to cell, for every column that is not kept word for word in the petition or the reply.
    cells: str = "{}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row did not go in: column and value as they stand in the file, `reason` a key of the catalogue below `intake.refused.`."""

    number: int
    column: str
    value: str
    reason: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Looked:
    """What the beginning of a file shows: sheet, the row of heads (None: no row is recognised), first rows, number of the last."""

    sheet: str
    sheets: list[str]
    first: list[RawRow]
    last_row: int
