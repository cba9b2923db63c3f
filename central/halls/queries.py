"""Reading halls, and what has to go down to the boxes.

The ingest calls, in one read transaction each:
- `standing(s, now=...)` when it (re)connects: every retained message of calls as it must stand, and where the halls' logs are;
- `downlink(s, since=...)` after commits, and every second: what was added since, courts whose rosters may have changed.

Rosters are signed and numbered, so they are written: `service.rosters(s, key=..., now=..., court_ids=...)` in a unit of work,
for all courts when it connects and when the day changes, else for `Downlink.rosters`. All of it can be sent twice without harm.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from central.events.kinds import Kind
from central.events.log import in_batches
from central.events.models import Chain, Event
from central.halls.models import (
    Appointment,
    AssistanceCall,
    BoxCertificate,
    BoxPosition,
    BoxPresence,
    HallBox,
    RefusedEvent,
    Ticket,
)
from central.halls.writing import ANSWERS, stream_of
from shared import topics, wire
from shared.clock import court_day

#: After these the rosters of the court's boxes may be others.
ROSTER_KINDS = frozenset({Kind.APPOINTMENT_MADE, Kind.APPOINTMENT_REVOKED, Kind.BOX_ADDED, Kind.BOX_ENROLLED})
_TOLD = ANSWERS | ROSTER_KINDS
#: Retained messages of calls closed on earlier days are taken away for so long.
TIDIED = timedelta(days=7)
BATCH = 200
#: Nothing goes down to them.
_GONE = select(HallBox.id).where(col(HallBox.revoked_at).is_not(None))


class Sending(NamedTuple):
    """One message to publish with QoS 1. An empty retained payload takes the retained message away."""

    topic: str
    payload: str
    retain: bool = True


class Downlink(NamedTuple):
    """What goes down. `since` is the place to go on from, `rosters` the courts whose rosters have to be looked at."""

    since: Mapping[UUID, int]
    messages: Sequence[Sending]
    rosters: frozenset[UUID]


class BoxRow(NamedTuple):
    """A box with what it last said of itself, and when anything was last heard from it."""

    box: HallBox
    presence: BoxPresence | None
    heard_at: datetime | None


def box(s: Session, box_id: str) -> HallBox | None:
    """Return a box, or None."""
    return s.get(HallBox, box_id)


def courts_of(s: Session, box_ids: Collection[str]) -> set[UUID]:
    """Return the courts of these boxes."""
    return set(s.exec(select(HallBox.court_id).where(col(HallBox.id).in_(box_ids))).all())


def boxes(s: Session, *, court_id: UUID | None = None) -> list[BoxRow]:
    """Return the boxes of a court (None: all) by id, revoked ones included."""
    heard = select(col(BoxPosition.box_id), func.max(BoxPosition.last_at).label("at"))
    latest = heard.group_by(col(BoxPosition.box_id)).subquery()
    query = (
        select(HallBox, BoxPresence, latest.c.at)
        .outerjoin(BoxPresence, col(BoxPresence.box_id) == col(HallBox.id))
        .outerjoin(latest, latest.c.box_id == col(HallBox.id))
        .order_by(col(HallBox.id))
    )
    if court_id is not None:
        query = query.where(HallBox.court_id == court_id)
    return [_box_row(*row) for row in s.exec(query).all()]


def _box_row(found: HallBox, presence: BoxPresence | None, event_at: datetime | None) -> BoxRow:
    heard = [at for at in (event_at, presence.seen_at if presence else None) if at is not None]
    return BoxRow(found, presence, max(heard, default=None))


def revoked_boxes(s: Session) -> set[str]:
    """Return the ids of all revoked boxes."""
    return set(s.exec(select(HallBox.id).where(col(HallBox.revoked_at).is_not(None))).all())


def revoked_certificates(s: Session) -> dict[str, str]:
    """Return serial number and box of every revoked certificate."""
    query = select(BoxCertificate.serial, BoxCertificate.box_id)
    return dict(s.exec(query.where(col(BoxCertificate.revoked_at).is_not(None))).all())


def boxes_in_use(s: Session) -> list[str]:
    """Return the ids of the boxes that were not revoked."""
    return list(
        s.exec(select(HallBox.id).where(col(HallBox.revoked_at).is_(None)).order_by(HallBox.id)).all()
    )


def enrolled_boxes(s: Session) -> set[str]:
    """Return the ids of all boxes that ever got a certificate."""
    return set(s.exec(select(BoxCertificate.box_id).distinct()).all())


def keys_of(s: Session, box_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the keys (hexadecimal) under which enrolled boxes may speak now; a box that never was enrolled is not named."""
    query = select(BoxCertificate.box_id, BoxCertificate.public_key, BoxCertificate.revoked_at)
    found: dict[str, list[str]] = {}
    for box_id, key, revoked in s.exec(query.where(col(BoxCertificate.box_id).in_(box_ids))).all():
        found.setdefault(box_id, []).extend([key] if revoked is None else [])
    return found


def kept_topics(s: Session, box_id: str) -> list[str]:
    """Return the topics on which a broker may keep a message for a box."""
    calls = s.exec(select(AssistanceCall.id).where(AssistanceCall.box_id == box_id)).all()
    papers = [topics.document(box_id, name) for name in ("roster", "settings", "receipts", "logs", "drill")]
    return [*papers, *(topics.call(box_id, call) for call in calls)]


def count_untreated(s: Session, court_id: UUID | None = None) -> int:
    """Count the messages in the tray of a court (None: of all) that no person has dealt with: invariant 5."""
    return s.exec(untreated(court_id)).one()


def untreated(court_id: UUID | None = None) -> SelectOfScalar[int]:
    """Return the query of `count_untreated`."""
    query = select(func.count()).select_from(RefusedEvent).where(col(RefusedEvent.treated_at).is_(None))
    if court_id is not None:
        query = query.where(RefusedEvent.court_id == court_id)
    return query


def tray(s: Session, *, court_id: UUID | None = None, limit: int = 50) -> Sequence[RefusedEvent]:
    """Return what nobody has dealt with yet, oldest first."""
    query = select(RefusedEvent).where(col(RefusedEvent.treated_at).is_(None))
    if court_id is not None:
        query = query.where(RefusedEvent.court_id == court_id)
    return s.exec(query.order_by(col(RefusedEvent.id)).limit(limit)).all()


def open_calls(s: Session, court_id: UUID) -> Sequence[AssistanceCall]:
    """Return the open calls of a court, those nobody answered first, then the oldest first."""
    query = select(AssistanceCall).where(
        AssistanceCall.court_id == court_id, col(AssistanceCall.closed_at).is_(None)
    )
    return sorted(s.exec(query).all(), key=lambda call: (call.acknowledged_at is not None, call.raised_at))


def closed_calls(s: Session, court_id: UUID, *, since: datetime) -> Sequence[AssistanceCall]:
    """Return the calls of a court closed since a moment, newest first."""
    query = select(AssistanceCall).where(
        AssistanceCall.court_id == court_id, col(AssistanceCall.closed_at) >= since
    )
    return s.exec(query.order_by(col(AssistanceCall.closed_at).desc())).all()


def tickets(s: Session, court_id: UUID, day: date) -> Sequence[Ticket]:
    """Return the tickets of one day of a hall in the order they were taken."""
    query = select(Ticket).where(Ticket.court_id == court_id, Ticket.day == day)
    return s.exec(query.order_by(col(Ticket.taken_at), col(Ticket.id))).all()


def appointments(s: Session, court_id: UUID, *, first: date, last: date) -> Sequence[Appointment]:
    """Return the appointments of a court from day `first` to day `last`, by slot."""
    query = select(Appointment).where(
        Appointment.court_id == court_id, Appointment.day >= first, Appointment.day <= last
    )
    return s.exec(query.order_by(col(Appointment.slot_start), col(Appointment.id))).all()


def heads(s: Session, court_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return the number of the last event of each hall; 0 where there is none."""
    streams = {stream_of(court_id): court_id for court_id in court_ids}
    rows = s.exec(select(Chain.stream, Chain.seq).where(col(Chain.stream).in_(streams))).all()
    return dict.fromkeys(court_ids, 0) | {streams[stream]: seq for stream, seq in rows}


def events_after(s: Session, court_id: UUID, seq: int, *, limit: int = BATCH) -> Sequence[Event]:
    """Return the events of a hall behind number `seq`, in order. Numbers of one stream cannot overtake each other."""
    query = select(Event).where(Event.stream == stream_of(court_id), col(Event.seq) > seq)
    return s.exec(query.order_by(col(Event.seq)).limit(limit)).all()


def standing(s: Session, *, now: datetime) -> Downlink:
    """Return every call's retained message as it must stand: a broker may have lost them. All rosters are to be looked at."""
    courts = courts_with_boxes(s)
    since = heads(s, courts)
    query = select(AssistanceCall).where(
        or_(
            col(AssistanceCall.closed_at).is_(None),
            col(AssistanceCall.closed_at) >= now - TIDIED,
        ),
        col(AssistanceCall.box_id).not_in(_GONE),
    )
    found = [_sending(call, now=now) for call in s.exec(query).all()]
    return Downlink(since, [one for one in found if one is not None], frozenset(courts))


def downlink(s: Session, *, since: Mapping[UUID, int], now: datetime) -> Downlink:
    """Return what goes down because of the events behind `since`, the `since` of the answer before."""
    courts = courts_with_boxes(s)
    moved = {court: seq for court, seq in heads(s, courts).items() if seq > since.get(court, 0)}
    events = _told(s, {court: since.get(court, 0) for court in moved})
    calls = {UUID(json.loads(data)["facts"]["call"]) for _, kind, data in events if kind in ANSWERS}
    answered = col(AssistanceCall.id).in_(calls), col(AssistanceCall.box_id).not_in(_GONE)
    rows = s.exec(select(AssistanceCall).where(*answered)).all() if calls else []
    sendings = [_sending(call, now=now) for call in rows]
    rosters = frozenset(court for court, kind, _ in events if kind in ROSTER_KINDS)
    return Downlink({**since, **moved}, [one for one in sendings if one is not None], rosters)


def _told(s: Session, since: Mapping[UUID, int]) -> list[tuple[UUID, str, str]]:
    """Return court, kind and data of the events behind `since` that boxes are told of, many halls by one statement."""
    courts = {stream_of(court): court for court in since}
    found: list[tuple[UUID, str, str]] = []
    for lot in in_batches(list(courts), BATCH):
        behind = [(Event.stream == stream) & (col(Event.seq) > since[courts[stream]]) for stream in lot]
        query = select(Event.stream, Event.kind, Event.data).where(or_(*behind), col(Event.kind).in_(_TOLD))
        found += [(courts[stream], kind, data) for stream, kind, data in s.exec(query).all()]
    return found


def courts_with_boxes(s: Session) -> list[UUID]:
    """Return the courts that have a box or had one."""
    return list(s.exec(select(HallBox.court_id).distinct()).all())


def _sending(call: AssistanceCall, *, now: datetime) -> Sending | None:
    topic = topics.call(call.box_id, call.id)
    if call.closed_at is not None and court_day(call.closed_at) < court_day(now):
        return Sending(topic, "")
    by, at = (
        (call.closed_by, call.closed_at) if call.closed_at else (call.acknowledged_by, call.acknowledged_at)
    )
    if at is None:
        return None  # nobody answered yet: the box knows
    state = wire.CallState(call_id=call.id, status=wire.CallStatus(call.status), by=by[:64], at=at)
    return Sending(topic, state.model_dump_json())
