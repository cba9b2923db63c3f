"""Make accounts and tokens, sign in and out."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, delete

from central.accounts import passwords, queries, throttle
from central.accounts.models import ApiToken, SignIn, Staff
from central.actor import Actor, Role
from central.errors import Invalid, MinyiError
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.fields import USERNAME
from central.settings import Session as SessionLimits
from central.settings import Throttle
from shared.canonical import sha256_hex

#: How stale `seen_at` may get before a request writes it: a page view need not be a write.
SEEN_EVERY = timedelta(seconds=60)


class WrongSignIn(MinyiError):
    """Name or password is wrong; which of the two is not said."""

    status = 401


def create_staff(
    s: Session,
    *,
    username: str,
    name: str,
    court_id: UUID,
    roles: Iterable[Role],
    password: str,
    by: Actor,
    now: datetime,
    name_en: str = "",
    department_id: UUID | None = None,
) -> Staff:
    """Create an account and its event; raise `Invalid` for a name that is no user name or is taken."""
    if not re.fullmatch(USERNAME, username):
        raise Invalid("accounts.username_form", field="username", username=username)
    if queries.by_username(s, username) is not None:
        raise Invalid("accounts.username_taken", field="username", username=username)
    staff = Staff(
        username=username,
        name=name,
        name_en=name_en,
        court_id=court_id,
        department_id=department_id,
        roles=",".join(sorted(roles)),
        password_hash=passwords.hash_password(password),
    )
    s.add(staff)
    log.record(s, kind=Kind.STAFF_CREATED, stream=stream_name("staff", staff.id), actor=by, at=now)
    return staff


def set_password(s: Session, *, staff: Staff, password: str, by: Actor, now: datetime) -> None:
    """Set a new password; every open session of the account ends."""
    staff.password_hash = passwords.hash_password(password)
    s.exec(delete(SignIn).where(col(SignIn.staff_id) == staff.id))
    log.record(s, kind=Kind.STAFF_PASSWORD_SET, stream=stream_name("staff", staff.id), actor=by, at=now)


def sign_in(
    s: Session, *, username: str, password: str, limits: Throttle, now: datetime
) -> tuple[str, SignIn] | None:
    """Return a fresh session id with its row, or None for a wrong name or password; raise `TooManyTries`.

    None is returned rather than raised so that the count of wrong guesses is committed.
    """
    key = throttle.key_of("password", username)
    throttle.check(s, key=key, limits=limits, now=now)
    staff = queries.by_username(s, username)
    stored = staff.password_hash if staff is not None and staff.active else None
    if not passwords.matches_password(stored, password) or staff is None:
        throttle.wrong(s, key=key, limits=limits, now=now)
        return None
    throttle.right(s, key=key)
    secret = secrets.token_urlsafe(32)
    row = SignIn(
        digest=sha256_hex(secret),
        staff_id=staff.id,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
    )
    s.add(row)
    return secret, row


def is_over(row: SignIn, limits: SessionLimits, now: datetime) -> bool:
    """Say whether a session ended by idleness or age."""
    idle = now - row.seen_at > timedelta(minutes=limits.idle_minutes)
    return idle or now - row.created_at > timedelta(hours=limits.absolute_hours)


def seen(s: Session, *, digest: str, now: datetime) -> None:
    """Note that a session is in use."""
    row = s.get(SignIn, digest)
    if row is not None:
        row.seen_at = now


def sign_out(s: Session, *, digest: str) -> None:
    """End a session."""
    row = s.get(SignIn, digest)
    if row is not None:
        s.delete(row)


def issue_token(s: Session, *, staff: Staff, label: str, by: Actor, now: datetime) -> str:
    """Return a new API token acting as `staff`; it is shown once, only its digest is kept."""
    secret = "minyi_" + secrets.token_urlsafe(32)
    s.add(ApiToken(staff_id=staff.id, label=label, digest=sha256_hex(secret), created_at=now))
    log.record(s, kind=Kind.TOKEN_ISSUED, stream=stream_name("staff", staff.id), actor=by, at=now)
    return secret


def revoke_token(s: Session, *, token: ApiToken, by: Actor, now: datetime) -> None:
    """End an API token at once."""
    token.revoked_at = now
    log.record(s, kind=Kind.TOKEN_REVOKED, stream=stream_name("staff", token.staff_id), actor=by, at=now)
