"""What the court owes a petitioner, and what the petitioner may or must do, each with its day: pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from central.deadlines.books import Book
from central.deadlines.models import DeadlineClock

#: What the petitioner may ask for (Regulation arts 35, 36).
RIGHTS = frozenset({"review_request", "re_review_request"})
#: What the court waits for from the petitioner.
ASKED = frozenset({"supplement"})
#: Between courts only: it says nothing to the petitioner.
BETWEEN_COURTS = frozenset({"objection"})


@dataclass(frozen=True, slots=True)
class Term:
    """One running period: its rule and last day, whether that has passed, the clock behind it for the sheet, days it was extended."""

    rule: str
    due_on: date
    late: bool
    clock_id: UUID
    extended: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """The running periods of one petition, in the order in which they are due. `paused` are duties that stand still."""

    owed: tuple[Term, ...]
    paused: tuple[Term, ...]
    asked: tuple[Term, ...]
    rights: tuple[Term, ...]


def terms(clocks: Iterable[DeadlineClock], *, paused: Collection[UUID], book: Book, today: date) -> Terms:
    """Return the running periods. A paused one has no certain day; a right whose day has passed is no longer offered."""
    open_ = sorted(
        (clock for clock in clocks if clock.ended_on is None), key=lambda each: (each.due_on, each.rule)
    )
    running = [_term(clock, today) for clock in open_]
    duties = [
        _term(clock, today) for clock in open_ if book.rule(clock.rules_version, clock.rule).owed_by_court
    ]
    return Terms(
        owed=tuple(term for term in duties if term.clock_id not in paused),
        paused=tuple(term for term in duties if term.clock_id in paused),
        asked=tuple(term for term in running if term.rule in ASKED),
        rights=tuple(term for term in running if term.rule in RIGHTS and not term.late),
    )


def _term(clock: DeadlineClock, today: date) -> Term:
    return Term(clock.rule, clock.due_on, clock.due_on < today, clock.id, clock.extension_days)
