"""How pressing a due date is: by the share of the time that is used. Pure.

`petitions.worklists` says the same in SQL; a test compares the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from central.groups import Worklists

#: A month of a recurring duty begins where the one before it ended; its clock knows only the first beginning.
TURN = timedelta(days=31)


class Level(StrEnum):
    """`desk.level.<value>` names it; always with an icon and a word, never by colour alone."""

    OVERDUE = "overdue"
    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Shares:
    """From which share of the time used a due date is amber, and red: 0.0 to 1.0, both included."""

    amber: float
    red: float


def shares_of(chosen: Worklists) -> Shares:
    """Return the shares that the settings name: the same for lists and for reminders."""
    return Shares(chosen.amber_percent / 100, chosen.red_percent / 100)


@dataclass(frozen=True, slots=True)
class Term:
    """One running period: its days and the days that were left out so far."""

    started_on: date
    due_on: date
    occurrence: int = 1
    standing_still: bool = False
    paused_days: int = 0

    @property
    def from_on(self) -> date:
        """The day from which the share is counted: the start, moved on by the days that were left out."""
        start = self.due_on - TURN if self.occurrence > 1 else self.started_on
        return start + timedelta(days=self.paused_days)


def paused_days(spans: Iterable[tuple[date, date | None]]) -> int:
    """Return the days of pauses that have ended."""
    return sum((until - begin).days for begin, until in spans if until is not None)


def level_of(term: Term, today: date, shares: Shares) -> Level:
    """Return the level of a period; what stands still is paused, whatever its day."""
    if term.standing_still:
        return Level.PAUSED
    if term.due_on < today:
        return Level.OVERDUE
    used, length = (today - term.from_on).days, (term.due_on - term.from_on).days
    if used >= shares.red * length:
        return Level.RED
    return Level.AMBER if used >= shares.amber * length else Level.GREEN
