"""Acts on the periods themselves: more time asked for and decided, clocks stopped and running again (arts 34, 36)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.deadlines import extensions, stops
from central.deadlines import queries as clocks
from central.deadlines.in_force import calendar_in_force
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Ground
from central.deadlines.shipped import book_of
from central.errors import Conflict
from central.events.kinds import Kind
from central.petitions import forms, moves
from central.petitions.models import Petition
from central.petitions.states import Act
from shared.canonical import Json
from shared.clock import court_day


def ask_extension(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.AskExtension,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Ask the responsible leader for more time. What cannot be granted is refused here already."""
    petition, step = moves.load(s, petition_id, act=Act.ASK_EXTENSION, by=by, version=version)
    if petition.leader_id == petition.handler_id:
        raise Conflict("petitions.extension_four_eyes")
    clock = _extendable(s, petition)
    extensions.check_extension(clock, days=form.days, today=court_day(now), book=book_of(s))
    petition.extension_rule, petition.extension_days = clock.rule, form.days
    facts: dict[str, Json] = {"rule": clock.rule, "days": form.days}
    moves.move(s, petition, act=Act.ASK_EXTENSION, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def _extendable(s: Session, petition: Petition) -> DeadlineClock:
    """Return the clock that is due first among those that may be extended; the act's need says that there is one."""
    book = book_of(s)
    return next(clock for clock in clocks.running(s, petition.id) if extensions.room(clock, book))


def decide_extension(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.DecideExtension,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Grant or refuse more time. Granted, the due day moves at once and the petitioner reads why; refused, the handler does."""
    petition, step = moves.load(s, petition_id, act=Act.DECIDE_EXTENSION, by=by, version=version)
    rule, days = petition.extension_rule, form.days or petition.extension_days or 0
    petition.extension_rule = petition.extension_days = None
    facts: dict[str, Json] = {"rule": rule, "decision": form.decision}
    granted = form.decision == "grant"
    if granted:
        running = [clock for clock in clocks.running(s, petition.id) if clock.rule == rule]
        if not running:
            raise Conflict("petitions.extension_no_clock")
        clock = running[0]
        extensions.extend(s, clock=clock, days=days, today=court_day(now), calendar=calendar_in_force(s))
        facts |= {"days": days, "total": clock.extension_days, "due_on": clock.due_on.isoformat()}
    moves.move(
        s,
        petition,
        act=Act.DECIDE_EXTENSION,
        step=step if granted else replace(step, kind=Kind.PETITION_EXTENSION_REFUSED),
        by=by,
        at=now,
        facts_=facts,
        words=form.remark,
        public=granted,
    )
    return petition


def stop_clocks(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.StopClocks,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Stop what the ground may stop, by the rule of each clock; the petitioner reads why."""
    petition, step = moves.load(s, petition_id, act=Act.STOP_CLOCKS, by=by, version=version)
    ground = Ground(form.stopped_by)
    stopped = stops.pause(s, petition_id=petition.id, ground=ground, on=court_day(now))
    if not stopped:
        raise Conflict("petitions.nothing_stops")
    facts: dict[str, Json] = {"stopped_by": form.stopped_by, "rules": sorted(clock.rule for clock in stopped)}
    moves.move(
        s,
        petition,
        act=Act.STOP_CLOCKS,
        step=step,
        by=by,
        at=now,
        facts_=facts,
        words=form.remark,
        public=True,
    )
    return petition


def resume_clocks(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Let what was stopped run again, from the day after today."""
    petition, step = moves.load(s, petition_id, act=Act.RESUME_CLOCKS, by=by, version=version)
    stops.resume(
        s,
        petition_id=petition.id,
        on=court_day(now),
        calendar=calendar_in_force(s),
        grounds=set(Ground) - {Ground.SUPPLEMENT},
    )
    moves.move(s, petition, act=Act.RESUME_CLOCKS, step=step, by=by, at=now, words=form.remark, public=True)
    return petition
