"""Give an instruction, acknowledge it, report on it, take it back; the sweep notes each late one once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.barrier import queries as barrier
from central.deadlines.in_force import calendar_in_force
from central.errors import Conflict, Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.instructions import forms, queries
from central.instructions.models import Instruction, InstructionAddressee, State
from central.notifications import service as notifications
from central.petitions import queries as petitions
from central.petitions.numbering import parse_number
from central.supervision import periods
from central.supervision.periods import Use
from shared.canonical import Json
from shared.clock import court_day


def give(s: Session, *, form: forms.Give, by: Actor, now: datetime) -> Instruction:
    """Write an instruction to people of the leader's own court; raise `Forbidden`, `Invalid`."""
    if by.court_id is None or by.staff_id is None or not may(by, Right.INSTRUCT):
        raise Forbidden("instructions.leaders_only")
    petition_id = _numbered(s, form.number, by)
    known = {one.id for one in addressable(s, petition_id, by)}
    if not known.issuperset(form.people):
        raise Invalid("instructions.no_person", field="people")
    period, today = periods.chosen(form.period, Use.INSTRUCTION), court_day(now)
    row = Instruction(
        leader_id=by.staff_id,
        court_id=by.court_id,
        petition_id=petition_id,
        words=form.words,
        period=period.key,
        periods_version=periods.shipped().version,
        started_on=today,
        due_on=periods.derived(period, today, calendar_in_force(s)).due_on,
        given_at=now,
    )
    s.add(row)
    s.flush()
    people = list(dict.fromkeys(form.people))
    s.add_all(InstructionAddressee(instruction_id=row.id, staff_id=each) for each in people)
    facts: dict[str, Json] = {"due_on": row.due_on.isoformat(), "people": len(people)}
    _record(s, Kind.INSTRUCTION_GIVEN, row, by=by, now=now, facts=facts, at_petition=True)
    _tell(s, row, people, "given", now)
    return row


def acknowledge(s: Session, *, instruction_id: UUID, by: Actor, now: datetime) -> Instruction:
    """Say "read, will do". A second time changes nothing."""
    row, mine = _addressed(s, instruction_id, by)
    if mine.acknowledged_at is None:
        mine.acknowledged_at = now
        _record(s, Kind.INSTRUCTION_ACKNOWLEDGED, row, by=by, now=now)
    return row


def report(s: Session, *, instruction_id: UUID, form: forms.Report, by: Actor, now: datetime) -> Instruction:
    """Report what was done; with the last report the instruction is done."""
    row, mine = _addressed(s, instruction_id, by)
    if mine.reported_at is not None:
        raise Conflict("instructions.reported")
    mine.acknowledged_at, mine.reported_at, mine.report = mine.acknowledged_at or now, now, form.report
    late = court_day(now) > row.due_on
    _record(s, Kind.INSTRUCTION_REPORTED, row, by=by, now=now, facts={"late": late})
    if all(each.reported_at is not None for each in queries.addressees(s, [row.id])):
        row.state, row.ended_at = State.DONE, now
        _record(s, Kind.INSTRUCTION_DONE, row, by=by, now=now, at_petition=True)
    _tell(
        s, row, [row.leader_id], f"reported_{by.staff_id.hex}" if by.staff_id else "reported", now, "reported"
    )
    return row


def withdraw(
    s: Session, *, instruction_id: UUID, form: forms.Because, by: Actor, now: datetime
) -> Instruction:
    """Take an instruction back, with the reason: the leader's own act."""
    row = queries.get(s, instruction_id, actor=by, for_update=True)
    if row.leader_id != by.staff_id:
        raise Forbidden("instructions.giver_only")
    if row.state != State.RUNNING:
        raise Conflict("instructions.ended")
    row.state, row.ended_at, row.end_words = State.WITHDRAWN, now, form.words
    _record(s, Kind.INSTRUCTION_WITHDRAWN, row, by=by, now=now, at_petition=True)
    return row


def sweep(s: Session, *, by: Actor, now: datetime) -> int:
    """Note each instruction whose day is over, once, and tell who did not report and who gave it; return how many."""
    found = queries.late(s, today=court_day(now))
    for row in found:
        row.noted_on = court_day(now)
        _record(s, Kind.INSTRUCTION_LATE, row, by=by, now=now)
        open_ = [each.staff_id for each in queries.addressees(s, [row.id]) if each.reported_at is None]
        _tell(s, row, [*open_, row.leader_id], "late", now)
    return len(found)


def addressable(s: Session, petition_id: UUID | None, by: Actor) -> list[Staff]:
    """Return the people of the leader's court whom no conflict keeps from the petition, the leader left out."""
    if by.court_id is None:
        return []
    people = [one for one in accounts.active_of(s, by.court_id) if one.id != by.staff_id]
    return barrier.free(s, petition_id, people) if petition_id else people


def _numbered(s: Session, typed: str, by: Actor) -> UUID | None:
    if not typed.strip():
        return None
    number = parse_number(typed, province=by.court_code[:1])
    found = petitions.visible_number(s, number, actor=by) if number else None
    if found is None:
        raise Invalid("instructions.number_unknown", field="number")
    return found


def _addressed(s: Session, instruction_id: UUID, by: Actor) -> tuple[Instruction, InstructionAddressee]:
    row = queries.get(s, instruction_id, actor=by, for_update=True)
    mine = next((each for each in queries.addressees(s, [row.id]) if each.staff_id == by.staff_id), None)
    if mine is None:
        raise Forbidden("instructions.addressee_only")
    if row.state != State.RUNNING:
        raise Conflict("instructions.ended")
    return row, mine


def _tell(
    s: Session, row: Instruction, people: list[UUID], what: str, at: datetime, sentence: str = ""
) -> None:
    for person in people:
        notifications.tell(
            s,
            recipient=person,
            court_id=row.court_id,
            kind=f"instructions.told.{sentence or what}",
            key=f"instruction/{row.id.hex}/{what}",
            at=at,
            petition_id=row.petition_id,
            due_on=row.due_on,
        )


def _record(
    s: Session,
    kind: Kind,
    row: Instruction,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, Json] | None = None,
    at_petition: bool = False,
) -> None:
    """Write the event of the instruction, and a line for the timeline of its petition."""
    told: dict[str, Json] = {"by": by.name, **(facts or {})}
    log.record(s, kind=kind, stream=stream_name("instruction", row.id), actor=by, at=now, facts=told)
    if at_petition and row.petition_id is not None:
        told["instruction"] = row.id.hex
        stream = stream_name("petition", row.petition_id)
        log.record(s, kind=kind, stream=stream, actor=by, at=now, facts=told)
