"""Learn from what is over, test on the quarters that followed, and say what a running deadline's chance is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.deadlines.models import ClockPause, DeadlineClock
from central.neglect import features, fitting, queries
from central.neglect.features import RULES, Snapshot
from central.neglect.fitting import Fitted, Floats
from central.neglect.models import NeglectModel
from central.neglect.queries import Course, Offices
from central.petitions.models import Petition
from central.settings import Neglect
from shared.clock import court_day

#: Days between two looks at one petition, and the most examples that are learnt from.
EVERY, MOST_EXAMPLES = 14, 60_000
QUARTERS = 4
_QUARTER = timedelta(days=91)
#: A split with fewer says nothing.
FEWEST = 150


@dataclass(frozen=True, slots=True)
class Example:
    """One look at a deadline, and whether it was missed in the end."""

    day: date
    due_on: date
    known_on: date
    values: tuple[float, ...]
    used: float
    missed: bool


def examples(course: Course, offices: Offices, until: date, offset: int) -> Iterator[Example]:
    """Yield looks at the next deadline of one petition, a fortnight apart, each as it was known on that day."""
    clocks = [clock for clock in course.clocks if clock.rule in RULES and clock.court_id is not None]
    if not clocks:
        return
    day = min(clock.started_on for clock in clocks) + timedelta(days=offset % EVERY)
    last = max(min(clock.ended_on or until, clock.due_on) for clock in clocks)
    while day <= min(last, until):
        running = [
            clock
            for clock in clocks
            if clock.started_on <= day <= queries.due_on(course, day, clock)
            and (clock.ended_on is None or clock.ended_on > day)
        ]
        # Days of a pause that came later moved the due day: on this day nobody knew of them.
        moved = {pause.clock_id for pause in course.pauses if pause.until_on is None or pause.until_on > day}
        clock = min(running, key=lambda each: (queries.due_on(course, day, each), each.rule), default=None)
        if clock is not None and clock.court_id is not None and clock.id not in moved:
            missed = features.missed(due_on=clock.due_on, ended_on=clock.ended_on, until=until)
            if missed is not None:
                seen = queries.snapshot(course, day, offices.on(clock.court_id, day), clock)
                known = clock.due_on + timedelta(days=1)
                values = tuple(features.vector(seen))
                yield Example(day, clock.due_on, known, values, features.used(seen), missed)
        day += timedelta(days=EVERY)


def gathered(s: Session, *, until: date) -> list[Example]:
    """Return the examples of the installation in the order of their days, of at most so many petitions."""
    offices, found = queries.offices(s), list[Example]()
    for course in queries.courses(s, most=MOST_EXAMPLES // 3):
        offset = course.clocks[0].petition_id.int if course.clocks else 0
        found += examples(course, offices, until, offset)
    # Only what was due before the last day is known for all: the quick ones alone would look too good.
    found = [each for each in found if each.due_on < until]
    return sorted(found, key=lambda each: (each.day, each.due_on))[-MOST_EXAMPLES:]


def trained(s: Session, *, now: datetime, wanted: Neglect) -> NeglectModel | None:
    """Learn anew and test it, reading alone: the caller keeps it. None if there is too little that is over."""
    until = court_day(now)
    found = gathered(s, until=until)
    splits = list(_splits(found, until))
    late = sum(each.missed for each in found)
    if not splits or min(late, len(found) - late) < 20:
        return None
    fitted = fitting.fit(*_arrays(found))
    return NeglectModel(
        made_at=now,
        until=until,
        examples=len(found),
        petitions=s.exec(queries.counted()).one(),
        in_force=_beats(splits, wanted),
        content={"names": list(features.NAMES), **fitting.as_data(fitted), "splits": splits},
    )


def _splits(found: Sequence[Example], until: date) -> Iterator[dict[str, Any]]:
    """Yield, oldest first, how well learning from what was known before a quarter foretold that quarter."""
    for back in range(QUARTERS, 0, -1):
        first, last = until - back * _QUARTER, until - (back - 1) * _QUARTER
        past = [each for each in found if each.known_on <= first]
        then = [each for each in found if first < each.day <= last]
        if min(len(past), len(then)) < FEWEST or not 0 < sum(each.missed for each in then) < len(then):
            continue
        if not 0 < sum(each.missed for each in past) < len(past):
            continue
        yield {
            "first": first.isoformat(),
            "last": last.isoformat(),
            "learnt": len(past),
            **_tested(past, then),
        }


def _tested(past: Sequence[Example], then: Sequence[Example]) -> dict[str, Any]:
    fitted = fitting.fit(*_arrays(past))
    values, missed = _arrays(then)
    odds = fitting.log_odds_of(fitted, values)
    model = fitting.judged(fitting.chances(odds, fitted.steps), missed, ranked_by=odds)
    # The baseline is calibrated in the same way, on as much: its Brier error is as good as it can be.
    share = fitting.column([each.used for each in then])
    steps = fitting.isotonic(
        fitting.column([each.used for each in past]), fitting.column([each.missed for each in past])
    )
    base = fitting.judged(fitting.chances(share, steps), missed, ranked_by=share)
    return {
        "tested": len(then),
        "missed": int(missed.sum()),
        "model": asdict(model),
        "base": asdict(base),
    }


def _beats(splits: Sequence[dict[str, Any]], wanted: Neglect) -> bool:
    """Say whether the model is better than the share of time used in every quarter tested, by the margins set."""
    return all(
        split["model"]["auc"] >= split["base"]["auc"] + wanted.margin_auc
        and split["model"]["brier"] <= split["base"]["brier"] * (1 - wanted.margin_brier)
        for split in splits
    )


def _arrays(found: Sequence[Example]) -> tuple[Floats, Floats]:
    return fitting.table([each.values for each in found]), fitting.column([each.missed for each in found])


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 `Warning` is the language's own
    """What a person is told of one petition: the chance in tenths of a hundred, and why."""

    percent: int
    reasons: tuple[str, ...]


def warning(model: NeglectModel, seen: Snapshot, *, least: float) -> Warning_ | None:
    """Return the warning for a deadline; None where the chance is below `least` or the model knows other features."""
    if not model.in_force or tuple(model.content["names"]) != features.NAMES or seen.day > seen.due_on:
        return None
    fitted: Fitted = fitting.from_data(model.content)
    values = features.vector(seen)
    chance = fitting.one_chance(fitted, values)
    if chance < least:
        return None
    why = features.reasons(fitted.weights, fitted.means, values)
    return Warning_(min(95, round(chance * 20) * 5), tuple(why))


def of_petition(
    s: Session,
    petition: Petition,
    clocks: Sequence[DeadlineClock],
    pauses: Sequence[ClockPause],
    *,
    day: date,
    wanted: Neglect,
) -> Warning_ | None:
    """Return the warning for the next deadline of a petition, None where there is none to give."""
    found = of_petitions(s, [petition], {petition.id: clocks}, pauses, day=day, wanted=wanted)
    return found.get(petition.id)


def of_petitions(
    s: Session,
    petitions: Sequence[Petition],
    clocks: Mapping[UUID, Sequence[DeadlineClock]],
    pauses: Sequence[ClockPause],
    *,
    day: date,
    wanted: Neglect,
) -> dict[UUID, Warning_]:
    """Return the warnings for the next deadlines of some petitions, of those that have one: five statements for all of them."""
    model = queries.newest(s)
    if model is None or not model.in_force:
        return {}
    next_ = {each.id: clock for each in petitions if (clock := _next(each, clocks.get(each.id, ())))}
    if not next_:
        return {}
    acts = queries.acts_of(s, list(next_))
    offices = queries.offices_now(s, {clock.court_id for clock in next_.values() if clock.court_id}, day)
    found: dict[UUID, Warning_] = {}
    for key, clock in next_.items():
        course = Course([clock], [each for each in pauses if each.clock_id == clock.id], acts[key])
        seen = queries.snapshot(course, day, offices[clock.court_id or key], clock)
        if warned := warning(model, seen, least=wanted.least):
            found[key] = warned
    return found


def _next(petition: Petition, clocks: Sequence[DeadlineClock]) -> DeadlineClock | None:
    """Return the running clock that is due next, if the warning has learnt of its kind."""
    running = [
        each
        for each in clocks
        if each.rule == petition.next_rule and each.ended_on is None and not each.standing_still
    ]
    clock = min(running, key=lambda each: each.due_on, default=None)
    return clock if clock and clock.court_id and clock.rule in RULES else None


def due_to_train(s: Session, *, now: datetime, wanted: Neglect) -> bool:
    """Say whether the newest training is older than the days set."""
    model = queries.newest(s)
    return model is None or now - model.made_at >= timedelta(days=wanted.days)
