"""Add and revoke boxes."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from central.actor import Actor
from central.courts import queries as courts
from central.errors import Conflict, Invalid, NotFound
from central.events.kinds import Kind
from central.halls import secrets, writing
from central.halls.models import BoxCertificate, BoxCode, HallBox
from shared.topics import BOX_ID


def add_box(s: Session, *, box_id: str, court_id: UUID, by: Actor, now: datetime) -> str:
    """Add a box to a court and return its secret, which is kept nowhere.

    The id is the court in Latin letters, a hyphen and a number, since the box takes the codes of the court in its name;
    raises `Invalid` for any other. Raises `Conflict` for an id in use, revoked boxes included: it is never given twice,
    so that a journal and its traces at the broker belong to one machine.
    """
    secret = secrets.new_secret()
    register(s, box_id=box_id, court_id=court_id, secret_hash=secrets.hash_of(secret), by=by, now=now)
    return secret


def register(
    s: Session, *, box_id: str, court_id: UUID, secret_hash: str, by: Actor, now: datetime
) -> HallBox:
    """Make a box known; raises as `add_box`. An empty `secret_hash` lets nobody in by a secret."""
    court = courts.get(s, court_id)
    if not BOX_ID.match(box_id) or box_id.partition("-")[0] != court.latin:
        raise Invalid("halls.box_name", field="box", box=box_id, example=f"{court.latin}-1")
    writing.enter(s, court_id)
    if s.get(HallBox, box_id) is not None:
        raise Conflict("halls.box_exists", box=box_id)
    box = HallBox(id=box_id, court_id=court_id, secret_hash=secret_hash, added_at=now)
    s.add(box)
    writing.record(s, kind=Kind.BOX_ADDED, court_id=court_id, by=by, at=now, facts={"box": box_id})
    return box


def revoke_box(s: Session, *, box_id: str, by: Actor, now: datetime) -> HallBox:
    """Revoke a box with its codes and certificates: nothing it sends is taken from now on.

    A second time changes nothing. Raises `NotFound`.
    """
    box = s.get(HallBox, box_id)
    if box is None:
        raise NotFound("halls.box_unknown", box=box_id)
    writing.enter(s, box.court_id)
    s.refresh(box)  # as it is under the lock
    if box.revoked_at is None:
        box.revoked_at = now
        end_codes(s, box_id=box_id, now=now)
        end_certificates(s, box_id=box_id, now=now)
        writing.record(s, kind=Kind.BOX_REVOKED, court_id=box.court_id, by=by, at=now, facts={"box": box_id})
    return box


def secret_fits(s: Session, *, box_id: str, secret: str) -> bool:
    """Say whether `secret` lets the box named `box_id` in; a revoked or unknown box is never let in."""
    box = s.get(HallBox, box_id)
    return box is not None and box.revoked_at is None and secrets.matches(secret, box.secret_hash)


def end_codes(s: Session, *, box_id: str, now: datetime) -> None:
    """End the enrolment codes of a box that nobody has used. The caller records the event."""
    query = select(BoxCode).where(BoxCode.box_id == box_id, col(BoxCode.expires_at) > now)
    for code in s.exec(query).all():
        code.expires_at = now


def end_certificates(s: Session, *, box_id: str, now: datetime) -> None:
    """Revoke every certificate of a box. The caller records the event."""
    query = select(BoxCertificate).where(
        BoxCertificate.box_id == box_id, col(BoxCertificate.revoked_at).is_(None)
    )
    for row in s.exec(query).all():
        row.revoked_at = now


def certificate_fits(s: Session, *, box_id: str, serial: str, now: datetime) -> bool:
    """Say whether a certificate that the authority signed lets the box named `box_id` in today."""
    box, row = s.get(HallBox, box_id), s.get(BoxCertificate, serial)
    if box is None or row is None:
        return False
    revoked = row.revoked_at is not None or box.revoked_at is not None
    return row.box_id == box_id and not revoked and now < row.expires_at
