"""Read the course of the work: for learning from all of it, and for one petition now. Never a name, a text or a subject."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from central.neglect import features, past
from central.neglect.features import Act, Office, Snapshot
from central.neglect.models import NeglectModel
from central.neglect.past import Days, Granted
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
class Offices:
    """What each court owed and gave, and how many handled petitions there, day by day."""

    joined: Mapping[UUID, Days]
    left: Mapping[UUID, Days]
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
            running / max(1, self.handlers_on(court_id, day)),
            self.met[court_id].between(after, up_to) + late,
            late,
        )

    def handlers_on(self, court_id: UUID, day: date) -> int:
        """Return how many handled petitions at a court on the evening of a day."""
        up_to = day.toordinal()
        return self.joined[court_id].between(0, up_to) - self.left[court_id].between(0, up_to)


def offices(s: Session) -> Offices:
    """Read every answer that was owed, as days by court."""
    clock = DeadlineClock
    found = Offices(*past.came_and_went(s))
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
    """Return how many handle petitions in each court now."""
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
    #: Extensions with the days on which they were granted; empty where only today is looked at.
    granted: Sequence[Granted] = ()


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
    acts, granted = acts_of(s, ids), past.granted(s, ids)
    for each in ids:
        yield Course(clocks[each], pauses[each], acts[each], granted[each])
    s.expunge_all()


def acts_of(s: Session, ids: Sequence[UUID]) -> dict[UUID, list[Act]]:
    """Return the acts on some petitions in order: kind and day, nothing else."""
    streams = {stream_name("petition", each): each for each in ids}
    query = select(Event.stream, Event.kind, Event.recorded_at).where(col(Event.stream).in_(list(streams)))
    found: dict[UUID, list[Act]] = {each: [] for each in ids}
    for stream, kind, at in s.exec(query.order_by(col(Event.stream), col(Event.seq))):
        found[streams[stream]].append(Act(Kind(kind), court_day(at)))
    return found


def extension_on(course: Course, day: date, clock: DeadlineClock) -> int:
    """Return by how many days a deadline was extended as far as was known on a day."""
    own = [each for each in course.granted if each.rule == clock.rule and each.on >= clock.started_on]
    if not clock.extension_days or not own:
        return clock.extension_days
    return max((each.total for each in own if each.on <= day), default=0)


def due_on(course: Course, day: date, clock: DeadlineClock) -> date:
    """Return when a deadline was due as far as was known on a day: without the extensions that were granted later."""
    return clock.due_on - timedelta(days=clock.extension_days - extension_on(course, day, clock))


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
        due_on=due_on(course, day, clock),
        extension_days=extension_on(course, day, clock),
        stage=stage,
        stage_since=since,
        acts=count,
        sent_back=back,
        handed_on=handed,
        paused_days=paused,
        office=office,
    )


def offices_now(s: Session, courts: Collection[UUID], day: date) -> dict[UUID, Office]:
    """Return how some courts are doing today: two counts over their own clocks, one of their people."""
    clock = DeadlineClock
    own = (col(clock.court_id).in_(courts), col(clock.rule) == ANSWER)
    query = sa_select(col(clock.court_id), func.count()).where(*own, col(clock.result) == "open")
    running = {
        court_id: int(count)
        for court_id, count in s.connection().execute(query.group_by(col(clock.court_id)))
    }
    since, owed = day - _LOOK, day - timedelta(days=365)
    ended = sa_select(col(clock.court_id), col(clock.outcome), func.count()).where(
        *own,
        col(clock.result).in_(("in_time", "late", "excused")),
        col(clock.owed_month) >= owed.year * 100 + owed.month,
        col(clock.ended_on) > since,
        col(clock.outcome).in_(("met", "late")),
    )
    rows = s.connection().execute(ended.group_by(col(clock.court_id), col(clock.outcome)))
    counts = {(court_id, outcome): int(count) for court_id, outcome, count in rows}
    people, found = handlers(s), dict[UUID, Office]()
    for each in courts:
        late = counts.get((each, "late"), 0)
        load = running.get(each, 0) / max(1, people.get(each, 1))
        found[each] = Office(load, counts.get((each, "met"), 0) + late, late)
    return found
