"""What the court owes a petitioner next, as the petitioner is told: pure."""

from dataclasses import dataclass
from datetime import date

from central.deadlines.models import DeadlineClock
from central.deadlines.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Owed:
    """The next duty: its rule and day, and whether the day has passed."""

    rule: str
    due_on: date
    late: bool
    clock: DeadlineClock


def owed(clocks: list[DeadlineClock], rules: RuleSet, today: date) -> Owed | None:
    """Return the nearest running period of what the court owes, or None when nothing is owed now."""
    running = [clock for clock in clocks if clock.ended_on is None and rules.get(clock.rule).owed_by_court]
    first = min(running, key=lambda clock: (clock.due_on, clock.rule), default=None)
    return Owed(first.rule, first.due_on, first.due_on < today, first) if first else None


def rights(clocks: list[DeadlineClock], rules: RuleSet, today: date) -> list[DeadlineClock]:
    """Return the running periods of what the petitioner may ask for, and has not missed."""
    return [
        clock
        for clock in clocks
        if clock.ended_on is None and clock.due_on >= today and not rules.get(clock.rule).owed_by_court
    ]
