"""Make notices: of clocks that reached a level (a search, once a day) and of events (behind a cursor)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.context import Context
from central.db import is_sqlite
from central.deadlines.in_force import calendar_in_force
from central.deadlines.levels import shares_of
from central.events import log
from central.events.kinds import Kind
from central.events.models import Cursor, Event
from central.notifications import queries, service
from central.notifications.hours import horizon
from central.notifications.models import SweepMark
from central.notifications.rules import (
    EVENTS,
    LEVELS,
    Desk,
    Level,
    NoticeState,
    Place,
    To,
    Why,
    event_key,
    people,
    reminder_key,
)
from shared.clock import court_day

READER = "notifications"
MARK = "reminders"
LOT = 1000
#: Events read with one commit.
READ = 2000
#: What happened longer ago is told to nobody: it came with an import.
OLD = timedelta(days=7)
#: A missed month is told until the next one is missed too, rest days at its end included: an old petition that is brought in has dozens.
MONTH = timedelta(days=40)
_KINDS = frozenset({*EVENTS, Kind.DEADLINE_PASSED})


def remind(context: Context, now: datetime) -> int:
    """Plan the reminders of the court day of `now`, if that day was not searched yet; return how many were planned."""
    today, total = court_day(now), 0
    with context.read() as s:
        mark = s.get(SweepMark, MARK)
        if mark is not None and mark.day == today:
            return 0
    after: tuple[date, UUID] | None = None
    while True:
        with db.unit_of_work(context.engine) as s:
            last, count = _remind_lot(s, context, today=today, now=now, after=after)
        total += count
        if last is None:
            break
        after = last
    with db.unit_of_work(context.engine) as s:
        s.merge(SweepMark(name=MARK, day=today))
    return total


def _remind_lot(
    s: Session, context: Context, *, today: date, now: datetime, after: tuple[date, UUID] | None
) -> tuple[tuple[date, UUID] | None, int]:
    rows = queries.reached(
        s,
        today=today,
        horizon=horizon(today, calendar_in_force(s)),
        shares=shares_of(context.settings.worklists),
        after=after,
        limit=LOT,
    )
    staff = queries.People(s, {row.petition_id for row in rows})
    made = [notice for row in rows for notice in _reminders(row, Level(row.level), staff, now)]
    service.put(s, made)
    return ((rows[-1].due_on, rows[-1].id) if len(rows) == LOT else None), len(made)


def _reminders(row: Any, level: Level, staff: queries.People, now: datetime) -> list[dict[str, Any]]:
    """Return a notice for each recipient of a clock at a level; one that is parked where there is nobody."""
    place = queries.place_of(row)
    told = staff.of(people(LEVELS[level], place), row.petition_id)
    common = {
        "kind": f"notifications.kind.{level}",
        "court_id": place.court_id,
        "petition_id": row.petition_id,
        "clock_id": row.id,
        "level": level.value,
        "rule": row.rule,
        "due_on": row.due_on,
        "made_at": now,
    }
    if not told:
        nobody = {"state": NoticeState.PARKED.value, "why": Why.NOBODY.value}
        return [service.planned(key=reminder_key(row.id, level, None), **common, **nobody)]
    return [service.planned(key=reminder_key(row.id, level, one), staff_id=one, **common) for one in told]


def read(context: Context) -> int:
    """Make notices of the events behind the cursor, which moves in the same transaction; return how many were read."""
    total = 0
    while True:
        with db.unit_of_work(context.engine) as s:
            count = read_lot(s, now=context.clock.now(), limit=READ)
        total += count
        if count < READ:
            return total


def read_lot(s: Session, *, now: datetime, limit: int) -> int:
    """Make notices of at most `limit` events; return how many there were."""
    if not is_sqlite(s):
        s.get(Cursor, READER, with_for_update=True)
    found = log.kinds_after(s, log.position(s, READER), limit=limit)
    if not found:
        return 0
    ids = [event_id for event_id, kind in found if kind in _KINDS]
    events = [event for event in log.some(s, ids) if now - event.at < OLD]
    service.put(s, _told(s, events, now))
    log.move(s, READER, found[-1][0])
    return len(found)


def _told(s: Session, events: Sequence[Event], now: datetime) -> list[dict[str, Any]]:
    about = [(each, UUID(each.stream.partition("/")[2])) for each in events]
    petitions = {petition_id for _, petition_id in about}
    places, staff = queries.places(s, petitions), queries.People(s, petitions)
    owed, monthly, made = set(queries.owed()), queries.monthly(), list[dict[str, Any]]()
    away = _stand_ins(s, events, places, now)
    for event, petition_id in about:
        place = places.get(petition_id)
        if place is None:
            continue
        if event.kind == Kind.DEADLINE_PASSED:
            passed = _Passed(petition_id, place, log.facts_of(event))
            past = passed.rule in monthly and passed.due_on + MONTH < court_day(now)
            if passed.rule in owed and not past:
                made += _reminders(passed, Level.OVERDUE, staff, now)
            continue
        kind = Kind(event.kind)
        named = people(EVENTS[kind], place)
        for one in staff.of([*named, *filter(None, map(away.get, named))], petition_id):
            if event.actor != f"staff:{one}":
                made.append(
                    service.planned(
                        key=event_key(event.id, one),
                        kind="notifications.kind." + event.kind.replace(".", "_"),
                        staff_id=one,
                        court_id=place.court_id,
                        petition_id=petition_id,
                        made_at=now,
                    )
                )
    return made


def _stand_ins(
    s: Session, events: Sequence[Event], places: Mapping[UUID, Place], now: datetime
) -> dict[UUID | Desk, UUID]:
    """Return who stands in for those whose approval is asked for: they are told as well."""
    if all(EVENTS.get(Kind(event.kind)) != (To.APPROVER,) for event in events):
        return {}
    waiting = {place.approver_id or place.leader_id for place in places.values()} - {None}
    found = accounts.stand_ins(s, {each for each in waiting if each}, on=court_day(now))
    return dict(found.items())


class _Passed:
    """A clock that ran out, as its event tells of it, in the shape of a row of `queries.reached`."""

    def __init__(self, petition_id: UUID, place: Place, facts: Mapping[str, Any]) -> None:
        self.id, self.petition_id, self.rule = UUID(facts["clock"]), petition_id, facts["rule"]
        self.due_on = date.fromisoformat(facts["due_on"])
        self.court_id, self.handler_id, self.leader_id = place.court_id, place.handler_id, place.leader_id
        self.next_role, self.next_person_id = place.role, None
        self.approver_id = place.approver_id
