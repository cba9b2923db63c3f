"""Paper comes in, goes from hand to hand, goes back: each an event of the petition in the same transaction."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor
from central.casework import documents
from central.custody import forms, queries
from central.custody.models import Paper, PaperMove
from central.custody.rules import PlaceKind, code_of
from central.errors import Conflict, Invalid, NotFound
from central.events import log
from central.events.kinds import Kind
from central.halls import receipts
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.models import Petition
from shared.canonical import Json
from shared.clock import court_day
from shared.ids import new_id


def receive(s: Session, *, petition_id: UUID, form: forms.Receive, by: Actor, now: datetime) -> Paper:
    """Note paper that came in: what it is and where it is put."""
    petition = _workable(s, petition_id, by=by)
    known = s.get(Paper, form.id) if form.id else None
    if known is not None and known.petition_id == petition_id:
        return known
    arrived_on = form.arrived_on or court_day(petition.received_at)
    if arrived_on > court_day(now):
        raise Invalid("custody.not_yet", field="arrived_on")
    if form.postmark_on and form.postmark_on > arrived_on:
        raise Invalid("custody.postmark_later", field="postmark_on")
    number = queries.last_number(s, petition_id) + 1
    row = Paper(
        id=form.id if form.id and known is None else new_id(),
        petition_id=petition_id,
        court_id=petition.court_id,
        number=number,
        code=code_of(petition.number, number),
        arrived_on=arrived_on,
        envelope=form.envelope,
        postmark_on=form.postmark_on,
        postmark_place=form.postmark_place,
        pages=form.pages,
        originals=form.originals,
        what=form.what,
        place_kind=form.place_kind,
        place=form.place,
        holder_id=_holder(s, petition, form),
        placed_at=now,
        recorded_by=by.staff_id,
    )
    s.add(row)
    facts: dict[str, Json] = {"pages": row.pages, "originals": row.originals}
    _record(s, Kind.PAPER_RECEIVED, row, by=by, now=now, facts=facts)
    if form.receipt:
        receipts.tie(
            s, number=form.receipt, petition_id=petition_id, court_id=petition.court_id, by=by, now=now
        )
    return row


def move(
    s: Session, *, petition_id: UUID, paper_id: UUID, form: forms.Move, by: Actor, now: datetime
) -> Paper:
    """Hand paper over: to a shelf, a box, a person, another body."""
    petition = _workable(s, petition_id, by=by)
    row = _here(s, petition_id, paper_id)
    to = (form.place_kind.value, form.place, _holder(s, petition, form))
    if to == (row.place_kind, row.place, row.holder_id):
        raise Conflict("custody.there_already")
    _place(s, row, to, why=form.why, by=by, now=now)
    facts: dict[str, Json] = {"place_kind": row.place_kind, "paper_place": row.place or ""}
    _record(s, Kind.PAPER_MOVED, row, by=by, now=now, facts=facts)
    return row


def give_back(
    s: Session, *, petition_id: UUID, paper_id: UUID, form: forms.GiveBack, by: Actor, now: datetime
) -> Paper:
    """Give paper back to the petitioner, with its proof."""
    _workable(s, petition_id, by=by)
    row = _here(s, petition_id, paper_id)
    if not row.arrived_on <= form.returned_on <= court_day(now):
        raise Invalid("custody.return_day", field="returned_on", first=row.arrived_on, last=court_day(now))
    _place(s, row, (PlaceKind.RETURNED.value, None, None), why=form.returned_proof, by=by, now=now)
    row.returned_on, row.returned_by = form.returned_on, form.returned_by
    row.returned_to, row.returned_proof = form.returned_to, form.returned_proof
    facts: dict[str, Json] = {
        "returned_by": row.returned_by,
        "returned_on": form.returned_on.isoformat(),
    }
    _record(s, Kind.PAPER_RETURNED, row, by=by, now=now, facts=facts)
    return row


def _workable(s: Session, petition_id: UUID, *, by: Actor) -> Petition:
    """Return the petition, locked, if the actor works on it: paper is kept with open petitions and ended ones alike."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    documents.allowed(s, petition, by=by)
    return petition


def _here(s: Session, petition_id: UUID, paper_id: UUID) -> Paper:
    row = queries.paper(s, petition_id, paper_id)
    if row is None:
        raise NotFound
    if row.returned_on is not None:
        raise Conflict("custody.returned_already")
    return row


def _holder(s: Session, petition: Petition, form: forms.Place) -> UUID | None:
    """Return the person who takes it, one of the court; raise `Invalid`."""
    if form.place_kind is not PlaceKind.PERSON:
        return None
    crew = {one.id for one in accounts.active_of(s, petition.court_id)}
    if form.holder_id not in crew:
        raise Invalid("custody.holder_needed", field="holder_id")
    return form.holder_id


def _place(
    s: Session, row: Paper, to: tuple[str, str | None, UUID | None], *, why: str, by: Actor, now: datetime
) -> None:
    kind, place, holder = to
    s.add(
        PaperMove(
            paper_id=row.id,
            petition_id=row.petition_id,
            at=now,
            from_kind=row.place_kind,
            from_place=row.place,
            from_holder_id=row.holder_id,
            to_kind=kind,
            to_place=place,
            to_holder_id=holder,
            why=why,
            moved_by=by.staff_id,
        )
    )
    row.place_kind, row.place, row.holder_id, row.placed_at = kind, place, holder, now


def _record(s: Session, kind: Kind, row: Paper, *, by: Actor, now: datetime, facts: dict[str, Json]) -> None:
    told: dict[str, Json] = {"by": by.name, "court": by.court_code, "paper": row.code, **facts}
    log.record(s, kind=kind, stream=moves.stream_of(row.petition_id), actor=by, at=now, facts=told)
