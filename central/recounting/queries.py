"""Reading what moved besides the clocks of petitions: each line as far as its domain lets somebody see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from central.actor import Actor
from central.batches import queries as batches
from central.batches.models import Batch
from central.instructions import queries as instructions
from central.instructions.models import Instruction
from central.petitions.models import Petition
from central.petitions.queries import visible_to
from central.reception import queries as reception
from central.reception.models import ReceptionDay
from central.workdays.models import MovedOther

PAGE = 50


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    due_on: date
    line_id: UUID


def seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of lines that the actor may see. What belongs to a petition goes with the petition."""
    thing, what = col(MovedOther.thing_id), col(MovedOther.what)
    petitions = select(col(Petition.id)).where(visible_to(actor))
    own = {
        "instruction": select(col(Instruction.id)).where(instructions.knows(actor)),
        "batch": select(col(Batch.id)).where(batches.knows(actor)),
        "reception_day": select(col(ReceptionDay.id)).where(reception.sees(actor)),
    }
    return or_(
        and_(what.not_in(own), col(MovedOther.petition_id).in_(petitions)),
        *(and_(what == name, thing.in_(query)) for name, query in own.items()),
    )


def listed(
    s: Session,
    actor: Actor,
    *,
    notice_id: UUID,
    court_id: UUID,
    moved: bool,
    after: After | None = None,
    limit: int = PAGE,
) -> Sequence[tuple[MovedOther, str | None]]:
    """Return a court's lines with the number of the petition, the earliest first: dates that moved, or typed ones that stay."""
    key = (col(MovedOther.due_on), col(MovedOther.id))
    query = (
        select_rows(MovedOther, Petition.number)
        .join(
            Petition, and_(col(Petition.id) == col(MovedOther.petition_id), visible_to(actor)), isouter=True
        )
        .where(
            MovedOther.notice_id == notice_id,
            MovedOther.court_id == court_id,
            col(MovedOther.moved).is_(moved),
            seen(actor),
        )
    )
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(after.due_on, after.line_id))
    return s.exec(query.order_by(*key).limit(limit)).all()
