"""Reading entries and what they moved. Lists of due dates hold what the person may see and go on by key."""

from collections import Counter as Counts
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from central.accounts import queries as accounts
from central.accounts.permissions import sight_of
from central.actor import Actor
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines.entries import Marked
from central.deadlines.models import CalendarDay, CalendarNotice, ClockPause, DeadlineClock
from central.deadlines.shipped import book_of
from central.errors import NotFound
from central.petitions.models import Petition
from central.petitions.queries import visible_to
from central.workdays.drafts import Change
from central.workdays.models import MovedDate, Recount
from central.workdays.recount import COUNTED, Counter

PAGE = 50
#: Counted no further: more than so many is said as "more than".
MOST = 10_000
_CLOCK = DeadlineClock.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Entered:
    """An entry with who entered it, its recount, and its day if it changed one."""

    notice: CalendarNotice
    who: str
    recount: Recount | None
    day: Marked | None = None


def of_year(s: Session, year: int) -> list[Entered]:
    """Return what was entered for a year, newest first."""
    query = select_rows(CalendarNotice).where(CalendarNotice.year == year)
    return _entered(s, s.exec(query.order_by(col(CalendarNotice.number).desc()).limit(100)).all())


def by_number(s: Session, number: int) -> Entered:
    """Return an entry; raise `NotFound`."""
    notice = s.exec(select_rows(CalendarNotice).where(CalendarNotice.number == number)).first()
    if notice is None:
        raise NotFound
    return _entered(s, [notice])[0]


def _entered(s: Session, notices: Sequence[CalendarNotice]) -> list[Entered]:
    ids = [each.id for each in notices]
    names = accounts.names(s, {each.entered_by for each in notices if each.entered_by})
    recounts = {
        each.notice_id: each
        for each in s.exec(select_rows(Recount).where(col(Recount.notice_id).in_(ids))).all()
    }
    single = [each.id for each in notices if not each.whole]
    days = {
        each.notice_id: Marked(each.day, each.worked, each.name)
        for each in s.exec(select_rows(CalendarDay).where(col(CalendarDay.notice_id).in_(single))).all()
    }
    return [
        Entered(
            each,
            names.get(each.entered_by, "") if each.entered_by else "",
            recounts.get(each.id),
            days.get(each.id),
        )
        for each in notices
    ]


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    due_on: date
    moved_id: UUID


def courts_seen(s: Session, actor: Actor) -> Sequence[Court]:
    """Return the courts of which the actor may see due dates: the own one, those below for whoever sees them, and granted ones."""
    sight = sight_of(actor)
    if sight.everything:
        return courts.everything(s)
    found = {court.id: court for root in sight.roots for court in courts.below(s, root)}
    single = {*sight.courts, *([actor.court_id] if actor.court_id else [])} - found.keys()
    found |= {court.id: court for court in courts.some(s, single)}
    return sorted(found.values(), key=lambda court: court.path)


def moved(
    s: Session,
    actor: Actor,
    *,
    notice_id: UUID,
    court_id: UUID,
    past: bool,
    after: After | None = None,
    limit: int = PAGE,
) -> Sequence[tuple[MovedDate, Petition]]:
    """Return the due dates of a court that an entry moved (`past`: into the past alone), the earliest first."""
    key = (col(MovedDate.due_on), col(MovedDate.id))
    query = (
        select_rows(MovedDate, Petition)
        .join(Petition, col(Petition.id) == col(MovedDate.petition_id))
        .where(
            MovedDate.notice_id == notice_id,
            MovedDate.court_id == court_id,
            col(MovedDate.past).is_(past),
            visible_to(actor),
        )
    )
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(after.due_on, after.moved_id))
    return s.exec(query.order_by(*key).limit(limit)).all()


def count_moved(s: Session, actor: Actor, *, notice_id: UUID, court_id: UUID, past: bool) -> int:
    """Return how many rows `moved` would come to, at most one more than `MOST`."""
    query = (
        select(col(MovedDate.id))
        .join(Petition, col(Petition.id) == col(MovedDate.petition_id))
        .where(
            col(MovedDate.notice_id) == notice_id,
            col(MovedDate.court_id) == court_id,
            col(MovedDate.past).is_(past),
            visible_to(actor),
        )
        .limit(MOST + 1)
    )
    return int(s.connection().execute(select(func.count()).select_from(query.subquery())).scalar_one())


class Example(NamedTuple):
    """Clocks of one rule that began on one day and would move alike."""

    rule: str
    started_on: date
    was: date
    due_on: date
    clocks: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What an entry would move: how many due dates, how many of them into the past, and where most are."""

    moved: int
    past: int
    examples: tuple[Example, ...]


def effect(s: Session, change: Change, today: date, *, examples: int = 8) -> Effect:
    """Return what a change would move, counted in groups of clocks that began on one day; no petition is named."""
    counter = Counter(change.after.calendar, change.days, book_of(s))
    if not change.days:
        return Effect(0, 0, ())
    found: Counts[Example] = Counts()
    paused, own = _paused(s, change)
    for row in _groups(s, change):
        left = row.count - paused[_key(row)]
        if left > 0 and counter.touched(row):
            _note(found, row, counter.due(row).due_on, left)
    for row, pauses in own:
        if counter.touched(row):
            _note(found, row, counter.due(row, pauses).due_on, 1)
    past = sum(n for each, n in found.items() if each.due_on < today <= each.was)
    shown = [each._replace(clocks=n) for each, n in found.most_common(examples)]
    return Effect(sum(found.values()), past, tuple(shown))


def _note(found: "Counts[Example]", row: Any, due_on: date, count: int) -> None:
    if due_on != row.due_on:
        found[Example(row.rule, row.started_on, row.due_on, due_on, 0)] += count


_SAME = (
    _CLOCK.c.rule,
    _CLOCK.c.rules_version,
    _CLOCK.c.started_on,
    _CLOCK.c.occurrence,
    _CLOCK.c.due_on,
    _CLOCK.c.extension_days,
)


def _key(row: Any) -> tuple[Any, ...]:
    return tuple(getattr(row, column.name) for column in _SAME)


def _groups(s: Session, change: Change) -> Sequence[Any]:
    query = (
        select(*_SAME, _CLOCK.c.rule.label("petition_id"), func.count().label("count"))
        .where(COUNTED, _CLOCK.c.started_on <= change.days[-1], _CLOCK.c.due_on >= change.days[0])
        .group_by(*_SAME)
    )
    return s.connection().execute(query).all()


def _paused(s: Session, change: Change) -> tuple["Counts[tuple[Any, ...]]", list[tuple[Any, Any]]]:
    """Return how many clocks of each group were paused, and each of them with its pauses."""
    query = (
        select(*_SAME, _CLOCK.c.id, _CLOCK.c.petition_id, col(ClockPause.from_on), col(ClockPause.until_on))
        .join(ClockPause, col(ClockPause.clock_id) == _CLOCK.c.id)
        .where(COUNTED, _CLOCK.c.started_on <= change.days[-1], _CLOCK.c.due_on >= change.days[0])
        .order_by(_CLOCK.c.id, col(ClockPause.from_on))
    )
    rows: dict[UUID, Any] = {}
    pauses: dict[UUID, list[tuple[date, date | None]]] = {}
    for row in s.connection().execute(query):
        rows[row.id] = row
        pauses.setdefault(row.id, []).append((row.from_on, row.until_on))
    counts = Counts(_key(row) for row in rows.values())
    return counts, [(row, tuple(pauses[key])) for key, row in rows.items()]
