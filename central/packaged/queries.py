"""Reading packaged cases. Lists start from the petitions the actor may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, tuple_
from sqlmodel import Session, col, select

from central.actor import Actor
from central.errors import NotFound
from central.packaged.models import CasePackage, PackageStep, PackageVisit, StepState
from central.petitions.models import Petition
from central.petitions.queries import visible_to
from central.supervision.queries import reach
from central.supervision.today import Line, dated

PAGE = 50


class Tab(StrEnum):
    """The lists of the page."""

    MINE = "mine"
    OPEN = "open"
    OVERDUE = "overdue"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Shown:
    """A package with its petition, the nearest open step and how many are late."""

    row: CasePackage
    petition: Petition
    nearest: date | None
    late: int


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    opened_at: datetime
    package_id: UUID


def _late(today: date) -> ColumnElement[bool]:
    return exists().where(
        col(PackageStep.package_id) == col(CasePackage.id),
        col(PackageStep.state) == StepState.OPEN,
        col(PackageStep.due_on) < today,
    )


def _mine(actor: Actor) -> ColumnElement[bool]:
    return or_(col(CasePackage.leader_id) == actor.staff_id, col(CasePackage.person_id) == actor.staff_id)


def _in_tab(actor: Actor, tab: Tab, today: date) -> list[ColumnElement[bool]]:
    is_open = col(CasePackage.closed_at).is_(None)
    own = reach(actor, col(CasePackage.court_id), col(CasePackage.petition_id))
    within = [own] if own is not None else []
    match tab:
        case Tab.MINE:
            return [is_open, _mine(actor)]
        case Tab.OPEN:
            return [is_open, *within]
        case Tab.OVERDUE:
            return [is_open, _late(today), *within]
        case Tab.CLOSED:
            return [col(CasePackage.closed_at).is_not(None), *within]


def listed(
    s: Session, actor: Actor, *, tab: Tab, today: date, after: After | None = None, limit: int = PAGE
) -> list[Shown]:
    """Return packages of a tab about petitions the actor may see, the newest first."""
    query = select(CasePackage, Petition).join(Petition, col(CasePackage.petition_id) == col(Petition.id))
    query = query.where(visible_to(actor), col(Petition.erased_at).is_(None), *_in_tab(actor, tab, today))
    key = tuple_(col(CasePackage.opened_at), col(CasePackage.id))
    query = query.where(key < (after.opened_at, after.package_id)) if after else query
    query = query.order_by(col(CasePackage.opened_at).desc(), col(CasePackage.id).desc()).limit(limit)
    rows = s.exec(query).all()
    steps = _open_steps(s, [row.id for row, _ in rows], today)
    return [Shown(row, petition, *steps.get(row.id, (None, 0))) for row, petition in rows]


def _open_steps(s: Session, ids: list[UUID], today: date) -> dict[UUID, tuple[date, int]]:
    if not ids:
        return {}
    due_on = col(PackageStep.due_on)
    query = select(PackageStep.package_id, func.min(due_on), func.count().filter(due_on < today)).where(
        col(PackageStep.package_id).in_(ids), col(PackageStep.state) == StepState.OPEN
    )
    rows = s.exec(query.group_by(col(PackageStep.package_id))).all()
    return {package: (nearest, late) for package, nearest, late in rows}


def counts(s: Session, actor: Actor, *, today: date) -> dict[Tab, int]:
    """Return how many packages each tab holds for the actor."""
    found = {}
    for tab in Tab:
        query = select(func.count()).select_from(CasePackage)
        query = query.join(Petition, col(CasePackage.petition_id) == col(Petition.id))
        query = query.where(visible_to(actor), col(Petition.erased_at).is_(None), *_in_tab(actor, tab, today))
        found[tab] = s.exec(query).one()
    return found


def of_petition(s: Session, petition_id: UUID) -> Sequence[CasePackage]:
    """Return the packages of a petition that the caller found through `visible_to`, the newest first."""
    query = select(CasePackage).where(CasePackage.petition_id == petition_id)
    return s.exec(query.order_by(col(CasePackage.opened_at).desc())).all()


def open_of(s: Session, petition_id: UUID) -> CasePackage | None:
    """Return the open package of a petition."""
    query = select(CasePackage).where(
        CasePackage.petition_id == petition_id, col(CasePackage.closed_at).is_(None)
    )
    return s.exec(query).first()


def get(s: Session, petition_id: UUID, package_id: UUID) -> CasePackage:
    """Return a package of a petition that the caller found through `visible_to`, locked; raise `NotFound`."""
    row = s.get(CasePackage, package_id, with_for_update=True, populate_existing=True)
    if row is None or row.petition_id != petition_id:
        raise NotFound("packaged.not_found")
    return row


def steps(s: Session, package_id: UUID) -> Sequence[PackageStep]:
    """Return the steps of a package by their days."""
    query = select(PackageStep).where(PackageStep.package_id == package_id)
    return s.exec(query.order_by(col(PackageStep.due_on), col(PackageStep.id))).all()


def visits(s: Session, package_id: UUID) -> Sequence[PackageVisit]:
    """Return the visits of a package, the newest first."""
    query = select(PackageVisit).where(PackageVisit.package_id == package_id)
    return s.exec(query.order_by(col(PackageVisit.day).desc(), col(PackageVisit.id).desc())).all()


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return the open steps of the actor's own cases, as a line of Today."""
    query = dated(col(PackageStep.due_on), today)
    query = query.select_from(PackageStep).join(
        CasePackage, col(PackageStep.package_id) == col(CasePackage.id)
    )
    query = query.join(Petition, col(CasePackage.petition_id) == col(Petition.id))
    query = query.where(
        col(PackageStep.state) == StepState.OPEN,
        col(CasePackage.closed_at).is_(None),
        _mine(actor),
        visible_to(actor),
    )
    return [Line("packaged.waiting", "/packages", query)]
