"""Reading instructions: one's own as leader, and those addressed to one. Nobody else sees them; the barrier holds for both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, not_, or_, tuple_
from sqlmodel import Session, col, select

from central.actor import Actor
from central.barrier.queries import barred
from central.errors import NotFound
from central.instructions.models import Instruction, InstructionAddressee, State
from central.supervision.today import Line, dated

PAGE = 50
LOT = 500


class Tab(StrEnum):
    """The lists of the page."""

    TO_ME = "to_me"
    GIVEN = "given"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    due_on: date
    instruction_id: UUID


def _addressed(actor: Actor, *, open_only: bool) -> ColumnElement[bool]:
    mine = [
        col(InstructionAddressee.instruction_id) == col(Instruction.id),
        col(InstructionAddressee.staff_id) == actor.staff_id,
    ]
    return exists().where(*mine, *([col(InstructionAddressee.reported_at).is_(None)] if open_only else []))


def _allowed(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that no conflict keeps the actor from the petition an instruction is about."""
    about = col(Instruction.petition_id)
    return or_(about.is_(None), not_(barred(actor, cast("SQLColumnExpression[UUID]", about))))


def _in_tab(actor: Actor, tab: Tab) -> list[ColumnElement[bool]]:
    running, given = col(Instruction.state) == State.RUNNING, col(Instruction.leader_id) == actor.staff_id
    match tab:
        case Tab.TO_ME:
            return [running, _addressed(actor, open_only=True)]
        case Tab.GIVEN:
            return [running, given]
        case Tab.ENDED:
            mine = or_(given, _addressed(actor, open_only=False))
            reported = and_(
                running, _addressed(actor, open_only=False), not_(_addressed(actor, open_only=True))
            )
            return [mine, or_(not_(running), reported)]


def listed(
    s: Session, actor: Actor, *, tab: Tab, after: After | None = None, limit: int = PAGE
) -> Sequence[Instruction]:
    """Return the instructions of a tab, the nearest day first; of those that ended the latest."""
    query = select(Instruction).where(*_in_tab(actor, tab), _allowed(actor))
    key = tuple_(col(Instruction.due_on), col(Instruction.id))
    if tab is Tab.ENDED:
        query = query.where(key < (after.due_on, after.instruction_id)) if after else query
        query = query.order_by(col(Instruction.due_on).desc(), col(Instruction.id).desc())
    else:
        query = query.where(key > (after.due_on, after.instruction_id)) if after else query
        query = query.order_by(col(Instruction.due_on), col(Instruction.id))
    return s.exec(query.limit(limit)).all()


def counts(s: Session, actor: Actor) -> dict[Tab, int]:
    """Return how many instructions each tab holds."""
    found = {}
    for tab in Tab:
        query = select(func.count()).select_from(Instruction).where(*_in_tab(actor, tab), _allowed(actor))
        found[tab] = s.exec(query).one()
    return found


def knows(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an instruction was given by the actor or is addressed to them, and no conflict stands between."""
    mine = or_(col(Instruction.leader_id) == actor.staff_id, _addressed(actor, open_only=False))
    return and_(mine, _allowed(actor))


def get(s: Session, instruction_id: UUID, *, actor: Actor, for_update: bool = False) -> Instruction:
    """Return an instruction that the actor gave or that is addressed to them; raise `NotFound` otherwise."""
    query = select(Instruction).where(Instruction.id == instruction_id, knows(actor))
    if for_update:
        query = query.with_for_update(of=Instruction)
    row = s.exec(query.execution_options(populate_existing=for_update)).first()
    if row is None:
        raise NotFound("instructions.not_found")
    return row


def addressees(s: Session, ids: Sequence[UUID]) -> Sequence[InstructionAddressee]:
    """Return the addressees of some instructions."""
    query = select(InstructionAddressee).where(col(InstructionAddressee.instruction_id).in_(ids))
    return s.exec(query.order_by(col(InstructionAddressee.id))).all() if ids else []


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return the instructions that the actor has not reported on, as a line of Today."""
    query = dated(col(Instruction.due_on), today)
    query = query.select_from(Instruction).where(*_in_tab(actor, Tab.TO_ME), _allowed(actor))
    return [Line("instructions.waiting", "/instructions", query)]


def late(s: Session, *, today: date) -> Sequence[Instruction]:
    """Return running instructions whose day is over and was not noted yet; for the job."""
    query = select(Instruction).where(
        col(Instruction.state) == State.RUNNING,
        col(Instruction.due_on) < today,
        col(Instruction.noted_on).is_(None),
    )
    return s.exec(query.order_by(col(Instruction.due_on)).limit(LOT)).all()
