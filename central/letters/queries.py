"""Reading letters, and the facts they are made of. The caller has found the petition through `visible_to`, or by a pass."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from central.courts import queries as courts
from central.deadlines import queries as deadlines
from central.deadlines.shipped import book_of
from central.documents import queries as documents
from central.errors import NotFound
from central.letters.composing import About, Answer
from central.letters.kinds import PAPERS, LetterKind
from central.letters.models import Letter
from central.letters.wording import review_period
from central.petitions import queries as petitions
from central.petitions.models import Note, Petition
from central.replies import queries as replies
from central.replies.models import Reply


def of_petition(s: Session, petition_id: UUID) -> Sequence[Letter]:
    """Return the letters of a petition, the newest first."""
    query = select(Letter).where(Letter.petition_id == petition_id)
    return s.exec(query.order_by(col(Letter.written_at).desc(), col(Letter.id).desc())).all()


def get(s: Session, petition_id: UUID, letter_id: UUID) -> Letter:
    """Return one letter of this petition; raise `NotFound`."""
    found = s.exec(select(Letter).where(Letter.id == letter_id, Letter.petition_id == petition_id)).first()
    if found is None:
        raise NotFound("letters.not_found")
    return found


def by_id(s: Session, letter_id: UUID) -> Letter | None:
    """Return a letter whose number somebody holds in hand: for the public check, which says nothing of what is in it."""
    return s.get(Letter, letter_id)


def reply_rounds(s: Session, petition_id: UUID) -> frozenset[int]:
    """Return the rounds of answering of which there is a letter."""
    query = select(Letter.round).where(Letter.petition_id == petition_id, Letter.kind == LetterKind.REPLY)
    return frozenset(s.exec(query).all())


def papers(s: Session, petition_id: UUID) -> Sequence[tuple[UUID, str, datetime]]:
    """Return id, kind and moment of the letters that a petitioner fetches one by one, newest first; not what is in them."""
    query = select(Letter.id, Letter.kind, Letter.written_at)
    query = query.where(Letter.petition_id == petition_id, col(Letter.kind).in_(PAPERS))
    return s.exec(query.order_by(col(Letter.written_at).desc(), col(Letter.id).desc())).all()


def newest(s: Session, petition_id: UUID, kind: LetterKind) -> Letter | None:
    """Return the newest letter of a kind, or None."""
    query = select(Letter).where(Letter.petition_id == petition_id, Letter.kind == kind)
    return s.exec(query.order_by(col(Letter.round).desc()).limit(1)).first()


def last_round(s: Session, petition_id: UUID, kind: LetterKind) -> int:
    """Return the number of the newest letter of a kind, 0 if there is none."""
    query = select(func.coalesce(func.max(col(Letter.round)), 0))
    return int(s.exec(query.where(col(Letter.petition_id) == petition_id, col(Letter.kind) == kind)).one())


def waiting(s: Session, *, since: datetime, limit: int) -> Sequence[UUID]:
    """Return letters whose file was not made yet and that were written after `since`, the oldest first."""
    query = select(Letter.id).where(col(Letter.file_id).is_(None), col(Letter.written_at) > since)
    return s.exec(query.order_by(col(Letter.written_at)).limit(limit)).all()


def about(s: Session, petition: Petition) -> About:
    """Return what letters need to know of a petition."""
    court = courts.get(s, petition.court_id)
    person = petitions.petitioner(s, petition.id)
    book = book_of(s)
    version = book.version(petition.rules_version, petition.kind)
    above = courts.get(s, court.parent_id).name if court.parent_id else ""
    return About(
        court=court.name,
        court_above=above,
        number=petition.number,
        name=(person.name or "") if person else "",
        channel=petition.channel,
        received_at=petition.received_at,
        subject=petition.subject,
        demands=[(each.id, each.text) for each in petitions.demands(s, petition.id)],
        files=documents.used(s, petition.id)[0],
        due={
            each.rule: each.due_on for each in deadlines.of_petition(s, petition.id) if each.ended_on is None
        },
        review_days=review_period(book.rule(version, "review_request")),
    )


def answers(s: Session, reply: Reply) -> dict[UUID, Answer]:
    """Return the answers of a reply by demand."""
    return {
        demand_id: Answer(item.outcome or "", item.facts, item.basis)
        for demand_id, item in replies.items(s, reply.id).items()
    }


def said(s: Session, petition_id: UUID, act: str) -> Note | None:
    """Return the words of the last act of this kind."""
    query = select(Note).where(Note.petition_id == petition_id, Note.act == act)
    return s.exec(query.order_by(col(Note.at).desc(), col(Note.id).desc()).limit(1)).first()
