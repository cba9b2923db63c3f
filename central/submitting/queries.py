"""Reading files on their way and what is written together."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, func, select

from central.errors import NotFound
from central.submitting.models import Assisted, Upload


def uploads(s: Session, draft_id: UUID) -> Sequence[Upload]:
    """Return the files of a draft in the order in which they came."""
    return s.exec(select(Upload).where(Upload.draft_id == draft_id).order_by(col(Upload.id))).all()


def upload(s: Session, upload_id: UUID, *, for_update: bool = False) -> Upload:
    """Return one file; raise `NotFound`."""
    found = s.get(Upload, upload_id, with_for_update=for_update)
    if found is None:
        raise NotFound("submitting.upload.gone")
    return found


def used(s: Session, address_key: str | None) -> int:
    """Return the bytes announced from one address, or from all."""
    query = select(func.coalesce(func.sum(Upload.size), 0))
    return int(s.exec(query.where(Upload.address_key == address_key) if address_key else query).one())


def old_uploads(s: Session, before: datetime) -> Sequence[Upload]:
    """Return files that began before a moment."""
    return s.exec(select(Upload).where(col(Upload.began_at) < before).limit(500)).all()


def known_uploads(s: Session, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of the files have a row."""
    return set(s.exec(select(Upload.id).where(col(Upload.id).in_(ids))).all()) if ids else set()


def own(s: Session, assisted_id: UUID, staff_id: UUID | None, *, for_update: bool = False) -> Assisted:
    """Return what a clerk writes with a visitor; raise `NotFound` for somebody else's."""
    found = s.get(Assisted, assisted_id, with_for_update=for_update)
    if found is None or found.staff_id != staff_id:
        raise NotFound
    return found


def mine(s: Session, staff_id: UUID | None) -> Sequence[Assisted]:
    """Return what a clerk is writing with visitors, newest first."""
    return s.exec(
        select(Assisted)
        .where(Assisted.staff_id == staff_id, col(Assisted.petition_id).is_(None))
        .order_by(col(Assisted.began_at).desc())
        .limit(20)
    ).all()


def by_pairing(s: Session, digest: str, now: datetime) -> Assisted | None:
    """Return what a code opens, None for a wrong one or one that lapsed."""
    return s.exec(
        select(Assisted).where(Assisted.pairing == digest, col(Assisted.paired_until) > now).with_for_update()
    ).first()


def of_screen(s: Session, assisted_id: UUID, digest: str, *, for_update: bool = False) -> Assisted | None:
    """Return what a second screen shows, None when it was closed."""
    found = s.get(Assisted, assisted_id, with_for_update=for_update)
    return found if found is not None and found.screen == digest else None


def old_assisted(s: Session, before: datetime) -> Sequence[Assisted]:
    """Return what was begun before a moment."""
    return s.exec(select(Assisted).where(col(Assisted.began_at) < before).limit(500)).all()
