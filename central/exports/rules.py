"""What an export may hold and who must agree to it: pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from central.settings import Exports

#: What a spreadsheet would take for the beginning of a formula (ASVS 5: 1.2.10), full-width forms too.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class State(StrEnum):
    """How far an export has come."""

    #: A second person is to agree.
    ASKED = "asked"
    REFUSED = "refused"
    #: It is being written.
    MAKING = "making"
    READY = "ready"
    #: It could not be written; `problem` says why.
    FAILED = "failed"
    #: Its time is over, or it was thrown away: its key is destroyed.
    GONE = "gone"


#: States in which a file is or will be there.
ALIVE = (State.ASKED, State.MAKING, State.READY)


class Format(StrEnum):
    """What kind of file."""

    XLSX = "xlsx"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for: how many petitions, and whether with names, phones and addresses of petitioners."""

    count: int
    with_people: bool


def needs_approval(wish: Wish, limits: Exports) -> bool:
    """Say whether a second person must agree: for many petitions, and for any that name who petitions."""
    return wish.with_people or wish.count > limits.free_rows


def safe(text: str) -> str:
    """Return a cell of a CSV file that no spreadsheet takes for a formula. It stays the same text for the eye."""
    return "'" + text if text.lstrip(" \u3000\ufeff").startswith(RISKY) or text.startswith(RISKY) else text


@dataclass(frozen=True, slots=True)
class Watermark:
    """Who took the file away, and when: stands in every row and on every printed page."""

    name: str
    username: str
    court: str
    at: datetime
    serial: str

    def line(self, moment: str) -> str:
        """Return the mark as one line; `moment` is `at` in words."""
        return f"{self.court} {self.name}（{self.username}） {moment} {self.serial}"
