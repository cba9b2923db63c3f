"""Reading the looks: of one petition for its page, of all for the auditor, in plain words for the petitioner. By key, never by offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, text, tuple_, union_all
from sqlmodel import Session, col

from central.access.models import TAKEN_AWAY, AccessEntry, AccessReason, Look
from central.accounts.models import Staff
from central.actor import Actor, Role
from central.courts.models import Court
from shared.clock import COURT_ZONE, court_day

PAGE = 50
#: How many looks the petitioner's page goes back; more are told at the court.
TOLD = 400


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    at: datetime
    event_id: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One look, with the names a page shows."""

    event_id: int
    at: datetime
    look: str
    what: str
    via: str
    role: str
    name: str
    court: str
    court_en: str
    petition_id: UUID | None
    count: int
    why: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Filter:
    """What the auditor narrows the log to. Empty fields narrow nothing; days are those of the courts, both included."""

    staff_id: UUID | None = None
    court: str = ""
    petition_id: UUID | None = None
    look: Look | None = None
    since: date | None = None
    until: date | None = None

    def words(self) -> dict[str, str]:
        """Return the filter as the log of looks says it: ids, codes and days, nothing as it was typed."""
        named = {"staff": self.staff_id, "petition": self.petition_id}
        days = {"since": self.since, "until": self.until}
        return {
            "look": self.look or "",
            **{name: value.hex if value else "" for name, value in named.items()},
            **{name: day.isoformat() if day else "" for name, day in days.items()},
        }


def running_reason(s: Session, *, petition_id: UUID, staff_id: UUID, now: datetime) -> AccessReason | None:
    """Return the reason that still holds, if one was given."""
    query = (
        select(AccessReason)
        .where(col(AccessReason.petition_id) == petition_id, col(AccessReason.staff_id) == staff_id)
        .where(col(AccessReason.until) > now)
        .order_by(col(AccessReason.until).desc())
        .limit(1)
    )
    return s.execute(query).scalars().first()


def of_petition(
    s: Session, petition_id: UUID, *, after: After | None = None, limit: int = PAGE
) -> Sequence[Seen]:
    """Return who looked at a petition, newest first: one statement."""
    query = _keyed([col(AccessEntry.petition_id) == petition_id], after)
    return _named(s, query.limit(limit))


def search(
    s: Session, *, actor: Actor, filter_: Filter, after: After | None = None, limit: int = PAGE
) -> Sequence[Seen]:
    """Return looks by people of the actor's court and the courts below, newest first: one statement.

    With a petition: everybody's looks at it; the caller has checked that the actor may see it.
    One index read for each court, merged: a filter over many courts would walk past the looks of all others.
    """
    narrowed = _conditions(filter_)
    if filter_.petition_id is not None:
        return _named(
            s,
            _keyed([col(AccessEntry.petition_id) == filter_.petition_id, *narrowed], after).limit(limit),
        )
    narrowed.append(col(AccessEntry.place) == 0)
    codes = _courts(s, actor, filter_)
    if codes is None:
        return _named(s, _keyed(narrowed, after).limit(limit))
    if not codes:
        return []
    parts = [
        select(_keyed([col(AccessEntry.court) == code, *narrowed], after).limit(limit).subquery())
        for code in codes
    ]
    found = union_all(*parts).subquery()
    keys = select(found.c.event_id, found.c.place).order_by(found.c.at.desc(), found.c.event_id.desc())
    return _named(s, keys.limit(limit))


def _courts(s: Session, actor: Actor, filter_: Filter) -> list[str] | None:
    """Return the codes of the courts to read, or None for all there are."""
    below = select(col(Court.code)).where(col(Court.path).startswith(actor.court_path))
    if filter_.court:
        return [str(code) for code in s.execute(below.where(col(Court.code) == filter_.court)).scalars()]
    outside = select(literal(1)).where(~col(Court.path).startswith(actor.court_path)).limit(1)
    if s.execute(outside).first() is None:
        return None
    return [str(code) for code in s.execute(below).scalars()]


def _conditions(filter_: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filter_.staff_id is not None:
        found.append(col(AccessEntry.staff_id) == filter_.staff_id)
    if filter_.look is not None:
        found.append(col(AccessEntry.look) == str(filter_.look))
        if filter_.look in {Look.EXPORTED, Look.PRINTED, Look.DOWNLOADED}:
            found.append(and_(text(TAKEN_AWAY)))  # the index that holds these alone
    if filter_.since is not None:
        found.append(col(AccessEntry.at) >= _midnight(filter_.since))
    if filter_.until is not None:
        found.append(col(AccessEntry.at) < _midnight(filter_.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, COURT_ZONE)


def _keyed(conditions: Sequence[ColumnElement[bool]], after: After | None) -> Select[Any]:
    entry = AccessEntry.__table__  # type: ignore[attr-defined]
    query = select(entry.c.event_id, entry.c.place, entry.c.at).where(*conditions)
    if after is not None:
        query = query.where(tuple_(entry.c.at, entry.c.event_id) < tuple_(after.at, after.event_id))
    return query.order_by(entry.c.at.desc(), entry.c.event_id.desc())


def _named(s: Session, keys: Select[Any]) -> Sequence[Seen]:
    """Return the rows that `keys` finds, with the names of people and courts and the words of reasons."""
    entry, found = AccessEntry.__table__, keys.subquery()  # type: ignore[attr-defined]
    query = (
        select(
            entry.c.event_id,
            entry.c.at,
            entry.c.look,
            entry.c.what,
            entry.c.via,
            entry.c.role,
            func.coalesce(col(Staff.name), ""),
            func.coalesce(col(Court.name), entry.c.court),
            func.coalesce(col(Court.name_en), entry.c.court),
            entry.c.petition_id,
            entry.c.count,
            entry.c.why,
            AccessReason,
        )
        .join(found, and_(found.c.event_id == entry.c.event_id, found.c.place == entry.c.place))
        .outerjoin(Staff, col(Staff.id) == entry.c.staff_id)
        .outerjoin(Court, col(Court.code) == entry.c.court)
        .outerjoin(AccessReason, col(AccessReason.id) == entry.c.reason_id)
        .order_by(entry.c.at.desc(), entry.c.event_id.desc())
    )
    return [Seen(*(*row[:-1], row[-1].text if row[-1] else "")) for row in s.execute(query)]


@dataclass(frozen=True, slots=True)
class Told:
    """What the petitioner is told: on a day, people of a court in a role did something. No name."""

    on: date
    court: str
    court_en: str
    role: str
    looks: tuple[str, ...]


def told(s: Session, petition_id: UUID) -> Sequence[Told]:
    """Return who looked at a petition, newest day first, each court and role once a day."""
    entry = AccessEntry.__table__  # type: ignore[attr-defined]
    query = (
        select(entry.c.at, col(Court.name), col(Court.name_en), entry.c.role, entry.c.look)
        .outerjoin(Court, col(Court.code) == entry.c.court)
        .where(entry.c.petition_id == petition_id)
        .where(or_(col(Court.id).is_not(None), entry.c.role == Role.PETITIONER))
        .order_by(entry.c.at.desc(), entry.c.event_id.desc())
        .limit(TOLD)
    )
    grouped: dict[tuple[date, str, str, str], dict[str, None]] = {}
    for at, name, name_en, role, look in s.execute(query):
        grouped.setdefault((court_day(at), name or "", name_en or "", role), {})[look] = None
    return [Told(*key, looks=tuple(sorted(looks))) for key, looks in grouped.items()]
