"""Make and revoke appointments, and sign the lists by which boxes check typed codes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, delete, func, select

from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events.kinds import Kind
from central.halls import writing
from central.halls.line_keys import paper
from central.halls.models import Appointment, HallBox, HallDay, RosterIssue
from central.halls.queries import Sending
from shared import codes, topics, wire
from shared.canonical import sha256_hex
from shared.clock import COURT_ZONE, court_day
from shared.ids import new_id

LONGEST = timedelta(hours=8)
FURTHEST = timedelta(days=180)


class Made(NamedTuple):
    """A new appointment with its codes, which can be shown only now: `token` goes into a QR code."""

    appointment: Appointment
    short_code: str
    token: str


def make_appointment(
    s: Session,
    *,
    court_id: UUID,
    kind: wire.VisitKind,
    slot_start: datetime,
    slot_end: datetime,
    key: Ed25519PrivateKey,
    by: Actor,
    now: datetime,
    appointment_id: UUID | None = None,
    petition_id: UUID | None = None,
) -> Made:
    """Make an appointment and return it with its codes.

    The slot is cut to whole seconds. Raises `Forbidden`, `Invalid` for a slot that cannot be, and `Conflict` when
    `appointment_id` was made before: a form sent twice makes one appointment.
    """
    _check(by, court_id)
    start, end = slot_start.replace(microsecond=0), slot_end.replace(microsecond=0)
    _check_slot(start, end, now)
    writing.enter(s, court_id)
    ident = appointment_id or new_id()
    if (known := s.get(Appointment, ident)) is not None:
        if known.court_id == court_id:
            raise Conflict("halls.appointment_made")
        ident = new_id()  # another court's: nobody is told that it is taken
    short_code, day = codes.new_short_code(), court_day(start)
    row = Appointment(
        id=ident,
        court_id=court_id,
        petition_id=petition_id,
        kind=kind,
        day=day,
        slot_start=start,
        slot_end=end,
        code_hash=codes.short_code_hash(short_code, _day(s, court_id, day).code_salt),
        made_at=now,
        made_by_id=by.staff_id,
    )
    s.add(row)
    _record(s, Kind.APPOINTMENT_MADE, row, by=by, now=now)
    token = codes.AppointmentToken(ident, courts.get(s, court_id).latin, start, end)
    return Made(row, short_code, codes.issue(token, key))


def revoke_appointment(s: Session, *, appointment_id: UUID, by: Actor, now: datetime) -> Appointment:
    """Call an appointment off. A second time changes nothing. Raises `NotFound`, and `Conflict` once it was used."""
    check_may_appoint(by)  # first: who may not appoint learns nothing of what there is
    row = s.get(Appointment, appointment_id)
    if row is None:
        raise NotFound("halls.appointment_unknown")
    _check(by, row.court_id)
    writing.enter(s, row.court_id)
    s.refresh(row)  # as it is under the lock
    if row.used_at is not None:
        raise Conflict("halls.appointment_used")
    if row.revoked_at is None:
        row.revoked_at = now
        _record(s, Kind.APPOINTMENT_REVOKED, row, by=by, now=now)
    return row


def rosters(
    s: Session, *, key: Ed25519PrivateKey, now: datetime, court_ids: Collection[UUID] | None = None
) -> list[Sending]:
    """Return the signed rosters of today and tomorrow for every box of some courts (None: all), to be sent in this order.

    Writes: when an appointment of either day changed, both get new serials, tomorrow's the higher, since a box takes no
    serial below one it holds. Today's alone is retained; tomorrow's reaches boxes that are on the line and lies ready in
    them should the line be cut over night.
    """
    query = select(HallBox).where(col(HallBox.revoked_at).is_(None)).order_by(col(HallBox.id))
    if court_ids is not None:
        query = query.where(col(HallBox.court_id).in_(court_ids))
    today, boxes = court_day(now), s.exec(query).all()
    writing.enter_all(s, {box.court_id for box in boxes})
    lists = _read(s, boxes, [today, today + timedelta(days=1)])
    found: list[Sending] = []
    for box in boxes:
        documents = _issue(s, box, lists, key=key, now=now)
        topic = topics.document(box.id, "roster")
        found += [Sending(topic, documents[0]), Sending(topic, documents[1], retain=False)]
    old = col(RosterIssue.box_id).in_([box.id for box in boxes]), col(RosterIssue.day) < today
    s.exec(delete(RosterIssue).where(*old))
    return found


class _Lists(NamedTuple):
    """What the lists of some boxes are made of, and what was sent of them."""

    days: Sequence[date]
    salts: Mapping[tuple[UUID, date], str]
    entries: Mapping[tuple[UUID, date], list[Appointment]]
    held: Mapping[tuple[str, date], RosterIssue]


def _read(s: Session, boxes: Sequence[HallBox], days: Sequence[date]) -> _Lists:
    """Read by three statements, however many boxes: after a cut hundreds ask at once."""
    courts = {box.court_id for box in boxes}
    kept = select(HallDay).where(col(HallDay.court_id).in_(courts), col(HallDay.day).in_(days))
    of_days = select(Appointment).where(col(Appointment.court_id).in_(courts), col(Appointment.day).in_(days))
    entries: dict[tuple[UUID, date], list[Appointment]] = {}
    for row in s.exec(of_days.order_by(col(Appointment.slot_start), col(Appointment.id))).all():
        entries.setdefault((row.court_id, row.day), []).append(row)
    issued = select(RosterIssue).where(
        col(RosterIssue.box_id).in_([box.id for box in boxes]), col(RosterIssue.day).in_(days)
    )
    return _Lists(
        days,
        {(row.court_id, row.day): row.code_salt for row in s.exec(kept).all()},
        entries,
        {(row.box_id, row.day): row for row in s.exec(issued).all()},
    )


def _issue(s: Session, box: HallBox, lists: _Lists, *, key: Ed25519PrivateKey, now: datetime) -> list[str]:
    contents = [_roster(box, day, lists) for day in lists.days]
    digests = [sha256_hex(content.model_dump_json()) for content in contents]
    held = [lists.held.get((box.id, day)) for day in lists.days]
    if [row.digest for row in held if row] == digests:
        return [row.document for row in held if row]
    last = s.exec(select(func.max(RosterIssue.serial)).where(RosterIssue.box_id == box.id)).one() or 0
    # From the clock, so that serials go on rising after the centre came back from a backup.
    first = max(last + 1, int(now.timestamp()))
    documents: list[str] = []
    for serial, day, content, digest in zip(count(first), lists.days, contents, digests, strict=False):
        documents.append(paper(content.model_copy(update={"serial": serial}), key))
        row = RosterIssue(box_id=box.id, day=day, serial=serial, digest=digest, document=documents[-1])
        s.merge(row)
    s.flush()
    return documents


def _roster(box: HallBox, day: date, lists: _Lists) -> wire.Roster:
    ended = datetime.combine(day + timedelta(days=1), time(), COURT_ZONE).astimezone(UTC)
    return wire.Roster(
        box=box.id,
        serial=1,
        not_after=ended,
        day=day.isoformat(),
        salt=lists.salts.get(
            (box.court_id, day), day.isoformat()
        ),  # nothing is listed on a day without a row
        entries=tuple(_entry(row) for row in lists.entries.get((box.court_id, day), ())),
    )


def _entry(row: Appointment) -> wire.AppointmentEntry:
    return wire.AppointmentEntry(
        appointment_id=row.id,
        code_hash=row.code_hash,
        kind=wire.VisitKind(row.kind),
        slot_start=row.slot_start,
        slot_end=row.slot_end,
        revoked=row.revoked_at is not None,
    )


def _day(s: Session, court_id: UUID, day: date) -> HallDay:
    row = s.get(HallDay, (court_id, day))
    if row is None:
        row = HallDay(court_id=court_id, day=day)
        s.add(row)
    return row


def check_may_appoint(by: Actor) -> None:
    """Raise `Forbidden` for somebody who makes no appointments."""
    if not (by.has(Role.SYSTEM) or may(by, Right.MANAGE_APPOINTMENTS)):
        raise Forbidden("halls.may_not_appoint")


def _check(by: Actor, court_id: UUID) -> None:
    check_may_appoint(by)
    if not by.has(Role.SYSTEM) and by.court_id != court_id:
        raise NotFound("halls.appointment_unknown")


def _check_slot(start: datetime, end: datetime, now: datetime) -> None:
    if not start < end <= start + LONGEST:
        raise Invalid("halls.slot_length", field="minutes")
    if end <= now:
        raise Invalid("halls.slot_past", field="start")
    if start > now + FURTHEST:
        raise Invalid("halls.slot_far", field="day", days=FURTHEST.days)


def _record(s: Session, kind: Kind, row: Appointment, *, by: Actor, now: datetime) -> None:
    facts = {"appointment": row.id.hex, "kind": row.kind, "day": row.day.isoformat()}
    writing.record(s, kind=kind, court_id=row.court_id, by=by, at=now, facts=facts)
