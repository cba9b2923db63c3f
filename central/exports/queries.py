"""Reading exports: one's own, and those that wait for one's word."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import approves
from central.actor import Actor
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import NotFound
from central.exports.forms import Chosen
from central.exports.models import Export
from central.exports.rules import ALIVE, State
from central.petitions import queries as petitions
from central.petitions.models import Petition, Petitioner

PAGE = 50
#: Petitions that are read and written together.
LOT = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """An export with the names a page shows."""

    row: Export
    asker: Staff
    court: Court
    decider: str = ""


def filter_of(s: Session, chosen: Chosen, *, today: date) -> petitions.Filter:
    """Return the filter of a list as the queries take it; raise `NotFound` for a court that is none."""
    return petitions.Filter(
        court_id=courts.by_code(s, chosen.court).id if chosen.court else None,
        state=chosen.state,
        channel=chosen.channel,
        only_open=chosen.only_open,
        overdue_on=today if chosen.overdue else None,
    )


def asked_since(s: Session, staff_id: UUID | None, since: datetime) -> int:
    """Return how many exports a person asked for since a moment."""
    query = select(func.count()).where(col(Export.staff_id) == staff_id, col(Export.asked_at) >= since)
    return s.exec(query.select_from(Export)).one()


def own(s: Session, actor: Actor) -> Sequence[Shown]:
    """Return the exports a person asked for, newest first."""
    query = _named().where(col(Export.staff_id) == actor.staff_id)
    return _shown(s, query.order_by(col(Export.asked_at).desc(), col(Export.id).desc()).limit(PAGE))


def to_decide(s: Session, actor: Actor) -> list[Shown]:
    """Return the exports that wait for the actor's word, oldest first."""
    query = _named().where(col(Export.state) == State.ASKED, col(Export.staff_id) != actor.staff_id)
    # The index of those that are alive holds few: files are gone within days.
    found = _shown(s, query.where(col(Export.state).in_(ALIVE)).order_by(col(Export.asked_at)))
    return [each for each in found if approves(actor, each.court.id, each.court.path)][:PAGE]


def get(s: Session, export_id: UUID, *, actor: Actor) -> Shown:
    """Return an export that is the actor's own or was theirs to decide; raise `NotFound` otherwise."""
    found = _shown(s, _named().where(col(Export.id) == export_id))
    for each in found:
        if each.row.staff_id == actor.staff_id or approves(actor, each.court.id, each.court.path):
            return each
    raise NotFound


def waiting(s: Session) -> Sequence[UUID]:
    """Return the exports that are to be written, oldest first."""
    query = select(Export.id).where(Export.state == State.MAKING)
    return s.exec(query.order_by(col(Export.asked_at)).limit(PAGE)).all()


def lapsed(s: Session, *, now: datetime, answer: timedelta) -> Sequence[UUID]:
    """Return the exports whose time is over: fetched by nobody in time, or agreed to by nobody."""
    late = (
        col(Export.lapses_at) <= now,
        (col(Export.state) == State.ASKED) & (col(Export.asked_at) <= now - answer),
    )
    query = select(Export.id).where(col(Export.state).in_(ALIVE), or_(*late))
    return s.exec(query.limit(PAGE)).all()


def lots(
    s: Session, actor: Actor, filter_: petitions.Filter, *, most: int, size: int = LOT
) -> Iterator[Sequence[Petition]]:
    """Yield the petitions of a list, newest first, in lots of `size`, at most `most` of them."""
    after, left = None, most
    while left > 0 and (
        rows := petitions.newest(s, actor=actor, filter_=filter_, after=after, limit=min(size, left))
    ):
        yield rows
        after, left = petitions.After(rows[-1].received_at, rows[-1].id), left - len(rows)
        s.expunge_all()


def petitioners(s: Session, ids: Sequence[UUID]) -> dict[UUID, Petitioner]:
    """Return who petitions, for petitions read through `lots`."""
    rows = s.exec(select(Petitioner).where(col(Petitioner.petition_id).in_(ids))).all()
    return {row.petition_id: row for row in rows}


def still_visible(s: Session, actor: Actor, ids: Sequence[UUID]) -> bool:
    """Say whether the actor may still see every one of these petitions: a conflict may have been named since."""
    return all(
        len(petitions.numbers(s, set(ids[at : at + LOT]), actor=actor)) == len(ids[at : at + LOT])
        for at in range(0, len(ids), LOT)
    )


def _named() -> Select[Export, Staff, Court]:
    return (
        select(Export, Staff, Court)
        .join(Staff, col(Staff.id) == col(Export.staff_id))
        .join(Court, col(Court.id) == col(Export.court_id))
    )


def _shown(s: Session, query: Select[Export, Staff, Court]) -> list[Shown]:
    rows = s.exec(query).all()
    deciders = accounts.names(s, {row.decided_by for row, _, _ in rows if row.decided_by})
    return [
        Shown(row, staff, court, deciders.get(row.decided_by, "") if row.decided_by else "")
        for row, staff, court in rows
    ]
