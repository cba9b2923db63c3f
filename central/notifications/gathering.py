"""Put messages together: what one person is to be told now, checked once more, as one digest a morning or singly."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy import Table
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, func, select

from central import db
from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Via
from central.context import Context
from central.db import is_sqlite
from central.deadlines import queries as deadlines
from central.deadlines.calendar import WorkCalendar
from central.deadlines.in_force import calendar_in_force
from central.deadlines.levels import Term, shares_of
from central.deadlines.models import DeadlineClock
from central.notifications import queries
from central.notifications.hours import allowed, horizon, opening
from central.notifications.judging import PASSING, Clock, Day, reminder
from central.notifications.models import Dispatch, Notice
from central.notifications.queries import People, Wish
from central.notifications.rules import LEVELS, Channel, DispatchState, Level, NoticeState, Why, people
from central.petitions.models import Petition
from central.petitions.queries import visible_to
from central.settings import Settings
from shared.clock import COURT_ZONE, court_day

#: Whoever wants single messages gets this many at a time; more come as a digest.
MOST_SINGLE = 20
#: Notices of one person that go into one message.
MOST = 5000
_SPACE = UUID("6d696e79-6900-4000-8000-6e6f74696365")


def run(context: Context, now: datetime) -> int:
    """Put together what is to be told now; nothing outside of the hours of the house. Return how many messages were made."""
    settings, made = context.settings, 0
    with context.read() as s:
        calendar = calendar_in_force(s)
        if not allowed(now, queries.house_hours(settings.notices), calendar):
            return 0
        waiting = _waiting(s, court_day(now))
    for staff_id in waiting:
        try:
            with db.unit_of_work(context.engine) as s:
                made += gather(s, staff_id, settings=settings, calendar=calendar, now=now)
        except IntegrityError:
            # Another process made the same message a moment ago.
            continue
    return made


def _waiting(s: Session, today: date) -> list[UUID]:
    """Return whom something may be told now: all with something planned but those who had their digest and wait for the next."""
    query = (
        select(Notice.staff_id, func.max(Notice.at_once))
        if is_sqlite(s)
        else select(Notice.staff_id, func.bool_or(Notice.at_once))
    )
    query = query.where(Notice.state == NoticeState.PLANNED, col(Notice.staff_id).is_not(None))
    found = {staff_id: bool(at_once) for staff_id, at_once in s.exec(query.group_by(col(Notice.staff_id)))}
    begin = datetime.combine(today, time(0), COURT_ZONE)
    had = select(Dispatch.staff_id).where(Dispatch.channel == Channel.INBOX, col(Dispatch.digest))
    had = had.where(col(Dispatch.staff_id).in_(list(found)), Dispatch.made_at >= begin)
    served = set(s.exec(had).all()) if found else set()
    return [one for one, at_once in found.items() if one is not None and (at_once or one not in served)]


def gather(s: Session, staff_id: UUID, *, settings: Settings, calendar: WorkCalendar, now: datetime) -> int:
    """Make the messages of one person that are due now; return how many, each counted once for all its channels."""
    staff = s.get_one(Staff, staff_id)
    wish = queries.wish(s, staff_id, queries.house_hours(settings.notices))
    if not allowed(now, wish.hours, calendar):
        return 0
    query = select(Notice).where(Notice.staff_id == staff_id, Notice.state == NoticeState.PLANNED)
    if not is_sqlite(s):
        query = query.with_for_update(skip_locked=True)
    planned = s.exec(query.order_by(col(Notice.id)).limit(MOST)).all()
    today = court_day(now)
    day = Day(today, horizon(today, calendar), shares_of(settings.worklists))
    told = settle(s, staff, planned, day)
    begin = opening(today, wish.hours)
    due = [each for each in told if each.level or each.at_once or each.made_at < begin]
    bundles = _bundles(due, wish, staff_id, today)
    made = 0
    for bundle, lines, digest in bundles:
        if digest and s.exec(select(Dispatch.id).where(Dispatch.bundle == bundle)).first():
            continue
        _send(s, staff, wish, _Bundle(bundle, lines, digest), now)
        made += 1
    return made


def _bundles(
    due: Sequence[Notice], wish: Wish, staff_id: UUID, today: date
) -> list[tuple[UUID, list[Notice], bool]]:
    """Return the messages that `due` goes into: name, lines, whether it is the day's digest."""
    alone = [each for each in due if each.at_once or not wish.digest]
    rest = [each for each in due if not each.at_once and wish.digest]
    if len(alone) > MOST_SINGLE:
        rest, alone = [*rest, *alone], []
    found = [(uuid5(_SPACE, each.key), [each], False) for each in alone]
    if rest:
        found.append((uuid5(_SPACE, f"{staff_id.hex}/{today.isoformat()}"), rest, True))
    return found


@dataclass(frozen=True, slots=True)
class _Bundle:
    name: UUID
    lines: list[Notice]
    digest: bool


def _send(s: Session, staff: Staff, wish: Wish, bundle: _Bundle, now: datetime) -> None:
    """Lay a message into the inbox, in this transaction, and queue it for the other channel if one is wished for."""
    common: dict[str, Any] = {
        "bundle": bundle.name,
        "staff_id": staff.id,
        "court_id": staff.court_id,
        "lines": len(bundle.lines),
        "digest": bundle.digest,
        "made_at": now,
        "next_try_at": now,
    }
    s.add(Dispatch(channel=Channel.INBOX, state=DispatchState.SENT, sent_at=now, **common))
    if wish.channel is not Channel.INBOX:
        reachable = wish.channel is Channel.WEBHOOK or wish.address is not None
        ways: dict[str, Any] = {} if reachable else {"state": DispatchState.PARKED, "why": Why.NO_ADDRESS}
        s.add(Dispatch(channel=wish.channel, **common, **ways))
    for each in bundle.lines:
        each.state, each.told_at, each.bundle = NoticeState.SENT, now, bundle.name


def settle(s: Session, staff: Staff, notices: Sequence[Notice], day: Day) -> list[Notice]:
    """Return those of planned `notices` that are to be told. The others are stopped, or taken out where it may pass."""
    whys, kept = still(s, staff, notices, day), list[Notice]()
    gone: list[UUID] = []
    for each in notices:
        why = whys.get(each.id)
        if why is None:
            kept.append(each)
        elif why in PASSING:
            gone.append(each.id)
        else:
            each.state, each.why = NoticeState.STOPPED, why
    if gone:
        s.exec(delete(Notice).where(col(Notice.id).in_(gone)))
    return kept


def still(s: Session, staff: Staff, notices: Sequence[Notice], day: Day) -> dict[UUID, Why]:
    """Return of which of `notices` there is nothing (more) to tell this person, and why."""
    petitions = {each.petition_id for each in notices if each.petition_id}
    seen = _visible(s, staff, petitions)
    clocks = _clocks(s, {each.clock_id for each in notices if each.clock_id})
    places, whom = queries.places(s, petitions), People(s, petitions)
    found: dict[UUID, Why] = {}
    for each in notices:
        why = None
        if not staff.active or (each.petition_id and each.petition_id not in seen):
            why = Why.NOT_ALLOWED
        elif each.level and each.petition_id:
            level, clock = Level(each.level), clocks.get(each.clock_id)
            why = reminder(level, clock, day) if clock else Why.ENDED
            named = people(LEVELS[level], places[each.petition_id])
            if why is None and staff.id not in whom.of(named, each.petition_id):
                why = Why.MOVED_ON
        if why is not None:
            found[each.id] = why
    return found


def _visible(s: Session, staff: Staff, petitions: Collection[UUID]) -> set[UUID]:
    if not petitions:
        return set()
    actor = accounts.actor_for(s, staff, Via.JOB)
    query = select(Petition.id).where(col(Petition.id).in_(petitions), visible_to(actor))
    return set(s.exec(query).all())


def _clocks(s: Session, ids: Collection[UUID]) -> dict[UUID | None, Clock]:
    table: Table = DeadlineClock.__table__  # type: ignore[attr-defined]
    query = sa.select(
        table.c.id,
        table.c.occurrence,
        table.c.started_on,
        table.c.due_on,
        table.c.ended_on,
        table.c.standing_still,
        deadlines.days_left_out(s).label("left_out"),
    )
    rows = s.connection().execute(query.where(table.c.id.in_(ids))) if ids else ()
    return {
        row.id: Clock(
            Term(row.started_on, row.due_on, row.occurrence, paused_days=int(row.left_out)).from_on,
            row.due_on,
            ended=row.ended_on is not None,
            standing_still=row.standing_still,
        )
        for row in rows
    }
