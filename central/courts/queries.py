"""Reading courts."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import func
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central.courts.models import Court, Department
from central.errors import NotFound


def by_code(s: Session, code: str) -> Court:
    """Return the court with `code`; raise `NotFound`."""
    court = s.exec(select(Court).where(Court.code == code)).first()
    if court is None:
        raise NotFound("courts.unknown_code", code=code)
    return court


def get(s: Session, court_id: UUID) -> Court:
    """Return the court with `court_id`; raise `NotFound`."""
    court = s.get(Court, court_id)
    if court is None:
        raise NotFound
    return court


def some(s: Session, ids: Collection[UUID]) -> Sequence[Court]:
    """Return courts by their ids: one statement."""
    return s.exec(select(Court).where(col(Court.id).in_(ids))).all() if ids else []


def below(s: Session, path: str) -> Sequence[Court]:
    """Return the court at `path` and all below it, in the order of the tree."""
    return s.exec(select(Court).where(col(Court.path).startswith(path)).order_by(col(Court.path))).all()


def province(s: Session) -> str:
    """Return the character with which the codes of the courts begin, "" while there are none."""
    return (s.exec(select(Court.code).limit(1)).first() or "")[:1]


def everything(s: Session) -> Sequence[Court]:
    """Return all courts in the order of the tree."""
    return s.exec(select(Court).order_by(col(Court.path))).all()


class Listed(NamedTuple):
    """A court as lists and choices show it: no row of a session."""

    id: UUID
    code: str
    path: str
    level: str
    name: str
    name_en: str


AnyCourt: TypeAlias = Court | Listed

#: The courts as they were listed last: a page that lets one choose would spend a tenth of its time on reading them.
_listed: dict[tuple[int, UUID | None], tuple[Listed, ...]] = {}


def listed(s: Session) -> tuple[Listed, ...]:
    """Return all courts in the order of the tree: one statement, as long as none is added."""
    now = stamp(s)
    found = _listed.get(now)
    if found is None:
        wanted = [getattr(Court, name) for name in Listed._fields]
        found = tuple(Listed(*row) for row in s.execute(core_select(*wanted).order_by(col(Court.path))))
        _listed.clear()
        _listed[now] = found
    return found


def stamp(s: Session) -> tuple[int, UUID | None]:
    """Return what changes when a court is added: how many there are, and the newest. Courts are not renamed."""
    newest = core_select(col(Court.id)).order_by(col(Court.id).desc()).limit(1).scalar_subquery()
    count, last = s.execute(core_select(func.count(), newest).select_from(Court)).one()
    return count, last


def departments(s: Session, court_id: UUID) -> Sequence[Department]:
    """Return the departments of a court."""
    return s.exec(
        select(Department).where(Department.court_id == court_id).order_by(col(Department.code))
    ).all()


def department_codes(s: Session) -> dict[UUID, set[str]]:
    """Return the codes of all departments by court."""
    found: dict[UUID, set[str]] = {}
    for court_id, code in s.exec(select(Department.court_id, Department.code)).all():
        found.setdefault(court_id, set()).add(code)
    return found
