"""How a machine becomes a box: a one-time code at the centre, a certificate for the key that the box made itself."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from sqlmodel import Session, col, func, select

from central.accounts import throttle
from central.actor import Actor
from central.courts import queries as courts
from central.errors import Conflict
from central.events.kinds import Kind
from central.halls import authority, boxes, writing
from central.halls.authority import Authority
from central.halls.line_keys import LineKeys
from central.halls.models import BoxCertificate, BoxCode, BoxSettings, HallBox, RosterIssue
from central.settings import Throttle
from shared import enrolment

CODE_HOURS = 24


class Centre(NamedTuple):
    """What the centre brings to an enrolment: its authority, its keys, and the broker's address as boxes see it."""

    authority: Authority
    keys: LineKeys
    broker: str


def offer_code(
    s: Session, *, box_id: str, court_id: UUID, centre: Authority, by: Actor, now: datetime
) -> str:
    """Return a one-time code for a box, good for `CODE_HOURS`; a box not known yet is added. Earlier codes end.

    The code is kept nowhere. Raises as `add_box`, and `Conflict` for a box that is revoked or stands in another court.
    """
    writing.enter(s, court_id)
    box = s.get(HallBox, box_id)
    if box is None:
        boxes.register(s, box_id=box_id, court_id=court_id, secret_hash="", by=by, now=now)
    elif box.revoked_at is not None or box.court_id != court_id:
        raise Conflict("halls.box_exists", box=box_id)
    boxes.end_codes(s, box_id=box_id, now=now)
    text = enrolment.new_code(centre.certificate)
    public, until = enrolment.read_code(text).public, now + timedelta(hours=CODE_HOURS)
    s.add(BoxCode(public=public, court_id=court_id, box_id=box_id, issued_at=now, expires_at=until))
    writing.record(s, kind=Kind.BOX_CODE_ISSUED, court_id=court_id, by=by, at=now, facts={"box": box_id})
    return text


def join(
    s: Session, *, request: enrolment.Ask, centre: Centre, address: str, limits: Throttle, now: datetime
) -> enrolment.Grant | None:
    """Answer a machine that asks to join, or return None, which says no reason to whoever guesses.

    The same machine may ask again with the same key while the code lasts: an answer can get lost. Raises `TooManyTries`
    for an address with too many wrong requests; None is returned rather than raised so that their count is committed.
    """
    counted = throttle.key_of("enrolment", address)
    throttle.check(s, key=counted, limits=limits, now=now)
    key = authority.key_in(request.csr) if enrolment.proven(request) else None
    code = _open_code(s, request, now) if key is not None else None
    box = s.get(HallBox, request.box) if code is not None else None
    row = _certified(s, code, box, key, centre=centre, now=now) if code and box and key else None
    if row is None or box is None:
        throttle.wrong(s, key=counted, limits=limits, now=now)
        return None
    granted = enrolment.Granted(
        box=box.id,
        court_name=courts.get(s, box.court_id).name[:64],
        certificate=row.pem,
        broker=centre.broker,
        trusted_keys=centre.keys.trusted,
        sealing_key=centre.keys.sealing_key,
        documents_above=_outdate_rosters(s, box.id),
    )
    return enrolment.grant(granted, authority=centre.authority.certificate, key=centre.authority.key)


def renew(s: Session, *, box: HallBox, csr: str, centre: Authority, now: datetime) -> BoxCertificate | None:
    """Give a box its next certificate, or None for a request that cannot be taken. The caller has checked that it is the box.

    The one before stays good until it expires: an answer can get lost. A key that has a certificate gets that one again.
    """
    key = authority.key_in(csr)
    if key is None or box.revoked_at is not None:
        return None
    known = _of_key(s, box.id, key)
    if known is not None:
        return known
    row = _sign(s, box, key, centre=centre, now=now)
    _record(s, Kind.BOX_RENEWED, row, now=now)
    return row


def _open_code(s: Session, request: enrolment.Ask, now: datetime) -> BoxCode | None:
    code = s.get(BoxCode, request.code)
    if code is None or code.box_id != request.box:
        return None
    writing.enter(s, code.court_id)
    s.refresh(code)  # as it is under the lock: of two machines with one code, one comes first
    return code if now < code.expires_at else None


def _certified(
    s: Session, code: BoxCode, box: HallBox, key: Ed25519PublicKey, *, centre: Centre, now: datetime
) -> BoxCertificate | None:
    if box.revoked_at is not None:
        return None
    if code.used_at is not None:
        return _of_key(s, box.id, key)
    code.used_at, box.secret_hash = now, ""
    boxes.end_certificates(s, box_id=box.id, now=now)
    row = _sign(s, box, key, centre=centre.authority, now=now)
    _record(s, Kind.BOX_ENROLLED, row, now=now)
    return row


def _of_key(s: Session, box_id: str, key: Ed25519PublicKey) -> BoxCertificate | None:
    query = select(BoxCertificate).where(
        BoxCertificate.box_id == box_id,
        BoxCertificate.public_key == key.public_bytes_raw().hex(),
        col(BoxCertificate.revoked_at).is_(None),
    )
    return s.exec(query).first()


def _sign(
    s: Session, box: HallBox, key: Ed25519PublicKey, *, centre: Authority, now: datetime
) -> BoxCertificate:
    made = centre.sign_box(box=box.id, public=key, now=now)
    row = BoxCertificate(
        serial=authority.serial_text(made),
        court_id=box.court_id,
        box_id=box.id,
        public_key=key.public_bytes_raw().hex(),
        pem=made.public_bytes(Encoding.PEM).decode(),
        issued_at=now,
        expires_at=made.not_valid_after_utc,
    )
    s.add(row)
    return row


def _outdate_rosters(s: Session, box_id: str) -> int:
    """Return the highest serial ever issued to the box and have its lists issued anew above it.

    A box that was reset has forgotten how far it was: what was published before must not be played to it again.
    """
    for row in s.exec(select(RosterIssue).where(RosterIssue.box_id == box_id)).all():
        row.digest = ""
    highest = select(func.max(RosterIssue.serial)).where(RosterIssue.box_id == box_id)
    sent = s.get(BoxSettings, box_id)
    if sent is not None:
        sent.document, sent.confirmed = "", None
    return max(s.exec(highest).one() or 0, sent.serial if sent else 0)


def _record(s: Session, kind: Kind, row: BoxCertificate, *, now: datetime) -> None:
    facts = {"box": row.box_id, "serial": row.serial}
    by = writing.box_actor(row.box_id)
    writing.record(s, kind=kind, court_id=row.court_id, by=by, at=now, facts=facts)
