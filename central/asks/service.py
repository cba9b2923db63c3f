"""Take in what petitioners send, read it, answer it. A form that comes twice counts once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Actor, Role
from central.asks import forms, queries
from central.asks.models import PetitionerAsk
from central.asks.rules import (
    MOST_A_DAY,
    MOST_AT_ONCE,
    MOST_FILES,
    MOST_OPEN,
    SHARE,
    USES,
    Kind,
    State,
    owner_of,
)
from central.barrier import queries as barrier
from central.deadlines.in_force import calendar_in_force
from central.documents import queries as documents
from central.documents.remaking import BadDocument
from central.documents.service import Prepared, Store, keep
from central.errors import Conflict, Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind as Event
from central.notifications import service as notifications
from central.petitions import forms as petition_forms
from central.petitions import queries as petitions
from central.petitions import service as petition_service
from central.petitions.models import Petition
from central.petitions.states import State as At
from central.settings import Documents
from central.supervision import periods
from central.supervision.periods import Use
from shared.canonical import Json
from shared.clock import court_day


class Refused(NamedTuple):
    """A file that was not taken, and why."""

    name: str
    why: BadDocument


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken in: the row (none: every file was refused), whether it was there before, the files not taken."""

    row: PetitionerAsk | None
    again: bool = False
    refused: tuple[Refused, ...] = ()


def due_on(s: Session, use: Use, today: date) -> date:
    """Return the day by which the court deals with what comes today."""
    return periods.derived(periods.shipped().of(use)[0], today, calendar_in_force(s)).due_on


def supplement(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Supplement,
    files: Sequence[Prepared] = (),
    store: Store | None = None,
    by: Actor,
    now: datetime,
) -> Taken:
    """Add words and files to a petition; where the court waits for them, its clocks run again. Raise `Invalid` or `Conflict`."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if (there := _sent_before(s, petition, form.id)) is not None:
        return Taken(there, again=True)
    if not files and len(form.words) < 2:
        raise Invalid("asks.nothing_sent", field="words")
    _check_pace(s, petition, now)
    kept, refused = _keep(s, petition, files, store, by, now)
    if not kept and len(form.words) < 2:
        return Taken(None, refused=tuple(refused))
    row = _row(s, petition, Kind.SUPPLEMENT, form, now)
    row.files = ",".join(str(number) for number in kept)
    s.add(row)
    if petition.state == At.AWAITING_SUPPLEMENT:
        plain = petition_forms.Plain()
        petition_service.receive_supplement(s, petition_id=petition.id, form=plain, by=by, now=now)
    else:
        _record(s, Event.ASK_SUPPLEMENT_ADDED, row, by=by, now=now, facts={"files": len(kept)})
    _tell(s, row, petition, at=now)
    return Taken(row, refused=tuple(refused))


def objection(s: Session, *, petition_id: UUID, form: forms.Objection, by: Actor, now: datetime) -> Taken:
    """Take in an objection, which the court must answer; raise `Invalid` or `Conflict`."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if (there := _sent_before(s, petition, form.id)) is not None:
        return Taken(there, again=True)
    _check_pace(s, petition, now)
    if queries.open_objections(s, petition.id) >= MOST_OPEN:
        raise Conflict("asks.many_open", most=MOST_OPEN)
    row = _row(s, petition, Kind.OBJECTION, form, now)
    row.about = form.about
    s.add(row)
    _record(s, Event.ASK_OBJECTION_MADE, row, by=by, now=now, facts={"about": str(form.about)})
    _tell(s, row, petition, at=now)
    return Taken(row)


def seen(
    s: Session, *, petition_id: UUID, ask_id: UUID, form: forms.Seen, by: Actor, now: datetime
) -> PetitionerAsk:
    """Note that a supplement was read; raise `NotFound`, `Forbidden` or `Conflict`."""
    row = _taken(s, petition_id, ask_id, Kind.SUPPLEMENT, by)
    _done(row, form.words, by, now)
    _record(s, Event.ASK_SEEN, row, by=by, now=now)
    return row


def answer(
    s: Session, *, petition_id: UUID, ask_id: UUID, form: forms.Answer, by: Actor, now: datetime
) -> PetitionerAsk:
    """Answer an objection: a leader of the court that has the petition, never its handler."""
    row = _taken(s, petition_id, ask_id, Kind.OBJECTION, by)
    row.outcome = form.outcome
    _done(row, form.words, by, now)
    facts: dict[str, Json] = {"outcome": str(form.outcome), "late": court_day(now) > row.due_on}
    _record(s, Event.ASK_ANSWERED, row, by=by, now=now, facts=facts)
    return row


def may(row: PetitionerAsk, petition: Petition, by: Actor) -> bool:
    """Say whether the actor may deal with what was sent."""
    if row.state != State.OPEN or petition.erased_at is not None:
        return False
    here = by.roles_in(petition.court_id, petition.department_id)
    if row.kind == Kind.OBJECTION:
        return Role.LEADER in here and by.staff_id != petition.handler_id
    return Role.REGISTRAR in here or by.staff_id in {petition.handler_id, petition.leader_id} - {None}


def check(s: Session, *, petition_id: UUID, ask_id: UUID, by: Actor) -> None:
    """Raise `NotFound` or `Forbidden` before anything of a form is read."""
    row = queries.get(s, petition_id, ask_id, actor=by)
    if row.state == State.OPEN and not may(row, petitions.get(s, petition_id, actor=by), by):
        raise Forbidden(f"asks.not_yours_{row.kind}")


def _taken(s: Session, petition_id: UUID, ask_id: UUID, kind: Kind, by: Actor) -> PetitionerAsk:
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    row = queries.get(s, petition_id, ask_id, actor=by, for_update=True)
    if row.state != State.OPEN or row.kind != kind:
        raise Conflict("asks.done_already")
    if not may(row, petition, by):
        raise Forbidden(f"asks.not_yours_{row.kind}")
    return row


def _done(row: PetitionerAsk, words: str, by: Actor, now: datetime) -> None:
    row.state, row.answer, row.done_at, row.done_by = State.DONE, words or None, now, by.staff_id


def _sent_before(s: Session, petition: Petition, ask_id: UUID) -> PetitionerAsk | None:
    there = s.get(PetitionerAsk, ask_id)
    if there is not None and there.petition_id != petition.id:
        raise Conflict("asks.form_used")
    return there


def _check_pace(s: Session, petition: Petition, now: datetime) -> None:
    if queries.sent_since(s, petition.id, now - timedelta(days=1)) >= MOST_A_DAY:
        raise Conflict("asks.many_today", most=MOST_A_DAY)


def _row(s: Session, petition: Petition, kind: Kind, form: forms.Sent, now: datetime) -> PetitionerAsk:
    day = due_on(s, USES[kind], court_day(now))
    return PetitionerAsk(
        id=form.id, petition_id=petition.id, kind=kind, words=form.words, asked_at=now, due_on=day
    )


def _keep(
    s: Session, petition: Petition, files: Sequence[Prepared], store: Store | None, by: Actor, now: datetime
) -> tuple[list[int], list[Refused]]:
    """Keep the files that fit; return the numbers they got, and those that did not."""
    kept: list[int] = []
    refused: list[Refused] = []
    if store is None:
        return kept, refused
    for place, each in enumerate(files):
        try:
            _room_for(s, petition.id, each, store.limits, place)
            taken = keep(
                s, store=store, petition_id=petition.id, key_id=petition.key_id, prepared=each, by=by, now=now
            )
        except BadDocument as error:
            refused.append(Refused(each.name, error))
        else:
            s.flush()  # the next one counts from it
            kept.append(taken.row.number)
    return list(dict.fromkeys(kept)), refused


def _room_for(s: Session, petition_id: UUID, file: Prepared, limits: Documents, place: int) -> None:
    """Raise `BadDocument` for a file too many, or one that would fill what the court needs for its own."""
    if place >= MOST_AT_ONCE:
        raise BadDocument("many_at_once", files=MOST_AT_ONCE)
    own = [each.size for each in documents.of_petition(s, petition_id) if each.added_by is None]
    most = int(limits.max_petition_mb * SHARE)
    if len(own) >= MOST_FILES or sum(own) + file.size > most * 2**20:
        raise BadDocument("petitioner_full", files=MOST_FILES, megabytes=most)


def _tell(s: Session, row: PetitionerAsk, petition: Petition, *, at: datetime) -> None:
    """Tell those whose it is; never anybody with a conflict."""
    for person in barrier.free(s, petition.id, _people(s, row, petition)):
        notifications.tell(
            s,
            recipient=person.id,
            court_id=petition.court_id,
            kind=f"asks.told.{row.kind}",
            key=f"ask/{row.id.hex}",
            at=at,
            petition_id=petition.id,
            due_on=row.due_on,
        )


def _people(s: Session, row: PetitionerAsk, petition: Petition) -> Iterable[Staff]:
    role, person_id = owner_of(row.kind, petition.handler_id)
    if person_id is not None:
        person = accounts.get(s, person_id)
        return [person] if person is not None else []
    people = accounts.with_role(s, petition.court_id, role)
    return [one for one in people if one.id != petition.handler_id]


def _record(
    s: Session,
    kind: Event,
    row: PetitionerAsk,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Json] | None = None,
) -> None:
    stream = stream_name("petition", row.petition_id)
    told: dict[str, Json] = {"by": by.name, "court": by.court_code, "ask": row.id.hex, **(facts or {})}
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts=told)
