"""Reading merges: known to whoever made them and to those of the same court who approve; their petitions as far as one sees them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, tuple_
from sqlmodel import Session, col, select

from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.errors import NotFound
from central.mailmerge.models import MailMerge, MailMergeItem
from central.petitions import moves, steps
from central.petitions.models import Petition
from central.petitions.queries import ROW, visible_to
from central.petitions.standing import may as may_take
from central.petitions.states import Act, IllegalStep, State

PAGE = 50
#: Petitions shown on one page.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    made_at: datetime
    merge_id: UUID


@dataclass(frozen=True, slots=True)
class One:
    """A petition of a merge, with why the last act left it as it was: key and values of a sentence."""

    item: MailMergeItem
    petition: Petition

    @property
    def problem(self) -> tuple[str, dict[str, Any]] | None:
        """Key and values of what was said of the last act; None if it was done, or has not come to it yet."""
        if not self.item.problem:
            return None
        found = json.loads(self.item.problem)
        return found["key"], found["values"]


def knows(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an actor knows of a merge: they made it, or approve answers of that court and see a petition of it."""
    mine = col(MailMerge.made_by) == actor.staff_id
    if may(actor, Right.MERGE_LETTERS) and actor.has(Role.LEADER, Role.SUPERVISOR, Role.REGISTRAR):
        seen = exists(
            select(MailMergeItem.place)
            .join(Petition, col(Petition.id) == col(MailMergeItem.petition_id))
            .where(col(MailMergeItem.merge_id) == col(MailMerge.id), visible_to(actor))
        )
        return or_(mine, and_(col(MailMerge.court_id) == actor.court_id, seen))
    return mine


def listed(s: Session, actor: Actor, *, after: After | None = None, limit: int = PAGE) -> Sequence[MailMerge]:
    """Return merges the actor knows of, newest first."""
    query = select(MailMerge).where(knows(actor))
    if after is not None:
        query = query.where(
            tuple_(col(MailMerge.made_at), col(MailMerge.id)) < (after.made_at, after.merge_id)
        )
    return s.exec(query.order_by(col(MailMerge.made_at).desc(), col(MailMerge.id).desc()).limit(limit)).all()


def get(s: Session, merge_id: UUID, *, actor: Actor, for_update: bool = False) -> MailMerge:
    """Return a merge the actor knows of; raise `NotFound`."""
    query = select(MailMerge).where(MailMerge.id == merge_id, knows(actor))
    row = s.exec(query.with_for_update() if for_update else query).first()
    if row is None:
        raise NotFound("mailmerge.not_found")
    return row


def items(s: Session, merge_id: UUID, actor: Actor) -> list[One]:
    """Return the petitions of a merge that the actor sees, in their order: at most as many as one merge holds."""
    query = (
        select(MailMergeItem, Petition)
        .join(Petition, col(Petition.id) == col(MailMergeItem.petition_id))
        .options(*ROW)
        .where(col(MailMergeItem.merge_id) == merge_id, visible_to(actor))
        .order_by(col(MailMergeItem.place))
    )
    return [One(item, petition) for item, petition in s.exec(query).all()]


def left(s: Session, row: MailMerge) -> int:
    """Return how many petitions the act that runs has not come to."""
    query = select(func.count()).where(_behind(row))
    return s.exec(query).one()


def next_place(s: Session, row: MailMerge) -> int | None:
    """Return the place of the next petition the act comes to; None when it came to all."""
    query = select(MailMergeItem.place).where(_behind(row)).order_by(col(MailMergeItem.place)).limit(1)
    return s.exec(query).first()


def _behind(row: MailMerge) -> ColumnElement[bool]:
    return and_(col(MailMergeItem.merge_id) == row.id, col(MailMergeItem.run) < row.run)


def running(s: Session) -> Sequence[UUID]:
    """Return the merges in which something runs, the one that began first before the others."""
    query = select(MailMerge.id).where(col(MailMerge.act).is_not(None), col(MailMerge.stopped_at).is_(None))
    return s.exec(query.order_by(col(MailMerge.began_at))).all()


def takes(petition: Petition, act: Act, actor: Actor) -> bool:
    """Say whether an act is the actor's now, by state, role and name; needs of the act are asked when it is done."""
    try:
        step = steps.find(State(petition.state), act)
    except IllegalStep:
        return False
    return petition.erased_at is None and may_take(step, moves.standing(petition, actor))
