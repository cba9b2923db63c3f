"""The barrier as a condition of every query, and as a filter of the people who may be chosen."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.models import Staff
from central.actor import Actor, Role
from central.barrier.models import StaffConflict
from central.barrier.rules import Named, Person, is_barred, is_leader


def barred(actor: Actor, petition_id: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Return the condition under which `actor` is kept from the petition whose id stands in `petition_id`.

    One probe of an index that is empty for nearly every petition. Programs of the system are never barred.
    """
    if actor.staff_id is None:
        return false()
    return exists().where(col(StaffConflict.petition_id) == petition_id, or_(*_named_by(actor)))


def kept_from(actor: Actor) -> SelectOfScalar[UUID] | None:
    """Return the petitions a person is kept from, as a subquery: few, and found without looking at any other. None: from none."""
    if actor.staff_id is None:
        return None
    return select(StaffConflict.petition_id).where(or_(*_named_by(actor)))


def _named_by(actor: Actor) -> list[ColumnElement[bool]]:
    named = [col(StaffConflict.staff_id) == actor.staff_id]
    if actor.court_id is not None:
        named.append(col(StaffConflict.court_id) == actor.court_id)
    if actor.department_id is not None:
        named.append(col(StaffConflict.department_id) == actor.department_id)
    if Role.LEADER in actor.roles and actor.court_id is not None:
        named.append(_line(actor))
    return named


def _line(actor: Actor) -> ColumnElement[bool]:
    at_home = col(StaffConflict.line_court_id) == actor.court_id
    if actor.department_id is None:
        return at_home
    led = col(StaffConflict.line_department_id)
    return and_(at_home, or_(led.is_(None), led == actor.department_id))


def of_petition(s: Session, petition_id: UUID) -> Sequence[StaffConflict]:
    """Return the conflicts of a petition, oldest first."""
    query = select(StaffConflict).where(StaffConflict.petition_id == petition_id)
    return s.exec(query.order_by(col(StaffConflict.declared_at), col(StaffConflict.id))).all()


def free(s: Session, petition_id: UUID, people: Iterable[Staff]) -> list[Staff]:
    """Return those of `people` whom no conflict keeps from the petition, in their order."""
    conflicts = [_named(row) for row in of_petition(s, petition_id)]
    return [one for one in people if not any(is_barred(person(one), named) for named in conflicts)]


def person(staff: Staff) -> Person:
    """Return a member of staff as the rule needs to know them."""
    return Person(staff.id, staff.court_id, staff.department_id, is_leader(staff.roles))


def _named(row: StaffConflict) -> Named:
    return Named(row.staff_id, row.department_id, row.court_id, row.line_court_id, row.line_department_id)
