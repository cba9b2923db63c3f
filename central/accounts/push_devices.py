"""Devices on which staff allowed notifications of calls for help: allowed, ended, found. The act of each is an event of its person."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session, col, select

from central.accounts.forms import Subscription
from central.accounts.models import PushDevice, Staff
from central.actor import Actor
from central.errors import Conflict, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from shared.canonical import Json, sha256_hex

#: Devices of one person at a time.
MOST = 10
_SECRET_BYTES = 16
_STANDS = col(PushDevice.ended_at).is_(None)


def allow(s: Session, *, form: Subscription, lang: str, by: Actor, now: datetime) -> PushDevice:
    """Take a device; that of somebody else who sat at it before is theirs no more. Raises `Invalid`, `Conflict`."""
    if by.staff_id is None:
        raise NotFound
    _check_keys(form)
    digest = sha256_hex(form.endpoint)
    found = s.exec(select(PushDevice).where(PushDevice.digest == digest, _STANDS)).first()
    if found is not None and (found.staff_id, found.p256dh, found.auth) == (
        by.staff_id,
        form.p256dh,
        form.auth,
    ):
        return found
    if sum(1 for one in of_staff(s, by.staff_id) if one is not found) >= MOST:
        raise Conflict("accounts.push.too_many", most=MOST)
    if found is not None:
        _end(s, found, why="taken_over", by=by, now=now)
        s.flush()
    row = PushDevice(
        staff_id=by.staff_id,
        digest=digest,
        endpoint=form.endpoint,
        p256dh=form.p256dh,
        auth=form.auth,
        lang=lang,
        allowed_at=now,
    )
    s.add(row)
    _record(s, Kind.STAFF_PUSH_ALLOWED, row, {}, by=by, now=now)
    return row


def end(s: Session, *, device_id: UUID, by: Actor, now: datetime) -> None:
    """End notifications on one of one's own devices; twice is once. Raises `NotFound`."""
    row = s.get(PushDevice, device_id)
    if row is None or row.staff_id != by.staff_id:
        raise NotFound
    if row.ended_at is None:
        _end(s, row, why="own", by=by, now=now)


def end_gone(s: Session, *, device_id: UUID, by: Actor, now: datetime) -> None:
    """End a device of which its push service says that it is gone."""
    row = s.get(PushDevice, device_id)
    if row is not None and row.ended_at is None:
        _end(s, row, why="gone", by=by, now=now)


def end_all(s: Session, *, staff_id: UUID, by: Actor, now: datetime) -> None:
    """End every device of a person: who signs out everywhere, or loses account or rights, is told nothing more."""
    for row in of_staff(s, staff_id):
        _end(s, row, why="everywhere", by=by, now=now)


def of_staff(s: Session, staff_id: UUID) -> Sequence[PushDevice]:
    """Return the devices of a person, oldest first."""
    query = select(PushDevice).where(PushDevice.staff_id == staff_id, _STANDS)
    return s.exec(query.order_by(col(PushDevice.allowed_at), col(PushDevice.id))).all()


def of_courts(s: Session, court_ids: Sequence[UUID]) -> Sequence[tuple[PushDevice, Staff]]:
    """Return the devices of the active members of courts, each with whose it is."""
    query = select(PushDevice, Staff).join(Staff, col(Staff.id) == PushDevice.staff_id)
    query = query.where(col(Staff.court_id).in_(court_ids), col(Staff.active), _STANDS)
    return s.exec(query.order_by(col(PushDevice.id))).all()


def _check_keys(form: Subscription) -> None:
    try:
        point, secret = decoded(form.p256dh), decoded(form.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise Invalid("accounts.push.unreadable", field="endpoint") from error
    if len(secret) != _SECRET_BYTES:
        raise Invalid("accounts.push.unreadable", field="endpoint")


def decoded(text: str) -> bytes:
    """Return what base64url without padding says; raise `ValueError`."""
    try:
        return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeError) as error:
        raise ValueError from error


def _end(s: Session, row: PushDevice, *, why: str, by: Actor, now: datetime) -> None:
    row.ended_at, row.ended_why = now, why
    row.endpoint = row.p256dh = row.auth = ""
    _record(s, Kind.STAFF_PUSH_ENDED, row, {"why": why}, by=by, now=now)


def _record(
    s: Session, kind: Kind, row: PushDevice, facts: dict[str, Json], *, by: Actor, now: datetime
) -> None:
    stream = stream_name("staff", row.staff_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts={"device": row.id.hex, **facts})
