"""Files of a petition as staff and programs deal with them: who may, what is recorded, what comes back for each file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple
from uuid import UUID

from sqlmodel import Session

from central import db
from central.access import service
from central.access.forms import GiveReason
from central.access.models import Look
from central.access.rules import role_of
from central.actor import Actor, Role
from central.casework import looks
from central.documents import queries
from central.documents.files import Copy
from central.documents.models import Document
from central.documents.remaking import BadDocument
from central.documents.service import Prepared, Store, Taken, content_of, keep, prepare
from central.errors import Forbidden
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.settings import Documents

#: Those who work on petitions add files and may see an original; others read what was made of it.
WORKERS = frozenset({Role.REGISTRAR, Role.HANDLER, Role.LEADER})


class Sent(NamedTuple):
    """A file as it came: the name it was sent under, and what is in it."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken: the name as it was sent, and why."""

    name: str
    why: BadDocument


def allowed(s: Session, petition: Petition, *, by: Actor) -> None:
    """Raise `Forbidden` unless the actor works on this petition."""
    if not may(s, petition, by=by):
        raise Forbidden("documents.workers_only")


def may(s: Session, petition: Petition, *, by: Actor) -> bool:
    """Say whether the actor may add files to a petition they see, and have the originals."""
    if petition.erased_at is not None:
        return False
    here = by.roles_in(petition.court_id, petition.department_id)
    return not here.isdisjoint(WORKERS) and looks.is_own(s, petition, by=by)


def prepared(sent: Sequence[Sent], limits: Documents) -> tuple[list[Prepared], list[Refused]]:
    """Check each file and make it anew; one that is refused keeps no other from being taken."""
    good: list[Prepared] = []
    refused: list[Refused] = []
    for each in sent:
        try:
            good.append(prepare(each.name, each.content, limits))
        except BadDocument as error:
            refused.append(Refused(each.name, error))
    return good, refused


def attach(
    s: Session,
    *,
    store: Store,
    petition_id: UUID,
    files: Sequence[Prepared],
    by: Actor,
    now: datetime,
) -> tuple[list[Taken], list[Refused]]:
    """Keep prepared files with a petition the actor works on; raise `NotFound` or `Forbidden`."""
    if not files:
        return [], []
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    allowed(s, petition, by=by)
    kept: list[Taken] = []
    refused: list[Refused] = []
    for each in files:
        try:
            taken = keep(
                s,
                store=store,
                petition_id=petition_id,
                key_id=petition.key_id,
                prepared=each,
                by=by,
                now=now,
            )
        except BadDocument as error:
            refused.append(Refused(each.name, error))
        else:
            kept.append(taken)
        finally:
            each.close()
    return kept, refused


def seen(s: Session, petition_id: UUID, document_id: UUID, *, by: Actor) -> tuple[Petition, Document]:
    """Return a file and its petition, if the actor may see that; raise `NotFound`."""
    petition = petitions.get(s, petition_id, actor=by)
    return petition, queries.get(s, petition_id, document_id)


def fetch(
    s: Session,
    *,
    store: Store,
    petition: Petition,
    row: Document,
    by: Actor,
    now: datetime,
    what: str = "document",
    given: GiveReason | None = None,
) -> bytes:
    """Return the remade file after recording that it was taken; raise `ReasonNeeded` outside one's own work."""
    content = content_of(store, row, Copy.MADE)
    detail = {"document": row.id.hex}
    looks.opened(s, petition, by=by, now=now, what=what, how=Look.DOWNLOADED, given=given, detail=detail)
    return content


def fetch_original(
    s: Session,
    *,
    store: Store,
    petition: Petition,
    row: Document,
    by: Actor,
    now: datetime,
    given: GiveReason,
    what: str = "original",
) -> bytes:
    """Return what was handed in, unchanged and perhaps harmful. A reason is given each time, in own work as well."""
    allowed(s, petition, by=by)
    content = content_of(store, row, Copy.ORIGINAL)
    with db.beside(s) as own:
        reason = service.give_reason(own, petition_id=petition.id, form=given, by=by, now=now)
        service.looked(
            own,
            by=by,
            how=Look.DOWNLOADED,
            petitions=[petition.id],
            now=now,
            what=what,
            role=role_of(by, looks.standing(petition)),
            reason=reason,
            detail={"document": row.id.hex},
        )
    return content
