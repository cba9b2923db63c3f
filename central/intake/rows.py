"""What a ledger's row says, and what is wrong with one. Data that reading, checking, writing and reporting pass on."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Field(StrEnum):
    """What a column can hold. Which heads name it stands in `data/heads.toml`."""

    NUMBER = "number"
    PETITIONER = "petitioner"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ADDRESS = "address"
    CHANNEL = "channel"
    SUBJECT = "subject"
    RECEIVED_AT = "received_at"
    TEXT = "text"
    REPLY = "reply"
    REPLIED_AT = "replied_at"
    CASE_NUMBERS = "case_numbers"
    GROUP_SIZE = "group_size"
    URGENT = "urgent"
    REFERRED_BY = "referred_by"
    #: Where it was received; rows of another court are remarked upon, not left out.
    COURT = "court"
    #: What it is about, of the scheme of `central.sorting`: in one column, or a column for each level.
    CATEGORY = "category"
    CATEGORY_2 = "category_2"
    CATEGORY_3 = "category_3"
    #: Known and left out on purpose.
    IGNORE = "ignore"


#: The columns of a category, the first level first.
CATEGORIES = (Field.CATEGORY, Field.CATEGORY_2, Field.CATEGORY_3)


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the sheet has it: `number` counts from 1 as spreadsheet programs show it; cells are text, '' when empty.

    A number in the sheet comes as its shortest text (`2019.0` as `2019`), a date or time as ISO 8601 without zone.
    """

    number: int
    cells: tuple[str, ...]
    #: Told by a heading above it, for a row that names none itself.
    channel: str | None = None
    #: Of these days the year is that of the row above.
    years_above: tuple[Field, ...] = ()


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
    id_number: str | None = None
    id_kind: str | None = None
    group_size: int = 1
    urgent: bool = False
    referred_by: str | None = None
    #: Code of the category that the ledger names, in the scheme in force.
    category: str | None = None
    #: What a person should look at, though the row goes in.
    remarks: tuple["Refusal", ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A remark on a row: column and value as they stand in the file, `reason` a key of the catalogue below `intake.<kind>.`.

    `kind` is `refused`, `left` (no petition), `remark` (it went in) or `double` (a person decides; `cells` is then the whole row).
    """

    number: int
    column: str
    value: str
    reason: str
    values: dict[str, str] = field(default_factory=dict)
    kind: str = "refused"
    cells: tuple[str, ...] = ()
    like_id: UUID | None = None
    decided: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column seems to hold, how sure that is (0 to 1), and why: a key below `intake.why.`."""

    place: int
    head: str
    field: Field | None
    confidence: float
    why: str
    #: Some cells as they stand, and how many of the rows looked at hold something.
    examples: tuple[str, ...] = ()
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """Where the heads stand: first and last row of them (0: there are none), their names, what stands above, the ledger's year."""

    first_row: int
    last_row: int
    names: tuple[str, ...]
    title: str = ""
    year: int | None = None
    #: How many different things the heads name.
    known: int = 0
    #: What stands over the last part of each name, where heads take several rows.
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Alike:
    """Another sheet with the same heads: where they end, the year it names, its last row."""

    name: str
    head_row: int
    year: int | None
    last_row: int


@dataclass(frozen=True)
class Looked:
    """What the beginning of a file shows: the sheets with what is in them, the chosen one, its first rows and its heads."""

    sheet: str
    #: Name, hidden, last row.
    sheets: list[tuple[str, bool, int]]
    first: list[RawRow]
    last_row: int
    found: Found
    from_1904: bool = False
    #: Other sheets in sight that can go in by the same columns.
    alike: tuple[Alike, ...] = ()
