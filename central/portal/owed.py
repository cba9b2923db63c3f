"""What the court owes a petitioner, and what the petitioner may or must do, each with its day: pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from central.deadlines.models import DeadlineClock
from central.deadlines.rules import RuleSet

#: What the petitioner may ask for (Regulation arts 35, 36).
RIGHTS = frozenset({"review_request", "re_review_request"})
#: What the court waits for from the petitioner.
ASKED = frozenset({"supplement"})
#: Between courts only: it says nothing to the petitioner.
BETWEEN_COURTS = frozenset({"objection"})


@dataclass(frozen=True, slots=True)
class Term:
    """One running period: its rule and last day, whether that has passed, and the clock behind it for the sheet."""

    rule: str
    due_on: date
    late: bool
    clock_id: UUID
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """The running periods of one petition. `owed` stands in the order in which it is due, what is paused at its end."""

    owed: tuple[Term, ...]
    asked: tuple[Term, ...]
    rights: tuple[Term, ...]


def terms(clocks: Iterable[DeadlineClock], *, paused: Collection[UUID], rules: RuleSet, today: date) -> Terms:
    """Return the running periods. A paused one is never late; a right whose day has passed is no longer offered."""
    running = sorted(
        (_term(clock, clock.id in paused, today) for clock in clocks if clock.ended_on is None),
        key=lambda term: (term.paused, term.due_on, term.rule),
    )
    return Terms(
        owed=tuple(term for term in running if rules.get(term.rule).owed_by_court),
        asked=tuple(term for term in running if term.rule in ASKED),
        rights=tuple(term for term in running if term.rule in RIGHTS and not term.late),
    )


def _term(clock: DeadlineClock, paused: bool, today: date) -> Term:  # noqa: FBT001 a fact, not a switch
    late = clock.due_on < today and not paused
    return Term(clock.rule, clock.due_on, late, clock.id, paused)
