"""What the pages show: the inbox, and who gets what when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, or_, tuple_
from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.barrier.queries import barred
from central.notifications.judging import urgency
from central.notifications.models import Dispatch, Notice
from central.notifications.rules import Channel, DispatchState, NoticeState
from central.petitions import queries as petitions

PAGE = 50
#: A badge says no more than this.
MOST_UNREAD = 99
#: Lines of one message that its row shows.
SHOWN = 20


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    at: datetime
    key: UUID


def unread(s: Session, staff_id: UUID) -> int:
    """Return how many messages of a person's inbox are unread, counted up to one more than `MOST_UNREAD`."""
    query = select(Dispatch.id).where(Dispatch.staff_id == staff_id, Dispatch.channel == Channel.INBOX)
    query = query.where(col(Dispatch.read_at).is_(None)).limit(MOST_UNREAD + 1)
    return s.exec(select(func.count()).select_from(query.subquery())).one()


@dataclass(frozen=True, slots=True)
class Letter:
    """A message of the inbox with its most urgent lines; those about a petition the reader may not see (any more) are left out."""

    row: Dispatch
    lines: list[Notice]
    more: int


@dataclass(frozen=True, slots=True)
class Letters:
    """One page of the inbox and the numbers of the petitions it speaks of."""

    rows: list[Letter]
    numbers: Mapping[UUID, str]


def inbox(s: Session, actor: Actor, *, after: After | None, only_unread: bool) -> Letters:
    """Return a page of the actor's inbox, newest first: three statements, however many rows."""
    query = select(Dispatch).where(Dispatch.staff_id == actor.staff_id, Dispatch.channel == Channel.INBOX)
    if only_unread:
        query = query.where(col(Dispatch.read_at).is_(None))
    if after is not None:
        query = query.where(tuple_(col(Dispatch.made_at), col(Dispatch.id)) < tuple_(after.at, after.key))
    query = query.order_by(col(Dispatch.made_at).desc(), col(Dispatch.id).desc())
    rows = s.exec(query.limit(PAGE)).all()
    lines = _lines(s, [row.bundle for row in rows])
    about = {each.petition_id for some in lines.values() for each in some if each.petition_id}
    numbers = petitions.numbers(s, about, actor=actor)
    letters = []
    for row in rows:
        found = [
            each
            for each in lines.get(row.bundle, ())
            if each.petition_id is None or each.petition_id in numbers
        ]
        found.sort(key=urgency)
        letters.append(Letter(row, found[:SHOWN], max(0, len(found) - SHOWN)))
    return Letters(letters, numbers)


def _lines(s: Session, bundles: Sequence[UUID]) -> dict[UUID | None, list[Notice]]:
    found: dict[UUID | None, list[Notice]] = {}
    if bundles:
        for each in s.exec(select(Notice).where(col(Notice.bundle).in_(bundles))):
            found.setdefault(each.bundle, []).append(each)
    return found


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the list of who gets what when is narrowed to."""

    everybody: bool = False
    state: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of that list: the notice, who gets it, and the message beside the inbox that carries it."""

    row: Notice
    person: str
    number: str | None
    outside: Dispatch | None


def told(s: Session, actor: Actor, chosen: Chosen, *, after: After | None) -> list[Told]:
    """Return a page of who gets what when, newest first: of the actor, or of the court for those with the right.

    What the barrier keeps from the actor is not there; the number stands only where the actor may see the petition.
    """
    query = select(Notice).where(whose(actor, everybody=chosen.everybody), *_narrowed(chosen))
    if after is not None:
        query = query.where(tuple_(col(Notice.made_at), col(Notice.id)) < tuple_(after.at, after.key))
    query = query.order_by(col(Notice.made_at).desc(), col(Notice.id).desc())
    rows = s.exec(query.limit(PAGE)).all()
    names = accounts.names(s, {row.staff_id for row in rows if row.staff_id})
    numbers = petitions.numbers(s, {row.petition_id for row in rows if row.petition_id}, actor=actor)
    outside = _outside(s, {row.bundle for row in rows if row.bundle})
    return [
        Told(
            row,
            names.get(row.staff_id, "") if row.staff_id else "",
            numbers.get(row.petition_id) if row.petition_id else None,
            outside.get(row.bundle) if row.bundle else None,
        )
        for row in rows
    ]


def whose(actor: Actor, *, everybody: bool) -> ColumnElement[bool]:
    """Return the condition under which the actor may know of a notice: one's own; one's court's with the right to."""
    if not (everybody and may(actor, Right.SEE_NOTICES)):
        return col(Notice.staff_id) == actor.staff_id
    petition: Any = Notice.petition_id
    open_ = or_(petition.is_(None), not_(barred(actor, petition)))
    return and_(col(Notice.court_id) == actor.court_id, open_)


def _narrowed(chosen: Chosen) -> list[Any]:
    found: list[Any] = []
    if chosen.state in set(NoticeState):
        found.append(col(Notice.state) == chosen.state)
    if chosen.level:
        found.append(col(Notice.level) == chosen.level)
    return found


def _outside(s: Session, bundles: set[UUID]) -> dict[UUID, Dispatch]:
    query = select(Dispatch).where(col(Dispatch.bundle).in_(bundles), Dispatch.channel != Channel.INBOX)
    return {each.bundle: each for each in s.exec(query)} if bundles else {}


def parked(s: Session, actor: Actor) -> Sequence[Dispatch]:
    """Return the parked messages of the actor, or of the actor's court for those with the right, oldest first."""
    query = select(Dispatch).where(Dispatch.state == DispatchState.PARKED)
    own = col(Dispatch.staff_id) == actor.staff_id
    everybody = may(actor, Right.SEE_NOTICES)
    query = query.where(col(Dispatch.court_id) == actor.court_id if everybody else own)
    return s.exec(query.order_by(col(Dispatch.id)).limit(PAGE)).all()
