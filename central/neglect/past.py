"""What the log tells of days gone by and the rows no longer show: who handled petitions where, and since when there was more time.

Of the events of petitions it reads those of extensions alone, and of them rule and days.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from central.accounts.models import Staff
from central.actor import Role
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.log import facts_of, in_batches
from central.events.models import Event
from shared.clock import court_day

_MANY = 400


@dataclass
class Days:
    """Ordinals of days, sorted: how many lie in a span."""

    days: list[int] = field(default_factory=list)

    def between(self, after: int, up_to: int) -> int:
        """Count the days behind `after` up to and with `up_to`."""
        return bisect_right(self.days, up_to) - bisect_right(self.days, after)


def came_and_went(s: Session) -> tuple[Mapping[UUID, Days], Mapping[UUID, Days]]:
    """Return the days on which somebody began and ceased to handle petitions, by court: as the log of accounts tells it."""
    joined, left = defaultdict[UUID, Days](Days), defaultdict[UUID, Days](Days)
    streams = [stream_name("staff", each) for each in s.exec(select(Staff.id)).all()]
    for lot in in_batches(streams, _MANY):
        for day, before, after in _postings(s, lot):
            for court_id, days in ((before, left), (after, joined)):
                if court_id is not None:
                    days[court_id].days.append(day.toordinal())
    for table in (joined, left):
        for each in table.values():
            each.days.sort()
    return joined, left


def _postings(s: Session, streams: Sequence[str]) -> Iterator[tuple[date, UUID | None, UUID | None]]:
    """Yield each day on which somebody handles petitions somewhere else than before, with both courts."""
    query = select(Event.stream, Event.recorded_at, Event.data).where(col(Event.stream).in_(streams))
    rows = s.exec(query.order_by(col(Event.stream), col(Event.seq)))
    for _, events in groupby(rows, key=itemgetter(0)):
        row: dict[str, Any] = {}
        before: UUID | None = None
        for _, at, data in events:
            for change in json.loads(data)["rows"]:
                row |= change.get("s", {}) if change["t"] == "staff" else {}
            after = _handles_at(row)
            if after != before:
                yield court_day(at), before, after
            before = after


def _handles_at(row: Mapping[str, Any]) -> UUID | None:
    """Return the court where a member of staff handles petitions, None for somebody who does not."""
    handles = row.get("active", True) and Role.HANDLER in (row.get("roles") or ())
    return UUID(row["court_id"]) if handles and row.get("court_id") else None


class Granted(NamedTuple):
    """From a day on a deadline had so many days more than its rule gives."""

    on: date
    rule: str
    total: int


def granted(s: Session, ids: Sequence[UUID]) -> dict[UUID, list[Granted]]:
    """Return the extensions of some petitions in order: rule, days in all, since when; nothing else of those events."""
    streams = {stream_name("petition", each): each for each in ids}
    query = select(Event).where(col(Event.stream).in_(list(streams)), Event.kind == Kind.PETITION_EXTENDED)
    found: dict[UUID, list[Granted]] = {each: [] for each in ids}
    for event in s.exec(query.order_by(col(Event.stream), col(Event.seq))):
        facts = facts_of(event)
        found[streams[event.stream]].append(
            Granted(court_day(event.recorded_at), facts["rule"], facts["total"])
        )
    return found
