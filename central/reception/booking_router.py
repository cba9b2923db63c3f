"""One reception day: publishing, calling off, bookings, records."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central import fields
from central.accounts import queries as accounts
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.casework import looks
from central.courts import queries as courts
from central.deadlines.in_force import calendar_in_force
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.halls import board
from central.petitions.numbering import shown_code
from central.reception import forms, queries, service
from central.reception.models import ReceptionDay
from central.reception.rules import BookingState, DayState, slots
from central.supervision import refusals
from central.web import render
from shared.clock import court_day
from shared.ids import new_id

router = APIRouter(prefix="/reception", include_in_schema=False)
_ENDS = {"cancel": BookingState.CANCELLED, "told": BookingState.CANCELLED, "no-show": BookingState.NO_SHOW}


def place(at: str, after: str) -> queries.After | None:
    """Return the key a list goes on behind; one that cannot be read starts at the top."""
    day = fields.day_of(at)
    try:
        return queries.After(day, UUID(after)) if day else None
    except ValueError:
        return None


@router.get("/{day_id}")
def show(request: Request, day_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The day: slots, bookings, records, and what this person may do."""
    return _page(request, db, day_id, actor, now)


@router.post("/{day_id}/publish")
def publish(request: Request, day_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Show the day to everybody."""
    return _moved(request, db, day_id, actor, now, service.publish)


@router.post("/{day_id}/call-off")
def call_off(request: Request, day_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Call the day off."""
    return _moved(request, db, day_id, actor, now, service.call_off)


@router.post("/{day_id}/held")
def hold(request: Request, day_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Note that the leader sat."""
    return _moved(request, db, day_id, actor, now, service.hold)


@router.post("/{day_id}/bookings")
def book(
    request: Request, day_id: UUID, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Book a visitor and show the codes, this once."""
    if not may(actor, Right.MANAGE_APPOINTMENTS):
        raise Forbidden("reception.bookers_only")
    row = queries.get(db, day_id, actor=actor)
    try:
        form = forms.Book.model_validate(posted)
        made = service.book(db, day_id=day_id, form=form, keys=config.data / "keys", by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        return _refused(request, db, day_id, actor, now, posted, error)
    ends, qr = board.time_of_day(made.appointment.slot_end), board.qr(made.token)
    return render.page(request, "reception/booked.html", status=201, made=made, ends=ends, qr=qr, day=row)


@router.post("/bookings/{booking_id}/{act}")
def end_booking(booking_id: UUID, act: str, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Cancel a booking, note that nobody came, or that the visitor was told."""
    if act not in _ENDS:
        raise NotFound("reception.not_found")
    row = service.end_booking(db, booking_id=booking_id, to=_ENDS[act], by=actor, now=now)
    return render.see_other(f"/reception/{row.day_id}#bookings")


@router.get("/{day_id}/record")
def ask(request: Request, day_id: UUID, db: ReadDb, actor: Signed, now: Now, booking: str = "") -> Response:
    """The form of a record: of a booking, or of somebody who came without."""
    return _record_page(
        request, db, day_id, actor, now, {"booking": booking, "petition_id": str(new_id())}, {}
    )


@router.post("/{day_id}/record")
def record(request: Request, day_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Keep what was asked and said; a petition that was registered with it shows its code, this once."""
    _recorded_day(db, day_id, actor)
    try:
        form = forms.Record.model_validate(posted)
        done = service.record(
            db, day_id=day_id, booking_id=_id(posted.get("booking")), form=form, by=actor, now=now
        )
    except (ValidationError, Invalid) as error:
        db.rollback()
        found = refusals.problems(error, partial(render.sentence, request))
        return _record_page(request, db, day_id, actor, now, posted, found)
    except Conflict as error:
        db.rollback()
        found = {"": render.sentence(request, error.key, error.values)}
        return _record_page(request, db, day_id, actor, now, posted, found, status=409)
    if done.registered:
        code = shown_code(done.code) if done.code else None
        context: dict[str, Any] = {"petition": done.petition, "code": code, "again": code is None}
        return render.page(request, "reception/registered.html", status=201, **context)
    return render.see_other(f"/petitions/{done.petition.id}/reception")


def _moved(
    request: Request,
    s: Session,
    day_id: UUID,
    actor: Actor,
    now: datetime,
    perform: Callable[..., ReceptionDay],
) -> Response:
    try:
        perform(s, day_id=day_id, by=actor, now=now)
    except Conflict as error:
        s.rollback()
        return _refused(request, s, day_id, actor, now, {}, error)
    return render.see_other(f"/reception/{day_id}")


def _refused(
    request: Request,
    s: Session,
    day_id: UUID,
    actor: Actor,
    now: datetime,
    posted: dict[str, Any],
    error: ValidationError | Invalid | Conflict,
) -> Response:
    say = partial(render.sentence, request)
    if isinstance(error, Conflict):
        return _page(request, s, day_id, actor, now, posted, {}, notice=say(error.key, error.values))
    return _page(request, s, day_id, actor, now, posted, refusals.problems(error, say))


def _page(
    request: Request,
    s: Session,
    day_id: UUID,
    actor: Actor,
    now: datetime,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    notice: str = "",
) -> Response:
    if not may(actor, Right.SEE_RECEPTION):
        raise Forbidden("reception.readers_only")
    row = queries.get(s, day_id, actor=actor)
    leader, found = accounts.get(s, row.leader_id), queries.bookings(s, row.id)
    seen = queries.seen_petitions(s, {each.petition_id for each in found if each.petition_id}, actor=actor)
    here = row.court_id == actor.court_id
    seated = {each.seat: each for each in found if each.state != BookingState.CANCELLED}
    context: dict[str, Any] = {
        "day": row,
        "court": courts.get(s, row.court_id),
        "leader": leader,
        "slots": list(slots(row.opens_at, row.closes_at, row.slot_minutes)),
        "seated": seated,
        "petitions": seen,
        # Whoever may not know of a petition learns nothing of who comes about it.
        "hidden": {each.id for each in found if each.petition_id and each.petition_id not in seen},
        "aside": {
            each.id for each in seen.values() if leader is not None and not barrier.free(s, each.id, [leader])
        },
        "records": queries.records_of_day(s, row.id, actor=actor),
        "at_rest": row.state == DayState.PLANNED and not calendar_in_force(s).is_working_day(row.day),
    }
    may_book = here and may(actor, Right.MANAGE_APPOINTMENTS)
    return render.page(
        request,
        "reception/day.html",
        status=409 if notice else 422 if problems else 200,
        values=values or {"appointment_id": str(new_id())},
        problems=problems or {},
        notice=notice,
        now=now,
        time_of=board.time_of_day,
        may_plan=here and may(actor, Right.PLAN_RECEPTION),
        may_book=may_book,
        may_record=here and may(actor, Right.RECORD_RECEPTION) and court_day(now) >= row.day,
        may_contact=may_book or (here and may(actor, Right.RECORD_RECEPTION)),
        may_hold=here and may(actor, Right.RECORD_RECEPTION) and row.state == DayState.PUBLISHED,
        **context,
    )


def _record_page(
    request: Request,
    s: Session,
    day_id: UUID,
    actor: Actor,
    now: datetime,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    row = _recorded_day(s, day_id, actor)
    booking = None
    if (booking_id := _id(values.get("booking"))) is not None:
        booking = queries.booking(s, booking_id)
        if booking.day_id != row.id or queries.is_barred(s, booking, actor):
            raise NotFound("reception.not_found")
    ids = {booking.petition_id} if booking and booking.petition_id else set()
    seen = queries.seen_petitions(s, {each for each in ids if each}, actor=actor)
    context: dict[str, Any] = {
        "day": row,
        "booking": booking,
        "petition": next(iter(seen.values()), None),
        "leader": accounts.get(s, row.leader_id),
    }
    if context["petition"] is not None:
        looks.opened(s, context["petition"], by=actor, now=now, what="reception")
    return render.page(
        request,
        "reception/record.html",
        status=status if problems else 200,
        values=values,
        problems=problems,
        time_of=board.time_of_day,
        may_register=actor.has(Role.REGISTRAR),
        **context,
    )


def _recorded_day(s: Session, day_id: UUID, actor: Actor) -> ReceptionDay:
    """Return a day of the actor's own court, for those who keep records."""
    if not may(actor, Right.RECORD_RECEPTION):
        raise Forbidden("reception.recorders_only")
    row = queries.get(s, day_id, actor=actor)
    if row.court_id != actor.court_id:
        raise NotFound("reception.not_found")
    return row


def _id(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        raise NotFound("reception.not_found") from None
