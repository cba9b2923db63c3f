"""Carry out one row of the table: check it, move state, clocks and next step, and write the event. All acts pass here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor, Role, StandsFor
from central.deadlines import extensions, stops
from central.deadlines import queries as clocks
from central.deadlines import service as deadlines
from central.deadlines.books import Book
from central.deadlines.in_force import calendar_in_force
from central.deadlines.kinds import PetitionKind
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Ground, Moment
from central.deadlines.shipped import book_of
from central.errors import Conflict
from central.events import log
from central.events.journal import Journaled, stream_name
from central.events.models import Event
from central.petitions import queries, steps
from central.petitions.models import Demand, Note, Petition, PetitionPerson
from central.petitions.standing import Standing, check
from central.petitions.states import ABOUT_CLOCKS, ENDED, EXTENDABLE, Act, Clocks, Facts, State, Step, Who
from shared.canonical import Json
from shared.clock import court_day

#: From the draft's submission to its leaving: where somebody approves or may still send back.
_APPROVING = frozenset({State.DRAFTED, State.APPROVED, State.REVIEW_DRAFTED})


class Stale(Conflict):
    """Somebody else acted since the page was made."""


def stream_of(petition_id: UUID) -> str:
    """Return the stream of a petition's events."""
    return stream_name("petition", petition_id)


def load(
    s: Session,
    petition_id: UUID,
    *,
    act: Act,
    by: Actor,
    version: int | None,
    known: Facts | None = None,
) -> tuple[Petition, Step]:
    """Return the petition, locked, and the step; raise what forbids the act to this actor now. Nothing is changed yet.

    `version` is what the person saw; None skips that check. `known` are the facts as the act itself makes them.
    """
    petition = queries.get(s, petition_id, actor=by, for_update=True)
    return petition, allowed(s, petition, act=act, by=by, version=version, known=known)


def allowed(
    s: Session,
    petition: Petition,
    *,
    act: Act,
    by: Actor,
    version: int | None,
    known: Facts | None = None,
) -> Step:
    """Return the step of `act` on a petition that was found and locked; raise what forbids it."""
    petition_id = petition.id
    if version is not None and version != petition.version:
        raise Stale("petitions.stale")
    step = steps.find(State(petition.state), act)
    asked = clocks.running(s, petition_id) if ABOUT_CLOCKS & set(step.needs) else ()
    here = facts(petition, queries.demands(s, petition.id), asked, book_of(s)) if known is None else known
    check(step, standing(petition, by), here)
    return step


def move(
    s: Session,
    petition: Petition,
    *,
    act: Act,
    step: Step,
    by: Actor,
    at: datetime,
    now: datetime | None = None,
    facts_: Mapping[str, Json] | None = None,
    moments: tuple[Moment, ...] = (),
    words: str | None = None,
    public: bool = False,
) -> Event:
    """Apply `step` to a loaded petition. `at` is when it happened, `now` when it was written down (default `at`).

    `moments` are further dated moments the act brings with it; `words` go into a note of the petition.
    """
    was, place = petition.state, in_place_of(petition, by, step.who)
    if words:
        s.add(Note(petition_id=petition.id, act=act, at=at, text=words, public=public))
    petition.state = step.to
    petition.is_open = step.to not in ENDED
    petition.closed_at = at if step.to in ENDED else None
    petition.version += 1
    if step.to not in EXTENDABLE:
        petition.extension_rule = petition.extension_days = None
    if step.to not in _APPROVING:
        petition.approver_id = None
    _move_clocks(s, petition, step, (*step.moments, *moments), at)
    set_next(petition)
    return log.record(
        s,
        kind=step.kind,
        stream=stream_of(petition.id),
        actor=by,
        at=at,
        now=now,
        facts=_told(act, was, step, by, facts_) | ({"for": place.name} if place else {}),
    )


def enter(
    s: Session,
    petition: Petition,
    rows: Sequence[Journaled],
    *,
    number: Callable[[], str],
    step: Step,
    by: Actor,
    at: datetime,
    now: datetime,
) -> Event:
    """Write a petition that is new, the `rows` that belong to it, its clocks and its first event.

    `number` draws the receipt number. It is called last: until the commit nobody else at that court can draw one.
    """
    book = book_of(s)
    started = deadlines.advance(
        [],
        petition_id=petition.id,
        court_id=petition.court_id,
        moments=step.moments,
        on=court_day(at),
        calendar=calendar_in_force(s),
        book=book,
        version=version_of(petition, book),
    )
    petition.version = 1
    petition.next_rule, petition.next_due_on = deadlines.nearest(started, book)
    set_next(petition)
    s.add(petition)
    s.flush()  # what follows refers to it
    s.add_all([*rows, *started])
    s.flush()
    reserved = log.next_ids(s, 1)[0]
    petition.number = number()
    return log.record(
        s,
        kind=step.kind,
        stream=stream_of(petition.id),
        actor=by,
        at=at,
        now=now,
        facts=_told(Act.REGISTER, petition.state, step, by, _entered(petition, rows)),
        first=reserved,
    )


def _entered(petition: Petition, rows: Sequence[Journaled]) -> dict[str, Json]:
    """Return by which way it came, and how many people stand beside the petitioner, if any do."""
    people = sum(1 for row in rows if isinstance(row, PetitionPerson))
    return {"channel": petition.channel} | ({"people": people} if people else {})


def _told(act: Act, was: str, step: Step, by: Actor, more: Mapping[str, Json] | None) -> dict[str, Json]:
    return {"act": act, "from": was, "to": step.to, "by": by.name, "court": by.court_code, **(more or {})}


def _move_clocks(
    s: Session, petition: Petition, step: Step, moments: tuple[Moment, ...], at: datetime
) -> None:
    calendar, day, new = calendar_in_force(s), court_day(at), Moment.RECEIVED in moments
    # The row the clocks refer to must be there first.
    s.flush()
    if step.clocks is Clocks.RESUME:
        stops.resume(s, petition_id=petition.id, on=day, calendar=calendar, grounds=(Ground.SUPPLEMENT,))
    nearest = deadlines.apply(
        s,
        petition_id=petition.id,
        court_id=petition.court_id,
        moments=moments,
        on=day,
        calendar=calendar,
        version=version_of(petition, book_of(s)),
        new=new,
    )
    if step.clocks is Clocks.PAUSE:
        stops.pause(s, petition_id=petition.id, ground=Ground.SUPPLEMENT, on=day)
        nearest = deadlines.nearest_of(s, petition.id)
    petition.next_rule, petition.next_due_on = nearest if petition.is_open else (None, None)


def moments_of_kind(act: Act, kind: str) -> tuple[Moment, ...]:
    """Return the further moments that an act brings for a petition of `kind`: acceptance under art. 31(6) starts 60 days."""
    return (Moment.ACCEPTED_CLASS6,) if act is Act.ACCEPT and kind == PetitionKind.CLASS6 else ()


def version_of(petition: Petition, book: Book) -> str:
    """Return the rule version for clocks that start now: that under which the petition began, as its kind reads it."""
    return book.version(petition.rules_version, petition.kind)


def set_next(petition: Petition) -> None:
    """Derive the next step, its role and its person from the state."""
    upcoming = steps.next_step(
        State(petition.state),
        delivered=petition.delivered_on is not None,
        has_handler=petition.handler_id is not None,
        extension_asked=petition.extension_rule is not None,
        undecided=petition.undecided,
    )
    petition.next_act = upcoming.act if upcoming else None
    petition.next_role = upcoming.role if upcoming else None
    person = {
        Who.THE_HANDLER: petition.handler_id,
        Who.THE_LEADER: petition.leader_id,
        Who.THE_APPROVER: petition.approver_id or petition.leader_id,
        Who.THE_DECIDER: petition.decider_id,
    }
    petition.next_person_id = person.get(upcoming.who) if upcoming else None


def standing(petition: Petition, by: Actor) -> Standing:
    """Return how the actor stands to the petition. Custody is the court's: others only look."""
    return Standing(
        by.roles_in(petition.court_id, petition.department_id),
        is_handler=by.staff_id is not None and by.staff_id == petition.handler_id,
        is_leader=by.staff_id is not None and by.staff_id == petition.leader_id,
        is_approver=_approves(petition, by),
        in_place=not _handles(petition, by) and by.place_of(petition.leader_id) is not None,
        is_decider=_decides(petition, by),
    )


def _handles(petition: Petition, by: Actor) -> bool:
    return by.staff_id is not None and by.staff_id == petition.handler_id


def _approves(petition: Petition, by: Actor) -> bool:
    """Say whether the step of the approval is the actor's, or that of who named them. Nobody stands in over their own draft."""
    if by.staff_id is None or petition.state not in _APPROVING:
        return False
    here = by.roles_in(petition.court_id, petition.department_id)
    at_home = petition.court_id == by.court_id
    if petition.approver_id is None:
        own = by.staff_id == petition.leader_id and Role.LEADER in here
    else:
        own = by.staff_id == petition.approver_id and at_home
    in_place = not _handles(petition, by) and in_place_of(petition, by, Who.THE_APPROVER) is not None
    return own or (at_home and in_place)


def in_place_of(petition: Petition, by: Actor, who: Who) -> StandsFor | None:
    """Return in whose place the actor takes a step of `who`; None for their own."""
    approver, leader = petition.approver_id or petition.leader_id, petition.leader_id
    named = {
        Who.THE_APPROVER: (approver,),
        Who.APPROVER_OR_LEADER: (approver, leader),
        Who.THE_LEADER: (leader,),
    }
    found = named.get(who, ())
    return None if by.staff_id in found else next(filter(None, map(by.place_of, found)), None)


def _decides(petition: Petition, by: Actor) -> bool:
    """Say whether the actor is the third person; where nobody could be named, any leader or supervisor who is one."""
    if not petition.undecided or by.staff_id is None:
        return False
    if petition.decider_id is not None:
        return by.staff_id == petition.decider_id
    here = by.roles_in(petition.court_id, petition.department_id)
    others = by.staff_id not in {petition.handler_id, petition.caller_id}
    return others and not here.isdisjoint({Role.LEADER, Role.SUPERVISOR})


def facts(
    petition: Petition,
    demands: Sequence[Demand],
    running: Sequence[DeadlineClock] = (),
    book: Book | None = None,
) -> Facts:
    """Return what needs are judged by; without `running` clocks and their `book`, nothing is said of clocks."""
    facts = Facts(
        has_handler=petition.handler_id is not None,
        has_leader=petition.leader_id is not None,
        demands=len(demands),
        demands_answered=sum(demand.answered for demand in demands),
        delivered=petition.delivered_on is not None,
        attempts=petition.attempts,
        undecided=petition.undecided,
        extension_asked=petition.extension_rule is not None,
    )
    if book is None:
        return facts
    open_ = [clock for clock in running if clock.ended_on is None]
    grounds = set(Ground) - {Ground.SUPPLEMENT}
    return replace(
        facts,
        extendable=any(extensions.room(clock, book) for clock in open_),
        stoppable=any(
            not clock.standing_still and stops.stoppable([clock], book, ground)
            for clock in open_
            for ground in grounds
        ),
        stopped=any(clock.standing_still for clock in open_),
    )
