"""Reading accounts."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session, col, select

from central.accounts.models import ApiToken, SecondFactor, SignIn, Staff
from central.actor import Actor, Role, Via
from central.courts.models import Court


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
    """Return the active members of a court who have `role`, by user name."""
    return [person for person in active_of(s, court_id) if role in person.roles.split(",")]


def tokens(s: Session, staff_id: UUID, label: str) -> Sequence[ApiToken]:
    """Return the running tokens of a member of staff with a label."""
    query = select(ApiToken).where(ApiToken.staff_id == staff_id, ApiToken.label == label)
    return s.exec(query.where(col(ApiToken.revoked_at).is_(None))).all()


def factors(s: Session, staff_id: UUID) -> Sequence[SecondFactor]:
    """Return the second factors of a person, oldest first."""
    query = select(SecondFactor).where(SecondFactor.staff_id == staff_id)
    return s.exec(query.order_by(col(SecondFactor.created_at))).all()


def actor_of_session(s: Session, digest: str) -> tuple[SignIn, Actor] | None:
    """Return sign-in and actor for the digest of a session cookie: one statement."""
    row = s.exec(
        select(SignIn, Staff, Court)
        .where(SignIn.digest == digest, SignIn.staff_id == Staff.id, Staff.court_id == Court.id)
        .where(col(Staff.active))
    ).first()
    return (row[0], actor_of(row[1], row[2], Via.WEB, digest)) if row else None


def actor_of_token(s: Session, digest: str) -> Actor | None:
    """Return the actor for the digest of an API token: one statement."""
    row = s.exec(
        select(Staff, Court)
        .join(ApiToken, col(ApiToken.staff_id) == Staff.id)
        .where(ApiToken.digest == digest, col(ApiToken.revoked_at).is_(None), Staff.court_id == Court.id)
        .where(col(Staff.active))
    ).first()
    return actor_of(row[0], row[1], Via.API) if row else None


def actor_of(staff: Staff, court: Court, via: Via, session_id: str = "") -> Actor:
    """Return the actor that a member of staff of `court` is."""
    return Actor(
        name=staff.name,
        roles=frozenset(Role(role) for role in staff.roles.split(",")),
        via=via,
        staff_id=staff.id,
        username=staff.username,
        court_id=court.id,
        court_code=court.code,
        court_name=court.name,
        court_path=court.path,
        department_id=staff.department_id,
        session_id=session_id,
    )
