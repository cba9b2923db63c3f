"""Note a coded excuse with the clock of the duty that it covers. The caller records the event that says why."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlmodel import Session

from central.deadlines import queries
from central.deadlines.duties import Result


def running_since(s: Session, *, petition_id: UUID, rule: str) -> date | None:
    """Return the day on which the running clock of a rule started; None where none runs."""
    return max(
        (clock.started_on for clock in queries.running(s, petition_id) if clock.rule == rule), default=None
    )


def excuse_running(s: Session, *, petition_id: UUID, rules: Collection[str], code: str) -> None:
    """Note an excuse with the running clocks of `rules`; the moment that goes with it ends them."""
    for clock in queries.running(s, petition_id):
        if clock.rule in rules:
            clock.excuse = code


def excuse_done(s: Session, *, petition_id: UUID, rules: Collection[str], code: str) -> None:
    """Note that what was done under the newest clock of each of `rules` never reached the petitioner.

    Done in time it counts as excused from now on; a late one stays late.
    """
    clocks = queries.of_petition(s, petition_id)
    for rule in rules:
        own = [clock for clock in clocks if clock.rule == rule]
        last = max(own, key=lambda clock: (clock.started_on, clock.id), default=None)
        if last is not None and last.result in {Result.IN_TIME, Result.LATE}:
            last.excuse = code
            last.result = Result.EXCUSED if last.result == Result.IN_TIME else last.result
