"""Reading what is to be delivered: the worklist of a court, the letters of a petition, a request for a signature."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, func, tuple_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central.actor import Actor, Role
from central.delivery.models import Posting, Signing
from central.delivery.rules import Known, PostState, Todo, todo
from central.documents.models import Document
from central.letters.kinds import LetterKind
from central.letters.models import Letter
from central.messages import queries as messages
from central.petitions.models import Petition, Petitioner, ReplyBy
from central.petitions.queries import PAGE, ROW, AfterDue, visible_to
from central.petitions.states import Act, State
from central.replies.models import Reply, ReplyEnclosure
from central.supervision.today import Line, dated, undated
from shared.clock import court_day

_PETITIONER: Table = Petitioner.__table__  # type: ignore[attr-defined]
_POSTING: Table = Posting.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class ToDeliver:
    """One petition whose answer or notice has not arrived: what is known and what to do next."""

    petition: Petition
    known: Known
    todo: Todo


def to_deliver(
    s: Session, actor: Actor, *, today: date, after: AfterDue | None = None, limit: int = PAGE
) -> list[ToDeliver]:
    """Return what the actor has to see delivered, overdue and nearest first: one walk along `ix_petition_to_deliver`."""
    query = select(Petition).options(*ROW).where(*_waiting(actor), visible_to(actor))
    due_on, key = col(Petition.next_due_on), col(Petition.id)
    if after is not None:
        query = query.where(tuple_(due_on, key) > tuple_(after.due_on, after.petition_id))
    rows = s.exec(query.order_by(due_on, key).limit(limit)).all()
    known = of_petitions(s, rows)
    return [ToDeliver(row, known[row.id], todo(known[row.id], today)) for row in rows]


def _waiting(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the condition of petitions of the actor's court to be delivered, beside what the actor may see."""
    return [
        col(Petition.court_id) == actor.court_id,
        and_(col(Petition.is_open)),
        col(Petition.next_act) == Act.RECORD_DELIVERY,
    ]


def of_petitions(s: Session, rows: Sequence[Petition]) -> dict[UUID, Known]:
    """Return what is known of some petitions' delivery: two statements, nothing is unsealed."""
    ids = [row.id for row in rows]
    people = {row.petition_id: row for row in s.connection().execute(_people(ids))} if ids else {}
    posted = {row.petition_id: row.posted_on for row in s.connection().execute(_posted(ids))} if ids else {}
    return {row.id: _known(row, people.get(row.id), posted.get(row.id)) for row in rows}


def _people(ids: Collection[UUID]) -> Select[Any]:
    table = _PETITIONER.c
    return core_select(
        table.petition_id,
        table.reply_by,
        table.address.is_not(None).label("has_address"),
        table.phone.is_not(None).label("has_phone"),
    ).where(table.petition_id.in_(ids))


def _posted(ids: Collection[UUID]) -> Select[Any]:
    on_the_way = _POSTING.c.state == PostState.ON_THE_WAY.value
    return core_select(_POSTING.c.petition_id, _POSTING.c.posted_on).where(
        _POSTING.c.petition_id.in_(ids), on_the_way
    )


def _known(row: Petition, person: object, posted_on: date | None) -> Known:
    reply_by = getattr(person, "reply_by", None)
    return Known(
        reply_by=ReplyBy(reply_by) if reply_by else None,
        has_address=bool(getattr(person, "has_address", False)),
        has_phone=bool(getattr(person, "has_phone", False)),
        posted_on=posted_on,
        issued_on=court_day(row.issued_at) if row.issued_at else None,
        attempts=row.attempts,
    )


def lines(actor: Actor, *, today: date) -> list[Line]:
    """Return the lines of Today: what is to be delivered, and messages that did not get through."""
    if not actor.has(Role.REGISTRAR, Role.HANDLER):
        return []
    query = (
        dated(col(Petition.next_due_on), today)
        .select_from(Petition)
        .where(*_waiting(actor), visible_to(actor))
    )
    failed = messages.counted(undated(), actor)
    return [
        Line("delivery.waiting", "/deliveries", query),
        Line("delivery.waiting_messages", "/messages", failed),
    ]


@dataclass(frozen=True, slots=True)
class Sheets:
    """What is in the envelope, in pages: the letter (None if it was not counted or not made yet), and what goes with it."""

    letter: int | None
    enclosures: int
    enclosed: int

    @property
    def total(self) -> int | None:
        """All pages together; None while the letter's are not known."""
        return None if self.letter is None else self.letter + self.enclosed


def sheets(s: Session, rows: Sequence[Petition]) -> dict[UUID, Sheets]:
    """Return how many pages go out with the reply of those petitions that wait for its delivery; others are left out."""
    ids = [row.id for row in rows if row.state == State.REPLIED and row.erased_at is None]
    query = select(Letter.petition_id, Letter.round, Letter.pages, Reply.id).join(
        Reply, and_(col(Reply.petition_id) == Letter.petition_id, col(Reply.round) == Letter.round)
    )
    query = query.where(col(Letter.petition_id).in_(ids), Letter.kind == LetterKind.REPLY)
    last = {row[0]: row for row in s.exec(query.order_by(col(Letter.round))).all()} if ids else {}
    count, pages = func.count(), func.sum(col(Document.pages))
    counted = select(ReplyEnclosure.reply_id, count, pages).join(
        Document, col(Document.id) == ReplyEnclosure.document_id
    )
    wanted = [row[3] for row in last.values()]
    counted = counted.where(col(ReplyEnclosure.reply_id).in_(wanted)).group_by(col(ReplyEnclosure.reply_id))
    files = {reply: (number, int(sum_)) for reply, number, sum_ in s.exec(counted).all()} if wanted else {}
    return {key: Sheets(row[2], *files.get(row[3], (0, 0))) for key, row in last.items()}


def postings(s: Session, petition_id: UUID) -> Sequence[Posting]:
    """Return the letters of a petition, oldest first."""
    query = select(Posting).where(Posting.petition_id == petition_id)
    return s.exec(query.order_by(col(Posting.posted_on), col(Posting.id))).all()


def posting(s: Session, petition_id: UUID, posting_id: UUID) -> Posting | None:
    """Return one letter of a petition."""
    query = select(Posting).where(Posting.id == posting_id, Posting.petition_id == petition_id)
    return s.exec(query).first()


def signing_of(s: Session, petition_id: UUID, now: datetime) -> Signing | None:
    """Return the request for a signature that is open, the latest."""
    query = select(Signing).where(Signing.petition_id == petition_id, Signing.ends_at > now)
    return s.exec(query.order_by(col(Signing.asked_at).desc()).limit(1)).first()


def signing_by_code(s: Session, code_hash: str, now: datetime) -> Signing | None:
    """Return the open request that a code on the hall's screen belongs to."""
    return s.exec(select(Signing).where(Signing.code_hash == code_hash, Signing.ends_at > now)).first()


def signing(s: Session, signing_id: UUID, now: datetime, *, for_update: bool = False) -> Signing | None:
    """Return an open request."""
    query = select(Signing).where(Signing.id == signing_id, Signing.ends_at > now)
    return s.exec(query.with_for_update() if for_update else query).first()


def addresses(s: Session, actor: Actor, ids: Collection[UUID]) -> list[tuple[Petition, Petitioner]]:
    """Return those of some petitions of the actor's court that have an address, by number, with who petitions."""
    query = select(Petition, Petitioner).options(*ROW)
    query = query.join(Petitioner, col(Petitioner.petition_id) == col(Petition.id))
    query = query.where(
        col(Petition.id).in_(ids),
        col(Petition.court_id) == actor.court_id,
        col(Petitioner.address).is_not(None),
        visible_to(actor),
    )
    return list(s.exec(query.order_by(col(Petition.number))).all())
