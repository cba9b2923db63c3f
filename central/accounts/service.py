"""Make accounts and tokens, sign in and out."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import passwords, policy, queries, sessions, throttle
from central.accounts.callers import NOBODY, Caller
from central.accounts.models import ApiToken, SignIn, Staff, Stage
from central.actor import Actor, Role, Via, system
from central.courts import queries as courts
from central.errors import Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.fields import USERNAME
from central.settings import Session as SessionLimits
from central.settings import Throttle
from shared.canonical import sha256_hex


def create_staff(
    s: Session,
    *,
    username: str,
    name: str,
    court_id: UUID,
    roles: Iterable[Role],
    by: Actor,
    now: datetime,
    password: str = "",
    hashed: str = "",
    name_en: str = "",
    department_id: UUID | None = None,
) -> Staff:
    """Create an account and its event; raise `Invalid` for a name that is no user name or is taken.

    `hashed` is the password's hash where many made-up people share one; it spares the slow hashing of each.
    """
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
        password_hash=hashed or passwords.hash_password(password),
    )
    s.add(staff)
    log.record(s, kind=Kind.STAFF_CREATED, stream=stream_name("staff", staff.id), actor=by, at=now)
    return staff


def set_password(
    s: Session, *, staff: Staff, password: str, by: Actor, now: datetime, how: str = "command", keep: str = ""
) -> None:
    """Set a new password; every open session of the account ends, but the one with digest `keep`."""
    staff.password_hash = passwords.hash_password(password)
    stream = stream_name("staff", staff.id)
    log.record(s, kind=Kind.STAFF_PASSWORD_SET, stream=stream, actor=by, at=now, facts={"how": how})
    sessions.end_all(s, staff_id=staff.id, how="password", by=by, now=now, keep=keep)


def choose_password(
    s: Session, *, staff: Staff, password: str, by: Actor, now: datetime, how: str, keep: str = ""
) -> None:
    """Set the password that a person chose; raise `Invalid` for one that may not be chosen."""
    court = courts.get(s, staff.court_id)
    policy.check(password, own_words=(staff.username, staff.name, staff.name_en, court.name, court.name_en))
    set_password(s, staff=staff, password=password, by=by, now=now, how=how, keep=keep)


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that sign-in goes by, and the roles that must have a second factor."""

    throttle: Throttle
    session: SessionLimits = field(default_factory=SessionLimits)
    must_have_factor: frozenset[str] = frozenset()


def sign_in(
    s: Session, *, username: str, password: str, rules: Rules, now: datetime, caller: Caller = NOBODY
) -> tuple[str, SignIn] | None:
    """Return a fresh session id with its row, or None for a wrong name or password; raise `TooManyTries`.

    None is returned rather than raised so that the count of wrong guesses is committed. The row's stage says what is still asked for.
    """
    counted = throttle.budgets("password", username, caller, rules.throttle)
    throttle.check_all(s, counted, limits=rules.throttle, now=now)
    staff = queries.by_username(s, username)
    stored = staff.password_hash if staff is not None and staff.active else None
    if not passwords.matches_password(stored, password) or staff is None:
        if throttle.wrong_all(s, counted, limits=rules.throttle, now=now):
            blocked(s, staff=staff, what="password", caller=caller, now=now)
        return None
    if passwords.is_outdated(staff.password_hash):
        staff.password_hash = passwords.hash_password(password)
    return sessions.begin(
        s,
        staff=staff,
        stage=stage_after_password(s, staff, rules),
        method="password",
        caller=caller,
        limits=rules.session,
        now=now,
        failed_before=throttle.right_all(s, counted),
    )


def stage_after_password(s: Session, staff: Staff, rules: Rules) -> Stage:
    """Return what follows the right password: the second factor if there is one, enrolment if the role asks for one."""
    if queries.factors(s, staff.id):
        return Stage.SECOND
    must = not rules.must_have_factor.isdisjoint(staff.roles.split(","))
    return Stage.ENROL if must else Stage.FULL


def blocked(s: Session, *, staff: Staff | None, what: str, caller: Caller, now: datetime) -> None:
    """Record that guessing was cut off; for a name that is no account the same work is done."""
    stream = stream_name("staff", staff.id if staff is not None else "nobody")
    facts = {"what": what, "address": caller.address}
    by = system(Via.WEB)
    log.record(s, kind=Kind.STAFF_SIGN_IN_BLOCKED, stream=stream, actor=by, at=now, facts=facts)


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
