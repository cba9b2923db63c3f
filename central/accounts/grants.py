"""Who has which role where: changed by an admin over courts they manage, never over themselves."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries, resets, service, sessions
from central.accounts.forms import NewAccount, NewGrant
from central.accounts.models import RoleGrant, Staff
from central.accounts.permissions import GIVEN, administers
from central.actor import Actor, Role
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from shared.canonical import Json


def managed(s: Session, *, username: str, by: Actor) -> Staff:
    """Return an account of the courts `by` manages; raise `NotFound`, be it absent or out of reach."""
    staff = queries.by_username(s, username)
    if staff is None or not administers(by, courts.get(s, staff.court_id).path):
        raise NotFound("accounts.unknown", username=username)
    return staff


def place(s: Session, *, code: str, by: Actor) -> Court:
    """Return a court `by` manages; raise `NotFound`, be it absent or out of reach."""
    court = courts.by_code(s, code)
    if not administers(by, court.path):
        raise NotFound("courts.unknown_code", code=code)
    return court


def add(
    s: Session, *, court: Court, form: NewAccount, by: Actor, now: datetime, life: timedelta
) -> tuple[Staff, str]:
    """Return a new account of a court `by` manages, and the one-time code with which its person sets a password."""
    _check_department(s, court, form.department)
    staff = service.create_staff(
        s,
        username=form.username,
        name=form.name,
        name_en=form.name_en,
        court_id=court.id,
        department_id=form.department,
        roles=form.roles,
        password=secrets.token_urlsafe(32),  # nobody knows it
        by=by,
        now=now,
    )
    return staff, resets.issue(s, staff=staff, reason=resets.Reason.FIRST, by=by, now=now, life=life)


def set_roles(
    s: Session, *, staff: Staff, roles: Iterable[Role], reason: str, by: Actor, now: datetime
) -> None:
    """Set the roles at home. Open sessions end, so that nothing goes on under the old ones."""
    wanted = _given(roles)
    _not_oneself(staff, by)
    facts: dict[str, Json] = {"from": staff.roles, "to": ",".join(wanted), "reason": reason}
    staff.roles = ",".join(wanted)
    _changed(s, staff, Kind.STAFF_CHANGED, facts, by, now)


def set_active(s: Session, *, staff: Staff, active: bool, reason: str, by: Actor, now: datetime) -> None:
    """Close an account, or open it again. The petitions of somebody who leaves stay theirs until they are assigned anew."""
    _not_oneself(staff, by)
    staff.active = active
    _changed(s, staff, Kind.STAFF_CHANGED, {"active": active, "reason": reason}, by, now)


def grant(
    s: Session,
    *,
    staff: Staff,
    role: Role,
    court: Court,
    below: bool,
    department_id: UUID | None,
    reason: str,
    by: Actor,
    now: datetime,
) -> RoleGrant:
    """Give a role over another court (and those below), or over one department of a court."""
    _given([role])
    _not_oneself(staff, by)
    if not administers(by, court.path):
        raise Forbidden("accounts.not_your_court", court=court.code)
    _check_department(s, court, department_id)
    row = RoleGrant(
        staff_id=staff.id,
        role=role,
        court_id=court.id,
        below=below and department_id is None,
        department_id=department_id,
        granted_by=by.staff_id,
        granted_at=now,
    )
    s.add(row)
    staff.has_grants = True
    facts: dict[str, Json] = {"role": role, "court": court.code, "below": row.below, "reason": reason}
    _changed(s, staff, Kind.STAFF_ROLE_GRANTED, facts, by, now)
    return row


def give(s: Session, *, staff: Staff, form: NewGrant, by: Actor, now: datetime) -> RoleGrant:
    """Give a role as a form says it; raise as `place` and `grant` do."""
    return grant(
        s,
        staff=staff,
        role=form.role,
        court=place(s, code=form.court, by=by),
        below=form.reach == "below",
        department_id=form.department_id,
        reason=form.reason,
        by=by,
        now=now,
    )


def revoke(s: Session, *, staff: Staff, grant_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """End a grant at once."""
    _not_oneself(staff, by)
    row = s.get(RoleGrant, grant_id)
    if row is None or row.staff_id != staff.id or row.revoked_at is not None:
        raise NotFound("accounts.no_such_grant")
    row.revoked_at = now
    s.flush()
    staff.has_grants = bool(queries.grants(s, staff.id))
    facts: dict[str, Json] = {"role": row.role, "reason": reason}
    _changed(s, staff, Kind.STAFF_ROLE_REVOKED, facts, by, now)


def _given(roles: Iterable[Role]) -> list[Role]:
    found = sorted(set(roles))
    if not found or not set(found) <= set(GIVEN):
        raise Invalid("accounts.roles_needed", field="roles")
    return found


def _check_department(s: Session, court: Court, department_id: UUID | None) -> None:
    if department_id not in {None, *(each.id for each in courts.departments(s, court.id))}:
        raise Invalid("accounts.department_elsewhere", field="department")


def _not_oneself(staff: Staff, by: Actor) -> None:
    # Whoever manages rights never widens their own: another admin, or the command line, does.
    if by.staff_id == staff.id:
        raise Forbidden("accounts.not_oneself")


def _changed(s: Session, staff: Staff, kind: Kind, facts: dict[str, Json], by: Actor, now: datetime) -> None:
    s.flush()
    log.record(s, kind=kind, stream=stream_name("staff", staff.id), actor=by, at=now, facts=facts)
    sessions.end_all(s, staff_id=staff.id, how="rights", by=by, now=now)
