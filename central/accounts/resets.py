"""One-time codes with which a person sets a password of their own: for a first sign-in, or a lost password.

The administrator learns the code, never the password (ASVS 5: 6.4.6). A second factor stays in force unless it is taken away as well.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from central.accounts import factors, passwords, queries, service, sessions, throttle
from central.accounts.callers import Caller
from central.accounts.models import ResetCode, Staff
from central.accounts.permissions import administers
from central.accounts.service import Rules
from central.actor import Actor, Via
from central.courts import queries as courts
from central.errors import Forbidden, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind


class Reason(StrEnum):
    """Why a code was asked for."""

    FIRST = "first"
    FORGOTTEN = "forgotten"
    LOST_DEVICE = "lost_device"
    #: Somebody else may have got in: every session ends at once.
    SUSPECTED = "suspected"


def issue(
    s: Session,
    *,
    staff: Staff,
    reason: Reason,
    by: Actor,
    now: datetime,
    life: timedelta,
    factors_too: bool = False,
) -> str:
    """Return a code, shown once to whoever asked for it; one made before is void. `factors_too`: second factors are taken away.

    Raises `Forbidden` for somebody who has rights at a court that `by` does not manage.
    """
    _check_reach(s, staff, by)
    code = factors.one_time_code()
    s.merge(
        ResetCode(staff_id=staff.id, code_hash=passwords.hash_code(factors.bare(code)), expires_at=now + life)
    )
    if factors_too:
        factors.remove_all(s, staff_id=staff.id, by=by, now=now, reason=reason)
    if reason is Reason.SUSPECTED:
        sessions.end_all(s, staff_id=staff.id, how="admin", by=by, now=now)
    stream = stream_name("staff", staff.id)
    facts = {"reason": reason.value, "factors_too": factors_too}
    log.record(s, kind=Kind.STAFF_RESET_ISSUED, stream=stream, actor=by, at=now, facts=facts)
    return code


def _check_reach(s: Session, staff: Staff, by: Actor) -> None:
    """Raise `Forbidden` for somebody with rights where `by` manages nobody: a code would hand those rights over."""
    for _, court in queries.grants(s, staff.id):
        if not administers(by, court.path):
            raise Forbidden("accounts.reset.beyond", court=court.code)


def use(
    s: Session, *, username: str, code: str, password: str, rules: Rules, caller: Caller, now: datetime
) -> bool:
    """Set the password if the code is the account's, and use it up; raise `TooManyTries`, or `Invalid` for a password that is refused.

    A wrong code, a lapsed one and a name that is no account look the same and take the same time.
    """
    counted = throttle.budgets("reset", username, caller, rules.throttle)
    throttle.check_all(s, counted, limits=rules.throttle, now=now)
    staff = queries.by_username(s, username)
    row = s.get(ResetCode, staff.id if staff else UUID(int=0), with_for_update=True)
    stands = row is not None and row.expires_at > now and staff is not None and staff.active
    fits = passwords.matches_code(row.code_hash if row and stands else None, factors.bare(code))
    if not fits or staff is None or row is None:
        if throttle.wrong_all(s, counted, limits=rules.throttle, now=now):
            service.blocked(s, staff=staff, what="reset", caller=caller, now=now)
        return False
    by = queries.actor_of(staff, courts.get(s, staff.court_id), Via.WEB)
    service.choose_password(s, staff=staff, password=password, by=by, now=now, how="code")
    s.delete(row)
    throttle.right_all(s, counted)
    return True


def person_for(s: Session, *, admin: Actor, staff_id: UUID) -> Staff:
    """Return somebody else of the courts the administrator manages; raise `NotFound`, be they absent or out of reach."""
    staff = queries.get(s, staff_id)
    if staff is None or staff.id == admin.staff_id:
        raise NotFound
    if not administers(admin, courts.get(s, staff.court_id).path):
        raise NotFound
    return staff
