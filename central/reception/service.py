"""Plan, publish, call off and hold reception days; book and cancel; record what was said."""

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import Right, may
from central.actor import Actor, Role, Via, system
from central.barrier import queries as barrier
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.halls import appointments
from central.halls.line_keys import KEY_ID
from central.halls.models import Appointment
from central.keys import signing_key
from central.notifications import service as notifications
from central.petitions import forms as petition_forms
from central.petitions import queries as petitions
from central.petitions import service as registering
from central.petitions.models import Petition
from central.petitions.numbering import parse_number
from central.reception import forms, promises, queries
from central.reception.models import ReceptionBooking, ReceptionDay, ReceptionRecord
from central.reception.rules import BookingState, DayState, Slot, free_seat, slots
from shared.canonical import Json
from shared.clock import court_day
from shared.wire import VisitKind


def plan(s: Session, *, form: forms.Plan, by: Actor, now: datetime) -> ReceptionDay:
    """Put a day on the roster of the actor's court; raise `Forbidden`, `Invalid`, or `Conflict` if the leader sits then already."""
    if by.court_id is None or not may(by, Right.PLAN_RECEPTION):
        raise Forbidden("reception.planners_only")
    if form.opens_at <= now:
        raise Invalid("reception.past", field="day")
    if form.opens_at > now + appointments.FURTHEST:
        raise Invalid("reception.far", field="day", days=appointments.FURTHEST.days)
    leaders = {one.id: one for one in accounts.with_role(s, by.court_id, Role.LEADER)}
    if form.leader_id not in leaders:
        raise Invalid("reception.no_leader", field="leader_id")
    if queries.sits(s, form.leader_id, form.opens_at, form.closes_at):
        raise Conflict("reception.sits_already", leader=leaders[form.leader_id].name)
    row = ReceptionDay(
        court_id=by.court_id,
        leader_id=form.leader_id,
        day=form.day,
        opens_at=form.opens_at,
        closes_at=form.closes_at,
        slot_minutes=form.slot_minutes,
        per_slot=form.per_slot,
        place=form.place,
        planned_by=by.staff_id,
    )
    s.add(row)
    _record(s, Kind.LEADER_DAY_PLANNED, row, by=by, now=now, facts={"leader": row.leader_id.hex})
    return row


def publish(s: Session, *, day_id: UUID, by: Actor, now: datetime) -> ReceptionDay:
    """Show a planned day to everybody; from now on visitors are booked."""
    row = _own(s, day_id, by, Right.PLAN_RECEPTION)
    if row.state != DayState.PLANNED:
        raise Conflict("reception.not_planned")
    if row.closes_at <= now:
        raise Conflict("reception.over")
    row.state, row.published_at = DayState.PUBLISHED, now
    _record(s, Kind.LEADER_DAY_PUBLISHED, row, by=by, now=now)
    if row.leader_id != by.staff_id:
        notifications.tell(
            s,
            recipient=row.leader_id,
            court_id=row.court_id,
            kind="reception.told.published",
            key=f"reception/{row.id.hex}",
            at=now,
            due_on=row.day,
        )
    return row


def call_off(s: Session, *, day_id: UUID, by: Actor, now: datetime) -> ReceptionDay:
    """Call a day off: every appointment is void, whoever is booked stands on the list of those to be told."""
    row = _own(s, day_id, by, Right.PLAN_RECEPTION)
    if row.state not in {DayState.PLANNED, DayState.PUBLISHED}:
        raise Conflict("reception.ended")
    called = 0
    for booking in queries.bookings(s, row.id):
        if booking.state == BookingState.BOOKED:
            _void(s, booking, now)
            booking.state = BookingState.TO_TELL
            called += 1
    row.state, row.ended_at = DayState.CALLED_OFF, now
    _record(s, Kind.LEADER_DAY_CALLED_OFF, row, by=by, now=now, facts={"called": called})
    return row


def hold(s: Session, *, day_id: UUID, by: Actor, now: datetime) -> ReceptionDay:
    """Note that the leader sat; it counts for the year. Nobody may still be booked without a word what became of them."""
    row = _own(s, day_id, by, Right.RECORD_RECEPTION)
    if row.state != DayState.PUBLISHED:
        raise Conflict("reception.not_published")
    if now < row.opens_at:
        raise Conflict("reception.not_yet")
    if any(each.state == BookingState.BOOKED for each in queries.bookings(s, row.id)):
        raise Conflict("reception.still_booked")
    row.state, row.ended_at = DayState.HELD, now
    _record(s, Kind.LEADER_DAY_HELD, row, by=by, now=now, facts={"leader": row.leader_id.hex})
    return row


def book(
    s: Session, *, day_id: UUID, form: forms.Book, keys: Path, by: Actor, now: datetime
) -> appointments.Made:
    """Book a visitor into a slot by a signed appointment; raise `Invalid` for one that is full or over. Two at once never share a seat."""
    appointments.check_may_appoint(by)
    row = queries.get(s, day_id, actor=by, for_update=True)
    if row.court_id != by.court_id:
        raise NotFound("reception.not_found")
    if row.state != DayState.PUBLISHED:
        raise Conflict("reception.not_published")
    if any(each.appointment_id == form.appointment_id for each in queries.bookings(s, row.id)):
        raise Conflict("halls.appointment_made")  # before its own seat is found taken
    slot, seat = _seat(s, row, form.slot, now)
    petition = _numbered(s, form.number, by) if form.number.strip() else None
    if petition is not None:
        _check_leader(s, row, petition)
    made = appointments.make_appointment(
        s,
        court_id=row.court_id,
        kind=VisitKind.LEADER_RECEPTION,
        slot_start=slot.start,
        slot_end=slot.end,
        key=signing_key(keys, KEY_ID),
        by=by,
        now=now,
        appointment_id=form.appointment_id,
        petition_id=petition.id if petition else None,
    )
    booking = ReceptionBooking(
        day_id=row.id,
        seat=seat,
        slot_start=slot.start,
        slot_end=slot.end,
        appointment_id=made.appointment.id,
        petition_id=petition.id if petition else None,
        name=form.name,
        phone=form.phone,
        booked_at=now,
        booked_by=by.staff_id,
    )
    s.add(booking)
    facts: dict[str, Json] = {"booking": booking.id.hex, "seat": seat}
    _record(s, Kind.LEADER_DAY_BOOKED, row, by=by, now=now, facts=facts)
    return made


def _seat(s: Session, row: ReceptionDay, number: int, now: datetime) -> tuple[Slot, int]:
    """Return a slot of a day that is locked, and its lowest free seat."""
    every = slots(row.opens_at, row.closes_at, row.slot_minutes)
    slot = next((each for each in every if each.number == number), None)
    if slot is None or slot.end <= now:
        raise Invalid("reception.slot_unknown", field="slot")
    taken = {each.seat for each in queries.bookings(s, row.id) if each.state != BookingState.CANCELLED}
    seat = free_seat(slot.number, row.per_slot, taken)
    if seat is None:
        raise Invalid("reception.slot_full", field="slot")
    return slot, seat


def end_booking(
    s: Session, *, booking_id: UUID, to: BookingState, by: Actor, now: datetime
) -> ReceptionBooking:
    """Cancel a booking, note that nobody came, or that the visitor of a day called off was told. Name and phone are forgotten."""
    if not may(by, Right.MANAGE_APPOINTMENTS):
        raise Forbidden("reception.bookers_only")
    booking, row = _booked(s, booking_id, by)
    if to is BookingState.NO_SHOW:
        _check_no_show(s, booking, now)
    elif booking.state not in {BookingState.BOOKED, BookingState.TO_TELL}:
        raise Conflict("reception.booking_ended")
    if booking.state == BookingState.BOOKED and to is BookingState.CANCELLED:
        _void(s, booking, now)
    _end(s, row, booking, to, by=by, now=now)
    return booking


class Recorded(NamedTuple):
    """A record, its petition, and the code of a petition that was registered with it."""

    record: ReceptionRecord
    petition: Petition
    code: str | None = None
    registered: bool = False


def record(
    s: Session,
    *,
    day_id: UUID,
    booking_id: UUID | None,
    form: forms.Record,
    by: Actor,
    now: datetime,
) -> Recorded:
    """Write down what was asked and said, about a petition by its number, that of the booking, or one registered now."""
    row = _own(s, day_id, by, Right.RECORD_RECEPTION)
    booking = _booked(s, booking_id, by)[0] if booking_id is not None else None
    if row.state != DayState.PUBLISHED:
        raise Conflict("reception.not_published")
    if court_day(now) < row.day:
        raise Conflict("reception.not_yet")
    if booking is not None and (booking.day_id != row.id or booking.state != BookingState.BOOKED):
        raise Conflict("reception.booking_ended")
    petition, code, registered = _petition(s, booking, form, by, now)
    _check_leader(s, row, petition)
    made = ReceptionRecord(
        petition_id=petition.id,
        day_id=row.id,
        booking_id=booking.id if booking else None,
        court_id=row.court_id,
        leader_id=row.leader_id,
        asked=form.asked,
        said=form.said,
        recorded_at=now,
        recorded_by=by.staff_id,
    )
    s.add(made)
    promises.at_petition(
        s, Kind.RECEPTION_RECORDED, petition.id, by=by, now=now, facts={"record": made.id.hex}
    )
    if booking is not None:
        booking.petition_id = petition.id
        _end(s, row, booking, BookingState.RECEIVED, by=by, now=now)
    return Recorded(made, petition, code, registered)


def _own(s: Session, day_id: UUID, by: Actor, right: Right) -> ReceptionDay:
    """Return a day of the actor's own court, locked."""
    if not may(by, right):
        raise Forbidden("reception.planners_only")
    row = queries.get(s, day_id, actor=by, for_update=True)
    if row.court_id != by.court_id:
        raise NotFound("reception.not_found")
    return row


def _booked(s: Session, booking_id: UUID, by: Actor) -> tuple[ReceptionBooking, ReceptionDay]:
    """Return a booking of the actor's own court and its day, locked; what it is about must not be kept from them."""
    booking = queries.booking(s, booking_id)
    row = queries.get(s, booking.day_id, actor=by, for_update=True)
    if row.court_id != by.court_id or queries.is_barred(s, booking, by):
        raise NotFound("reception.not_found")
    s.refresh(booking)
    return booking, row


def _check_no_show(s: Session, booking: ReceptionBooking, now: datetime) -> None:
    if booking.state != BookingState.BOOKED:
        raise Conflict("reception.booking_ended")
    if now < booking.slot_end:
        raise Conflict("reception.may_still_come")
    if s.get_one(Appointment, booking.appointment_id).used_at is not None:
        raise Conflict("reception.was_here")


def _void(s: Session, booking: ReceptionBooking, now: datetime) -> None:
    """Revoke the signed appointment; the event of the day in the same transaction names who did it."""
    if s.get_one(Appointment, booking.appointment_id).used_at is None:
        appointments.revoke_appointment(s, appointment_id=booking.appointment_id, by=system(Via.WEB), now=now)


def _end(
    s: Session, row: ReceptionDay, booking: ReceptionBooking, to: BookingState, *, by: Actor, now: datetime
) -> None:
    booking.state, booking.ended_at, booking.name, booking.phone = to, now, None, None
    facts: dict[str, Json] = {"booking": booking.id.hex, "state": str(to)}
    _record(s, Kind.LEADER_DAY_BOOKING_ENDED, row, by=by, now=now, facts=facts)


def _numbered(s: Session, typed: str, by: Actor) -> Petition:
    number = parse_number(typed, province=by.court_code[:1])
    found = petitions.visible_number(s, number, actor=by) if number else None
    if found is None:
        raise Invalid("reception.number_unknown", field="number")
    return petitions.get(s, found, actor=by)


def _petition(
    s: Session, booking: ReceptionBooking | None, form: forms.Record, by: Actor, now: datetime
) -> tuple[Petition, str | None, bool]:
    """Return the petition of a record, the code of a new one, and whether it was registered now."""
    if booking is not None and booking.petition_id is not None:
        return petitions.get(s, booking.petition_id, actor=by, for_update=True), None, False
    if form.number.strip():
        found = _numbered(s, form.number, by)
        return petitions.get(s, found.id, actor=by, for_update=True), None, False
    if not by.has(Role.REGISTRAR):
        raise Invalid("reception.number_needed", field="number")
    if not form.subject:
        raise Invalid("reception.number_or_subject", field="number")
    fields: dict[str, Any] = {
        "channel": "visit",
        "subject": form.subject,
        "text": form.asked,
        "phone": form.phone,
    }
    fields |= {"demands": form.demands or form.subject, "petitioner_name": form.petitioner_name}
    fields |= {"petition_id": form.petition_id} if form.petition_id else {}
    done = registering.register(s, form=petition_forms.Register.model_validate(fields), by=by, now=now)
    s.flush()
    return done.petition, done.code, True


def _check_leader(s: Session, row: ReceptionDay, petition: Petition) -> None:
    """Raise `Invalid` where a conflict keeps the leader of the day from the petition (Regulation arts 28, 30)."""
    leader: Staff | None = accounts.get(s, row.leader_id)
    if leader is None or not barrier.free(s, petition.id, [leader]):
        raise Invalid("reception.leader_must_step_aside", field="number")


def _record(
    s: Session,
    kind: Kind,
    row: ReceptionDay,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Json] | None = None,
) -> None:
    told: dict[str, Json] = {"by": by.name, "day": row.day.isoformat(), **(facts or {})}
    log.record(s, kind=kind, stream=stream_name("reception", row.id), actor=by, at=now, facts=told)
