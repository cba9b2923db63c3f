"""What the court did before: earlier petitions of one matter or petitioner, what was answered, promised, and kept.

The court's own record. It counts nothing and says nothing of the person.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from central.actor import Actor
from central.courts.models import Court
from central.deadlines.models import DeadlineClock
from central.matters import queries
from central.matters.commitments import Said, commitments
from central.petitions.models import Demand, Petition, Petitioner
from central.petitions.queries import ROW, unbarred, visible_to
from central.reception.models import ReceptionPromise
from central.replies.models import Reply, ReplyItem
from central.reviews.models import Review
from shared.clock import court_day

_Row = TypeVar("_Row", bound=SQLModel)
#: Earlier petitions shown, the newest; the list of petitions has the rest.
MOST = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to one demand."""

    demand: str
    item: ReplyItem | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier petition with what the court did. `by` says why it stands here: `matter`, `identity` or `phone`."""

    petition: Petition
    court: Court
    by: str
    reply: Reply | None = None
    answers: Sequence[Answer] = ()
    said: Sequence[Said] = ()
    promises: Sequence[ReceptionPromise] = ()
    reviews: Sequence[Review] = ()
    #: Periods of the court's that were missed.
    late: Sequence[DeadlineClock] = ()


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Earlier petitions at a court that may not be seen: whom to call."""

    court: Court
    people: Sequence[str]


@dataclass(frozen=True, slots=True)
class Past:
    """The record, newest first."""

    earlier: Sequence[Earlier] = ()
    elsewhere: Sequence[Elsewhere] = field(default_factory=list)


def of_petition(s: Session, petition: Petition, *, actor: Actor) -> Past:
    """Return what the court did in this matter and for this petitioner before: as many statements for one as for thirty."""
    why = _related(s, petition)
    if not why:
        return Past()
    query = select(Petition, Court).join(Court, col(Court.id) == col(Petition.court_id)).options(*ROW)
    query = query.where(col(Petition.id).in_(why), unbarred(actor))
    rows = s.exec(query.order_by(col(Petition.received_at).desc(), col(Petition.id).desc()).limit(MOST)).all()
    seen = set(s.exec(select(Petition.id).where(col(Petition.id).in_(why), visible_to(actor))).all())
    shown = [(row, court) for row, court in rows if row.id in seen]
    elsewhere = {court.id: court for row, court in rows if row.id not in seen}
    return Past(
        _earlier(s, shown, why),
        [Elsewhere(court, queries.whom_to_call(s, court.id)) for court in elsewhere.values()],
    )


def _related(s: Session, petition: Petition) -> dict[UUID, str]:
    """Return the petitions of one matter, and those with the petitioner's identity number or phone."""
    person, why = s.get(Petitioner, petition.id), dict[UUID, str]()
    same = select(Petitioner.petition_id)
    ways = []
    if person is not None and person.phone_index:
        ways.append(("phone", same.where(col(Petitioner.phone_index) == person.phone_index)))
    if person is not None and person.id_number_index:
        ways.append(("identity", same.where(col(Petitioner.id_number_index) == person.id_number_index)))
    for by, query in ways:
        why |= dict.fromkeys(s.exec(query.order_by(col(Petitioner.petition_id).desc()).limit(MOST * 4)), by)
    why |= dict.fromkeys(queries.same_matter(s, petition.id), "matter")
    why.pop(petition.id, None)
    return why


def _earlier(s: Session, rows: Sequence[tuple[Petition, Court]], why: dict[UUID, str]) -> list[Earlier]:
    ids = [row.id for row, _ in rows if row.erased_at is None]
    replies = {
        row.petition_id: row
        for row in s.exec(_of(Reply, ids).where(Reply.status == "issued").order_by(col(Reply.round)))
    }
    items = _grouped(s.exec(_of(ReplyItem, ids)), lambda row: row.reply_id)
    demands = _grouped(s.exec(_of(Demand, ids).order_by(col(Demand.number))), lambda row: row.petition_id)
    promises = _grouped(
        s.exec(_of(ReceptionPromise, ids).order_by(col(ReceptionPromise.made_on))),
        lambda row: row.petition_id,
    )
    reviews = _grouped(s.exec(_of(Review, ids).order_by(col(Review.asked_at))), lambda row: row.petition_id)
    late = _grouped(
        s.exec(
            _of(DeadlineClock, ids).where(DeadlineClock.result == "late").order_by(col(DeadlineClock.due_on))
        ),
        lambda row: row.petition_id,
    )
    made = []
    for row, court in rows:
        reply = replies.get(row.id)
        by_demand = {item.demand_id: item for item in items.get(reply.id, [])} if reply else {}
        answers = [Answer(each.text, by_demand.get(each.id)) for each in demands.get(row.id, [])]
        made.append(
            Earlier(
                row,
                court,
                why[row.id],
                reply,
                answers,
                _said(reply, by_demand.values()),
                promises.get(row.id, []),
                reviews.get(row.id, []),
                late.get(row.id, []),
            )
        )
    return made


def _of(kind: type[_Row], ids: Collection[UUID]) -> SelectOfScalar[_Row]:
    return select(kind).where(col(kind.petition_id).in_(ids))  # type: ignore[attr-defined]


def _grouped(rows: Iterable[_Row], key: Callable[[_Row], UUID]) -> Mapping[UUID, list[_Row]]:
    made: defaultdict[UUID, list[_Row]] = defaultdict(list)
    for row in rows:
        made[key(row)].append(row)
    return made


def _said(reply: Reply | None, items: Iterable[ReplyItem]) -> list[Said]:
    if reply is None or reply.issued_at is None:
        return []
    on: date = court_day(reply.issued_at)
    parts = [reply.text, *(item.facts for item in items)]
    return [each for part in parts for each in commitments(part, on)]
