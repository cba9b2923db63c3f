"""Which clocks are duties of the obligation ledger, and what became of each: pure.

Everything received owes a procedural reply and an answer. A duty is a clock: it says which court owed it, in which month it
arose, by when it was due and how it ended. Whatever ends after its due day is late, however it ended: neither a transfer
nor a withdrawal nor an excuse takes back that somebody waited too long.
"""

from datetime import date
from enum import StrEnum
from typing import Final

from central.deadlines.rules import Moment


class Result(StrEnum):
    """What became of a duty; `deadlines.result.<value>` names it in the catalogue."""

    #: Not ended; overdue or not depends on the day one asks.
    OPEN = "open"
    IN_TIME = "in_time"
    LATE = "late"
    #: A coded excuse with logged attempts, registered in time.
    EXCUSED = "excused"
    #: Another court owes it from here.
    MOVED = "moved"
    #: Nobody owes it any more: withdrawn, merged into a running petition, or overtaken by the answer.
    RELEASED = "released"


#: The two duties of every petition, then the further ones, in the order of pages.
DUTIES: Final = (
    "procedural_reply",
    "answer",
    "written_notice",
    "answer_class6",
    "progress",
    "review_answer",
    "re_review_answer",
)
#: Where the decision that ends the petition track is itself the answer.
ANSWERS: Final = frozenset({"answer", "answer_class6"})
#: What an excuse after the answer covers, and what one for the procedural reply does.
PROCEDURAL: Final = ("procedural_reply", "written_notice")

_EXCUSES: Final = frozenset({Moment.EXCUSED, Moment.PROCEDURAL_REPLY_EXCUSED, Moment.NOTICE_WAIVED})
_MOVES: Final = frozenset({Moment.TRANSFERRED_OUT, Moment.OBJECTED})
_DECISIONS: Final = frozenset({Moment.DECLINED, Moment.TO_LITIGATION})


def month_of(day: date) -> int:
    """Return the month a day lies in as a number, 202610 for October 2026."""
    return day.year * 100 + day.month


def first_result(rule: str) -> Result | None:
    """Return the result of a clock that starts; None for one that is no duty of the ledger."""
    return Result.OPEN if rule in DUTIES else None


def met(*, late: bool) -> Result:
    """Return what became of a duty that was done."""
    return Result.LATE if late else Result.IN_TIME


def void(rule: str, moment: Moment, *, on: date, due_on: date) -> Result:
    """Return what became of a duty that `moment` ended on the day `on` without being what the rule asks for."""
    if on > due_on:
        return Result.LATE
    if moment in _DECISIONS and rule in ANSWERS:
        return Result.IN_TIME
    if moment in _EXCUSES:
        return Result.EXCUSED
    return Result.MOVED if moment in _MOVES else Result.RELEASED
