"""Files of a petition: the list, adding some, taking one away, the original after a reason."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access.forms import GiveReason
from central.access.rules import Why
from central.accounts import queries as accounts
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import documents, looks
from central.casework.documents import Refused
from central.casework.uploads import Files, Kept
from central.desk import refusals
from central.documents import names, queries
from central.documents.kinds import MEDIA_TYPES, Kind
from central.documents.models import Document
from central.documents.service import Taken
from central.errors import Invalid
from central.petitions import queries as petitions
from central.web import downloads, render

router = APIRouter(include_in_schema=False, prefix="/documents")


@router.get("")
def listed(
    request: Request, petition_id: UUID, db: ReadDb, actor: Signed, config: Config, now: Now
) -> Response:
    """The files of a petition, and the form to add some."""
    return _page(request, db, petition_id, actor, config.documents.max_file_mb, now=now)


@router.post("")
def add(
    request: Request,
    petition_id: UUID,
    seen: ReadDb,
    db: WriteDb,
    actor: Signed,
    files: Files,
    store: Kept,
    now: Now,
) -> Response:
    """Take in what can be taken; what cannot comes back with its name and what to do."""
    documents.allowed(seen, petitions.get(seen, petition_id, actor=actor), by=actor)
    seen.close()  # files take their time; nothing is held meanwhile
    good, refused = documents.prepared(files, store.limits)
    kept, late = documents.attach(db, store=store, petition_id=petition_id, files=good, by=actor, now=now)
    if kept and not refused + late:
        return render.see_other(f"/petitions/{petition_id}#documents")
    db.flush()
    most = store.limits.max_file_mb
    return _page(request, db, petition_id, actor, most, now=now, kept=kept, refused=refused + late)


@router.get("/{document_id}")
def one(petition_id: UUID, document_id: UUID, db: ReadDb, actor: Signed, store: Kept, now: Now) -> Response:
    """The file as it was made anew."""
    petition, row = documents.seen(db, petition_id, document_id, by=actor)
    content = documents.fetch(db, store=store, petition=petition, row=row, by=actor, now=now)
    return downloads.attachment(content, name_of(row), MEDIA_TYPES[Kind(row.made_kind)])


@router.get("/{document_id}/original")
def ask_original(
    request: Request, petition_id: UUID, document_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """Say what the original may do, and ask why it is needed."""
    return _ask(request, db, petition_id, document_id, actor, now=now, typed="", problems={})


@router.post("/{document_id}/original")
def original(
    request: Request,
    petition_id: UUID,
    document_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    store: Kept,
    now: Now,
) -> Response:
    """The file as it was handed in."""
    petition, row = documents.seen(db, petition_id, document_id, by=actor)
    typed = str(posted.get("text", ""))
    try:
        given = GiveReason(why=Why.OTHER, text=typed)
    except (ValidationError, Invalid) as error:
        found = refusals.problems(error, partial(render.sentence, request))
        return _ask(request, db, petition_id, document_id, actor, now=now, typed=typed, problems=found)
    content = documents.fetch_original(
        db, store=store, petition=petition, row=row, by=actor, now=now, given=given
    )
    return downloads.attachment(content, row.name, downloads.UNKNOWN)


def name_of(row: Document) -> str:
    """Return the name under which the remade file is saved: its suffix is that of what it is now."""
    return names.shown(row.name, Kind(row.made_kind))


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    most_mb: int,
    *,
    now: datetime,
    kept: Sequence[Taken] = (),
    refused: Sequence[Refused] | None = None,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    rows = queries.of_petition(s, petition_id)
    context: dict[str, Any] = {
        "petition": petition,
        "documents": rows,
        "names": accounts.names(s, {row.added_by for row in rows if row.added_by}),
        "may_add": documents.may(s, petition, by=actor),
        "most_mb": most_mb,
        "kept": kept,
        "refused": refused_lines(request, refused or ()),
        "nothing": refused is not None and not kept and not refused,
    }
    looks.opened(s, petition, by=actor, now=now, what="documents")
    return render.page(request, "desk/documents.html", status=200 if refused is None else 422, **context)


def refused_lines(request: Request, refused: Sequence[Refused]) -> list[tuple[str, str]]:
    """Return name and sentence of each file that was not taken."""
    return [
        (names.plain(each.name), render.sentence(request, each.why.key, each.why.values)) for each in refused
    ]


def _ask(
    request: Request,
    s: Session,
    petition_id: UUID,
    document_id: UUID,
    actor: Actor,
    *,
    now: datetime,
    typed: str,
    problems: dict[str, str],
) -> Response:
    petition, row = documents.seen(s, petition_id, document_id, by=actor)
    documents.allowed(s, petition, by=actor)
    context: dict[str, Any] = {"petition": petition, "document": row, "typed": typed, "problems": problems}
    looks.opened(s, petition, by=actor, now=now, what="documents")
    return render.page(request, "desk/original.html", status=422 if problems else 200, **context)
