"""Reading the files of a petition. The caller has found the petition through `visible_to`."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, SQLModel, col, select

from central.documents.models import Document
from central.errors import NotFound


def of_petition(s: Session, petition_id: UUID) -> Sequence[Document]:
    """Return the files of a petition in the order in which they came."""
    query = select(Document).where(Document.petition_id == petition_id).order_by(col(Document.number))
    return s.exec(query).all()


def get(s: Session, petition_id: UUID, document_id: UUID) -> Document:
    """Return one file of this petition; raise `NotFound`."""
    query = select(Document).where(Document.id == document_id, Document.petition_id == petition_id)
    found = s.exec(query).first()
    if found is None:
        raise NotFound("documents.not_found")
    return found


def same(s: Session, petition_id: UUID, sha256: str) -> Document | None:
    """Return the file of this petition with the same content, if it was handed in before."""
    query = select(Document).where(Document.petition_id == petition_id, Document.sha256 == sha256)
    return s.exec(query).first()


def used(s: Session, petition_id: UUID) -> tuple[int, int]:
    """Return how many files a petition has, and the bytes that were handed in."""
    query = select(func.count(), func.coalesce(func.sum(col(Document.size)), 0)).where(
        col(Document.petition_id) == petition_id
    )
    count, size = s.exec(query).one()
    return int(count), int(size)


def last_number(s: Session, petition_id: UUID) -> int:
    """Return the number of the newest file of a petition, 0 if there is none."""
    query = select(func.coalesce(func.max(col(Document.number)), 0))
    return int(s.exec(query.where(col(Document.petition_id) == petition_id)).one())


def known(s: Session, ids: Iterable[UUID]) -> set[UUID]:
    """Return those ids that are documents, or files of letters, which lie beside them."""
    wanted = list(ids)
    letter = SQLModel.metadata.tables["letter"]
    found = set(s.exec(select(Document.id).where(col(Document.id).in_(wanted))).all())
    query = sa.select(letter.c.file_id).where(letter.c.file_id.in_(wanted))
    return found | set(s.connection().execute(query).scalars())
