"""Sessions of staff: begun with a fresh id, listed, ended. The cookie holds a random id, the row its digest."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, delete, select

from central.accounts import push_devices, queries
from central.accounts.callers import Caller
from central.accounts.models import SignIn, Staff, Stage
from central.actor import Actor, Via
from central.courts import queries as courts
from central.errors import NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.settings import Session as Limits
from shared.canonical import Json, sha256_hex

#: How stale `seen_at` may get before a request writes it: a page view need not be a write.
SEEN_EVERY = timedelta(seconds=60)


def begin(
    s: Session,
    *,
    staff: Staff,
    stage: Stage,
    method: str,
    caller: Caller,
    limits: Limits,
    now: datetime,
    failed_before: int = 0,
    proved_at: datetime | None = None,
) -> tuple[str, SignIn]:
    """Return a fresh session id with its row. Lapsed sessions go, and the oldest if there would be too many.

    `proved_at` is when the person last proved who they are, if that was not now.
    """
    _make_room(s, staff, limits, now)
    secret = secrets.token_urlsafe(32)
    row = SignIn(
        digest=sha256_hex(secret),
        staff_id=staff.id,
        stage=stage,
        method=method,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        proved_at=proved_at or now,
        address=caller.address[:45],
        browser=caller.browser[:200],
    )
    s.add(row)
    if stage is not Stage.SECOND:
        facts: dict[str, Json] = {
            "method": method,
            "address": row.address,
            "failed_before": failed_before,
            "session": row.id.hex,
        }
        stream = stream_name("staff", staff.id)
        log.record(s, kind=Kind.STAFF_SIGNED_IN, stream=stream, actor=_self(s, staff), at=now, facts=facts)
    return secret, row


def go_on(
    s: Session,
    *,
    row: SignIn,
    staff: Staff,
    method: str,
    limits: Limits,
    now: datetime,
    failed_before: int = 0,
) -> tuple[str, SignIn]:
    """Return the full session that follows a halfway one under a new id; the old id is void."""
    caller = Caller(row.address, row.browser)
    s.delete(row)
    s.flush()
    return begin(
        s,
        staff=staff,
        stage=Stage.FULL,
        method=method,
        caller=caller,
        limits=limits,
        now=now,
        failed_before=failed_before,
    )


def renew(s: Session, *, row: SignIn, now: datetime) -> str:
    """Return a new id for a session whose person has just proved who they are; the old id is void."""
    secret = secrets.token_urlsafe(32)
    fresh = SignIn(**row.model_dump(exclude={"digest"}), digest=sha256_hex(secret))
    fresh.proved_at = fresh.seen_at = now
    s.exec(delete(SignIn).where(col(SignIn.digest) == row.digest))
    s.add(fresh)
    return secret


def is_over(row: SignIn, limits: Limits, now: datetime) -> bool:
    """Say whether a session ended by idleness or age; one halfway through signing in ends soon."""
    if row.stage != Stage.FULL:
        return now - row.created_at > timedelta(minutes=limits.pending_minutes)
    idle = now - row.seen_at > timedelta(minutes=limits.idle_minutes)
    return idle or now - row.created_at > timedelta(hours=limits.absolute_hours)


def is_proved(row: SignIn, limits: Limits, now: datetime) -> bool:
    """Say whether the person proved lately who they are."""
    return now - row.proved_at <= timedelta(minutes=limits.proof_minutes)


def seen(s: Session, *, digest: str, now: datetime) -> None:
    """Note that a session is in use."""
    row = s.get(SignIn, digest)
    if row is not None:
        row.seen_at = now


def running(s: Session, staff_id: UUID, *, limits: Limits, now: datetime) -> Sequence[SignIn]:
    """Return the sessions of a person that stand, last used first."""
    rows = s.exec(
        select(SignIn).where(SignIn.staff_id == staff_id).order_by(col(SignIn.seen_at).desc())
    ).all()
    return [row for row in rows if row.stage != Stage.SECOND and not is_over(row, limits, now)]


def sign_out(s: Session, *, digest: str, by: Actor, now: datetime) -> None:
    """End one's own session."""
    row = s.get(SignIn, digest)
    if row is not None:
        _end(s, [row], staff_id=row.staff_id, how="out", by=by, now=now)


def revoke(s: Session, *, staff_id: UUID, session_id: UUID, by: Actor, now: datetime) -> None:
    """End one session of a person; raise `NotFound`."""
    row = s.exec(select(SignIn).where(SignIn.id == session_id, SignIn.staff_id == staff_id)).first()
    if row is None:
        raise NotFound
    _end(s, [row], staff_id=staff_id, how="revoked", by=by, now=now)


def end_all(s: Session, *, staff_id: UUID, how: str, by: Actor, now: datetime, keep: str = "") -> int:
    """End every session of a person but the one with digest `keep`; return how many. `how` goes into the event.

    Notifications end on every device: which of them is the one at hand is not known here.
    """
    push_devices.end_all(s, staff_id=staff_id, by=by, now=now)
    rows = s.exec(select(SignIn).where(SignIn.staff_id == staff_id, SignIn.digest != keep)).all()
    return _end(s, rows, staff_id=staff_id, how=how, by=by, now=now)


def _end(s: Session, rows: Sequence[SignIn], *, staff_id: UUID, how: str, by: Actor, now: datetime) -> int:
    known = [row for row in rows if row.stage != Stage.SECOND]
    for row in rows:
        s.delete(row)
    if known:
        facts: dict[str, Json] = {"how": how, "sessions": len(known)}
        stream = stream_name("staff", staff_id)
        log.record(s, kind=Kind.STAFF_SIGNED_OUT, stream=stream, actor=by, at=now, facts=facts)
    return len(known)


def _make_room(s: Session, staff: Staff, limits: Limits, now: datetime) -> None:
    rows = s.exec(
        select(SignIn).where(SignIn.staff_id == staff.id).order_by(col(SignIn.created_at).desc())
    ).all()
    standing = []
    for row in rows:
        if is_over(row, limits, now):
            s.delete(row)
        else:
            standing.append(row)
    if surplus := standing[limits.most - 1 :]:
        _end(s, surplus, staff_id=staff.id, how="surplus", by=_self(s, staff), now=now)


def _self(s: Session, staff: Staff) -> Actor:
    return queries.actor_of(staff, courts.get(s, staff.court_id), Via.WEB)
