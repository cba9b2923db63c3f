"""All boxes of a court and the courts below it, with what each says of its machine. What wants a person stands first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, select

from central.courts import queries as courts
from central.courts.models import Court
from central.halls.models import BoxCertificate, BoxPosition, BoxPresence, HallBox
from shared import wire

#: A box that said nothing for so long is off the line, whatever it said last: it speaks every minute.
SILENT = timedelta(minutes=3)
LEAST_FREE_MB, HOTTEST, CLOCK_SECONDS = 1000, 85.0, 30.0
CERTIFICATE_DAYS = 30
WAITING = 1000


@dataclass(frozen=True, slots=True)
class Machine:
    """One box. `troubles` are keys below `halls.fleet.trouble`; figures are None where it never said any."""

    box: HallBox
    court: Court
    presence: BoxPresence | None
    heard_at: datetime | None
    figures: wire.Figures | None
    certificate_days: int | None
    online: bool
    troubles: tuple[str, ...]


def fleet(s: Session, *, path: str, now: datetime) -> list[Machine]:
    """Return the boxes of the courts at and below `path`, those with troubles first, revoked ones left out."""
    within = {court.id: court for court in courts.below(s, path)}
    query = _boxes().where(col(HallBox.revoked_at).is_(None))
    ends = _certificates(s)
    found = [
        _machine(box, within[box.court_id], presence, event_at, ends.get(box.id), now=now)
        for box, presence, event_at in s.exec(query).all()
        if box.court_id in within
    ]
    return sorted(found, key=lambda machine: (not machine.troubles, machine.box.id))


def one(s: Session, box: HallBox, court: Court, *, now: datetime) -> Machine:
    """Return one box, also one that was revoked."""
    _, presence, event_at = s.exec(_boxes().where(HallBox.id == box.id)).one()
    return _machine(box, court, presence, event_at, _certificates(s).get(box.id), now=now)


def _boxes() -> Any:
    """Every box with its presence and when its last event came; the type of three columns cannot be written."""
    heard = select(col(BoxPosition.box_id), func.max(BoxPosition.last_at).label("at"))
    latest = heard.group_by(col(BoxPosition.box_id)).subquery()
    return (
        select(HallBox, BoxPresence, latest.c.at)
        .outerjoin(BoxPresence, col(BoxPresence.box_id) == col(HallBox.id))
        .outerjoin(latest, latest.c.box_id == col(HallBox.id))
        .order_by(col(HallBox.id))
    )


def _certificates(s: Session) -> Mapping[str, datetime]:
    query = select(BoxCertificate.box_id, func.max(BoxCertificate.expires_at))
    rows = s.exec(query.where(col(BoxCertificate.revoked_at).is_(None)).group_by(col(BoxCertificate.box_id)))
    return dict(rows.all())


def _machine(
    box: HallBox,
    court: Court,
    presence: BoxPresence | None,
    event_at: datetime | None,
    ends: datetime | None,
    *,
    now: datetime,
) -> Machine:
    said = [at for at in (event_at, presence.seen_at if presence else None) if at is not None]
    heard_at = max(said, default=None)
    online = presence is not None and presence.online and heard_at is not None and now - heard_at <= SILENT
    figures = wire.Figures.model_validate_json(presence.figures) if presence and presence.figures else None
    days = (ends - now).days if ends is not None else None
    return Machine(
        box,
        court,
        presence,
        heard_at,
        figures,
        days,
        online,
        troubles(presence, figures, online=online, certificate_days=days),
    )


def troubles(
    presence: BoxPresence | None, figures: wire.Figures | None, *, online: bool, certificate_days: int | None
) -> tuple[str, ...]:
    """Return what wants a person at a box."""
    found: Sequence[tuple[bool, str]] = (
        (presence is None, "never"),
        (presence is not None and not online, "offline"),
        (presence is not None and presence.parked > 0, "parked"),
        (presence is not None and presence.waiting >= WAITING, "waiting"),
        (presence is not None and abs(presence.clock_off or 0) > CLOCK_SECONDS, "clock"),
        (certificate_days is not None and certificate_days <= CERTIFICATE_DAYS, "certificate"),
        (figures is not None and figures.free_mb < LEAST_FREE_MB, "disk"),
        (figures is not None and (figures.heat or 0) > HOTTEST, "heat"),
        (figures is not None and figures.camera is wire.DeviceState.LOST, "camera"),
        (figures is not None and figures.printer is wire.DeviceState.LOST, "printer"),
        (figures is not None and bool(figures.alarms), "alarms"),
    )
    return tuple(key for holds, key in found if holds)
