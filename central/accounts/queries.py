"""Reading accounts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import Session, col, select

from central.accounts.models import ApiToken, RoleGrant, SecondFactor, SignIn, Staff, StandIn
from central.accounts.permissions import sight_of
from central.actor import Actor, Grant, Role, StandsFor, Via
from central.courts import queries as courts
from central.courts.models import Court, Department
from central.courts.queries import Listed


def by_username(s: Session, username: str) -> Staff | None:
    """Return the account `username`, or None."""
    return s.exec(select(Staff).where(Staff.username == username)).first()


def get(s: Session, staff_id: UUID) -> Staff | None:
    """Return one account, or None."""
    return s.get(Staff, staff_id)


def names(s: Session, staff_ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of some members of staff, for lists: one statement for all rows of a page."""
    if not staff_ids:
        return {}
    return dict(s.exec(select(Staff.id, Staff.name).where(col(Staff.id).in_(staff_ids))).all())


def active_of(s: Session, court_id: UUID) -> Sequence[Staff]:
    """Return the active members of a court, by user name."""
    query = select(Staff).where(Staff.court_id == court_id, col(Staff.active))
    return s.exec(query.order_by(col(Staff.username))).all()


def with_role(s: Session, court_id: UUID, role: Role) -> Sequence[Staff]:
    """Return the active people who act in `role` at a court, members first, then those granted it there; by user name."""
    members = [person for person in active_of(s, court_id) if role in person.roles.split(",")]
    granted = select(Staff).join(RoleGrant, col(RoleGrant.staff_id) == Staff.id)
    granted = granted.where(RoleGrant.court_id == court_id, RoleGrant.role == role, col(Staff.active))
    granted = granted.where(col(RoleGrant.revoked_at).is_(None), col(RoleGrant.department_id).is_(None))
    known = {person.id for person in members}
    return members + [
        one for one in s.exec(granted.order_by(col(Staff.username))).unique().all() if one.id not in known
    ]


def below(s: Session, path: str, *, after: str = "", limit: int = 100) -> Sequence[tuple[Staff, Court]]:
    """Return the staff of the court at `path` and of all below it, by user name behind `after`."""
    query = select(Staff, Court).join(Court, col(Staff.court_id) == Court.id)
    query = query.where(col(Court.path).startswith(path), col(Staff.username) > after)
    return s.exec(query.order_by(col(Staff.username)).limit(limit)).all()


def found(
    s: Session,
    roots: Sequence[str],
    *,
    text: str = "",
    court_id: UUID | None = None,
    after: str = "",
    limit: int,
) -> Sequence[tuple[Staff, Court]]:
    """Return the staff of the courts at `roots` and below, by user name behind `after`; `text` is part of either name."""
    query = select(Staff, Court).join(Court, col(Staff.court_id) == Court.id)
    query = query.where(or_(false(), *(col(Court.path).startswith(root) for root in roots)))
    query = query.where(col(Staff.username) > after)
    if text:
        named = (col(Staff.username), col(Staff.name), col(Staff.name_en))
        query = query.where(or_(*(each.icontains(text, autoescape=True) for each in named)))
    if court_id is not None:
        query = query.where(Staff.court_id == court_id)
    return s.exec(query.order_by(col(Staff.username)).limit(limit)).all()


def named(s: Session, name: str) -> Sequence[tuple[Staff, Court]]:
    """Return the active people of a name with their courts, at most 20."""
    query = select(Staff, Court).join(Court, col(Staff.court_id) == Court.id)
    query = query.where(Staff.name == name, col(Staff.active))
    return s.exec(query.order_by(col(Staff.username)).limit(20)).all()


def grants(s: Session, staff_id: UUID) -> Sequence[tuple[RoleGrant, Court]]:
    """Return the running further grants of a member of staff, each with its court, oldest first."""
    query = select(RoleGrant, Court).join(Court, col(RoleGrant.court_id) == Court.id)
    query = query.where(RoleGrant.staff_id == staff_id, col(RoleGrant.revoked_at).is_(None))
    return s.exec(query.order_by(col(RoleGrant.granted_at), col(RoleGrant.id))).all()


@dataclass(frozen=True, slots=True)
class Given:
    """A further grant as it is shown: over which court or department, by whom and when."""

    row: RoleGrant
    court: Court
    department: Department | None
    by: str


def given(s: Session, staff_id: UUID) -> list[Given]:
    """Return the running further grants of a person as they are shown, oldest first: two statements."""
    query = select(RoleGrant, Court, Department).join(Court, col(RoleGrant.court_id) == Court.id)
    query = query.outerjoin(Department, col(RoleGrant.department_id) == Department.id)
    query = query.where(RoleGrant.staff_id == staff_id, col(RoleGrant.revoked_at).is_(None))
    rows = s.exec(query.order_by(col(RoleGrant.granted_at), col(RoleGrant.id))).all()
    by = names(s, {row.granted_by for row, _, _ in rows if row.granted_by})
    return [
        Given(row, court, department, by.get(row.granted_by, "") if row.granted_by else "")
        for row, court, department in rows
    ]


def _further(s: Session, staff: Staff) -> tuple[Grant, ...]:
    if not staff.has_grants:
        return ()
    return tuple(
        Grant(Role(row.role), court.id, court.path, below=row.below, department_id=row.department_id)
        for row, court in grants(s, staff.id)
    )


def _stands_for(s: Session, staff: Staff, on: date | None) -> tuple[StandsFor, ...]:
    if not staff.has_stood_in or on is None:
        return ()
    query = select(Staff.id, Staff.name).join(StandIn, col(StandIn.staff_id) == Staff.id)
    query = query.where(StandIn.stand_in_id == staff.id, col(Staff.active), *_running(on))
    return tuple(StandsFor(*row) for row in s.exec(query.order_by(col(Staff.username))).all())


def _running(on: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(StandIn.ended_at).is_(None),
        col(StandIn.from_on) <= on,
        col(StandIn.until_on) >= on,
    )


def stand_ins(s: Session, staff_ids: Collection[UUID], *, on: date) -> dict[UUID, UUID]:
    """Return who stands in for some people on a day, by who is away: one statement."""
    if not staff_ids:
        return {}
    query = select(StandIn.staff_id, StandIn.stand_in_id).where(col(StandIn.staff_id).in_(staff_ids))
    return dict(s.exec(query.where(*_running(on))).all())


def standing_in(s: Session, staff_id: UUID, *, limit: int = 50) -> Sequence[StandIn]:
    """Return the periods in which somebody stood or stands in for a person, or the person for somebody, newest first."""
    either = or_(col(StandIn.staff_id) == staff_id, col(StandIn.stand_in_id) == staff_id)
    query = select(StandIn).where(either)
    return s.exec(query.order_by(col(StandIn.from_on).desc(), col(StandIn.id).desc()).limit(limit)).all()


def tokens(s: Session, staff_id: UUID, label: str) -> Sequence[ApiToken]:
    """Return the running tokens of a member of staff with a label."""
    query = select(ApiToken).where(ApiToken.staff_id == staff_id, ApiToken.label == label)
    return s.exec(query.where(col(ApiToken.revoked_at).is_(None))).all()


def factors(s: Session, staff_id: UUID) -> Sequence[SecondFactor]:
    """Return the second factors of a person, oldest first."""
    query = select(SecondFactor).where(SecondFactor.staff_id == staff_id)
    return s.exec(query.order_by(col(SecondFactor.created_at))).all()


def actor_of_session(s: Session, digest: str, *, on: date | None = None) -> tuple[SignIn, Actor] | None:
    """Return sign-in and actor for the digest of a session cookie; `on` is the day, for stand-ins. One statement for nearly all."""
    row = s.exec(
        select(SignIn, Staff, Court)
        .where(SignIn.digest == digest, SignIn.staff_id == Staff.id, Staff.court_id == Court.id)
        .where(col(Staff.active))
    ).first()
    if row is None:
        return None
    further, stands_for = _further(s, row[1]), _stands_for(s, row[1], on)
    return row[0], actor_of(row[1], row[2], Via.WEB, digest, further, stands_for)


def actor_of_token(s: Session, digest: str, *, on: date | None = None) -> Actor | None:
    """Return the actor for the digest of an API token; `on` is the day, for stand-ins. One statement for nearly all."""
    row = s.exec(
        select(Staff, Court)
        .join(ApiToken, col(ApiToken.staff_id) == Staff.id)
        .where(ApiToken.digest == digest, col(ApiToken.revoked_at).is_(None), Staff.court_id == Court.id)
        .where(col(Staff.active))
    ).first()
    if row is None:
        return None
    further, stands_for = _further(s, row[0]), _stands_for(s, row[0], on)
    return actor_of(row[0], row[1], Via.API, further=further, stands_for=stands_for)


def actor_of(
    staff: Staff,
    court: Court,
    via: Via,
    session_id: str = "",
    further: tuple[Grant, ...] = (),
    stands_for: tuple[StandsFor, ...] = (),
) -> Actor:
    """Return the actor that a member of staff of `court` is."""
    return Actor(
        name=staff.name,
        roles=frozenset(Role(role) for role in staff.roles.split(",") if role),
        via=via,
        staff_id=staff.id,
        username=staff.username,
        court_id=court.id,
        court_code=court.code,
        court_name=court.name,
        court_path=court.path,
        department_id=staff.department_id,
        further=further,
        stands_for=stands_for,
        session_id=session_id,
    )


def actor_for(s: Session, staff: Staff, via: Via, *, on: date | None = None) -> Actor:
    """Return the actor that a member of staff is, further grants included: for what a program does in their place."""
    further, stands_for = _further(s, staff), _stands_for(s, staff, on)
    return actor_of(staff, courts.get(s, staff.court_id), via, further=further, stands_for=stands_for)


def visible_courts(s: Session, actor: Actor) -> Sequence[Listed]:
    """Return the courts a list may be narrowed to, in the order of the tree."""
    sight = sight_of(actor)
    single, roots = {*sight.courts, actor.court_id}, tuple(sight.roots)
    return [court for court in courts.listed(s) if court.id in single or court.path.startswith(roots)]
