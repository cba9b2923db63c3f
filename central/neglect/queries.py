"""Read the course of the work: for learning from all of it, and for one petition now. Never a name, a text or a subject."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select as sa_select
from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.models import Staff
from central.actor import Role
from central.deadlines.models import ClockPause, DeadlineClock
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.log import in_batches
from central.events.models import Event
from central.neglect import features
from central.neglect.features import Act, Office, Snapshot
from central.neglect.models import NeglectModel
from central.petitions.models import Petition
from shared.clock import court_day

#: Deadlines by which an office's punctuality and load are known.
ANSWER = "answer"
_MANY = 400
_LOOK = timedelta(days=90)


def newest(s: Session) -> NeglectModel | None:
    """Return what was learnt last."""
    return s.exec(select(NeglectModel).order_by(col(NeglectModel.made_at).desc()).limit(1)).first()


@dataclass
class Days:
    """Ordinals of days, sorted: how many lie in a span."""

    days: list[int] = field(default_factory=list)

    def between(self, after: int, up_to: int) -> int:
        """Count the days behind `after` up to and with `up_to`."""
        return bisect_right(self.days, up_to) - bisect_right(self.days, after)


@dataclass
class Offices:
    """What each court owed and gave, day by day; `handlers` as they are now."""

    handlers: Mapping[UUID, int]
    started: dict[UUID, Days] = field(default_factory=lambda: defaultdict(Days))
    ended: dict[UUID, Days] = field(default_factory=lambda: defaultdict(Days))
    met: dict[UUID, Days] = field(default_factory=lambda: defaultdict(Days))
    late: dict[UUID, Days] = field(default_factory=lambda: defaultdict(Days))

    def on(self, court_id: UUID, day: date) -> Office:
        """Return how a court was doing on the evening of a day."""
        after, up_to = features.window(day)
        running = self.started[court_id].between(0, up_to) - self.ended[court_id].between(0, up_to)
        late = self.late[court_id].between(after, up_to)
        return Office(
            running / max(1, self.handlers.get(court_id, 1)),
            self.met[court_id].between(after, up_to) + late,
            late,
        )


def offices(s: Session) -> Offices:
    """Read every answer that was owed, as days by court."""
    clock = DeadlineClock
    found = Offices(handlers(s))
    query = sa_select(
        col(clock.court_id), col(clock.started_on), col(clock.ended_on), col(clock.outcome)
    ).where(col(clock.rule) == ANSWER)
    for court_id, started_on, ended_on, outcome in s.connection().execute(query):
        if court_id is None:
            continue
        found.started[court_id].days.append(started_on.toordinal())
        if ended_on is not None:
            found.ended[court_id].days.append(ended_on.toordinal())
            if outcome in {"met", "late"}:
                (found.met if outcome == "met" else found.late)[court_id].days.append(ended_on.toordinal())
    for table in (found.started, found.ended, found.met, found.late):
        for each in table.values():
            each.days.sort()
    return found


def counted() -> SelectOfScalar[int]:
    """Return the query for how many petitions there are."""
    return select(func.count()).select_from(Petition)


def handlers(s: Session) -> dict[UUID, int]:
    """Return how many handle petitions in each court."""
    query = sa_select(col(Staff.court_id), func.count()).where(
        col(Staff.active), col(Staff.roles).contains(str(Role.HANDLER))
    )
    rows = s.connection().execute(query.group_by(col(Staff.court_id)))
    return {court_id: int(count) for court_id, count in rows}


@dataclass(frozen=True, slots=True)
class Course:
    """The work on one petition: its clocks with their pauses, and the court's acts in order."""

    clocks: Sequence[DeadlineClock]
    pauses: Sequence[ClockPause]
    acts: Sequence[Act]


def courses(s: Session, *, most: int) -> Iterator[Course]:
    """Yield the courses of petitions, at most about `most`: those whose number ends in so many of a hundred endings."""
    total = s.exec(select(func.count()).select_from(Petition)).one()
    endings = 100 if total <= most else max(1, most * 100 // total)
    chosen = select(Petition.id)
    if endings < 100:
        chosen = chosen.where(or_(*(col(Petition.number).like(f"%{n:02d}") for n in range(endings))))
    ids = list(s.exec(chosen.order_by(col(Petition.id))).all())
    for part in in_batches(ids, _MANY):
        yield from _courses(s, part)


def _courses(s: Session, ids: Sequence[UUID]) -> Iterator[Course]:
    clocks, pauses = defaultdict[UUID, list[DeadlineClock]](list), defaultdict[UUID, list[ClockPause]](list)
    for clock in s.exec(select(DeadlineClock).where(col(DeadlineClock.petition_id).in_(ids))).all():
        clocks[clock.petition_id].append(clock)
    for pause in s.exec(select(ClockPause).where(col(ClockPause.petition_id).in_(ids))).all():
        pauses[pause.petition_id].append(pause)
    acts = acts_of(s, ids)
    for each in ids:
        yield Course(clocks[each], pauses[each], acts[each])
    s.expunge_all()


def acts_of(s: Session, ids: Sequence[UUID]) -> dict[UUID, list[Act]]:
    """Return the acts on some petitions in order: kind and day, nothing else."""
    streams = {stream_name("petition", each): each for each in ids}
    query = select(Event.stream, Event.kind, Event.recorded_at).where(col(Event.stream).in_(list(streams)))
    found: dict[UUID, list[Act]] = {each: [] for each in ids}
    for stream, kind, at in s.exec(query.order_by(col(Event.stream), col(Event.seq))):
        found[streams[stream]].append(Act(Kind(kind), court_day(at)))
    return found


def snapshot(course: Course, day: date, office: Office, clock: DeadlineClock) -> Snapshot:
    """Return a deadline as it was known on the evening of a day."""
    stage, since, count, back, handed = features.stage_of(course.acts, day)
    paused = sum(
        (min(each.until_on or day, day) - each.from_on).days
        for each in course.pauses
        if each.clock_id == clock.id and each.from_on < day
    )
    return Snapshot(
        rule=clock.rule,
        day=day,
        started_on=clock.started_on,
        due_on=clock.due_on,
        extension_days=clock.extension_days,
        stage=stage,
        stage_since=since,
        acts=count,
        sent_back=back,
        handed_on=handed,
        paused_days=paused,
        office=office,
    )


def office_now(s: Session, court_id: UUID, day: date) -> Office:
    """Return how a court is doing today: two counts over its own clocks."""
    clock = DeadlineClock
    own = (col(clock.court_id) == court_id, col(clock.rule) == ANSWER)
    running = s.exec(select(func.count()).where(*own, col(clock.result) == "open")).one()
    since, owed = day - _LOOK, day - timedelta(days=365)
    ended = sa_select(col(clock.outcome), func.count()).where(
        *own,
        col(clock.result).in_(("in_time", "late", "excused")),
        col(clock.owed_month) >= owed.year * 100 + owed.month,
        col(clock.ended_on) > since,
        col(clock.outcome).in_(("met", "late")),
    )
    rows = s.connection().execute(ended.group_by(col(clock.outcome)))
    counts = {outcome: int(count) for outcome, count in rows}
    late = counts.get("late", 0)
    people = handlers(s).get(court_id, 1)
    return Office(running / max(1, people), counts.get("met", 0) + late, late)
