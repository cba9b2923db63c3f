"""What goes out with a reply: files of the petition chosen, put in order and named as the letter prints them; new ones taken in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import acts, documents, looks
from central.casework import queries as casework
from central.casework.documents import Refused
from central.casework.queries import Whole
from central.casework.uploads import Files, Kept
from central.desk import draft_router, refusals
from central.desk.document_router import refused_lines
from central.documents.models import Document
from central.errors import Conflict, Invalid
from central.fields import normal_digits
from central.petitions.states import Act
from central.replies import forms
from central.replies import service as replies
from central.web import render

router = APIRouter(include_in_schema=False, prefix="/draft/enclosures")
#: A number longer than that is no place in a list.
_PLACE_SIGNS = 4


@router.get("")
def choose(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, store: Kept, now: Now) -> Response:
    """The files of the petition, and which of them go out."""
    return _page(request, db, petition_id, actor, store.limits.max_file_mb, now=now)


@router.post("")
def enclose(
    request: Request,
    petition_id: UUID,
    seen: ReadDb,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    files: Files,
    store: Kept,
    now: Now,
) -> Response:
    """Take new files in, then make the list the one that was sent, the new files at its end."""
    values, version = refusals.without_version(posted)
    whole = casework.whole(seen, petition_id, actor=actor)
    writes = Act.SAVE_DRAFT in {offer.act for offer in acts.offers(whole.petition, whole.demands, actor)}
    seen.close()  # files take their time; nothing is held meanwhile
    good, refused = documents.prepared(files, store.limits) if writes else ([], [])
    most = store.limits.max_file_mb
    try:
        kept, late = documents.attach(db, store=store, petition_id=petition_id, files=good, by=actor, now=now)
        db.flush()
        wanted = [
            *_wanted(values, whole.documents),
            *({"document_id": each.row.id, "name": stem(each.row)} for each in kept),
        ]
        form = forms.Enclose.model_validate({"enclosures": _once(wanted)})
        replies.enclose(db, petition_id=petition_id, form=form, by=actor, now=now, version=version)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        problem = draft_router.sentence(request, error)
        return _page(request, db, petition_id, actor, most, now=now, typed=values, problem=problem)
    if refused + late:
        db.flush()
        return _page(request, db, petition_id, actor, most, now=now, refused=refused + late)
    return render.see_other(f"/petitions/{petition_id}/draft/enclosures?saved=1")


def stem(row: Document) -> str:
    """Return what a file is called in a letter until somebody says otherwise: its name without the suffix."""
    return PurePath(row.name).stem[:100].strip() or str(row.number)


def _wanted(values: Mapping[str, Any], rows: Sequence[Document]) -> list[dict[str, Any]]:
    """Return the files that bear a number in the form, in the order of the numbers."""
    found = []
    for row in rows:
        typed = normal_digits(str(values.get(f"place-{row.id}", "")))
        if not typed:
            continue
        if not (typed.isascii() and typed.isdigit()) or len(typed) > _PLACE_SIGNS:
            raise Invalid("desk.enclosures.bad_place", field="enclosures", name=row.name)
        name = str(values.get(f"name-{row.id}", "")).strip() or stem(row)
        found.append((int(typed), row.number, {"document_id": row.id, "name": name}))
    return [each for _, _, each in sorted(found, key=lambda one: one[:2])]


def _once(wanted: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out a file that was chosen and sent again: it is the same file, under the name chosen."""
    return list({each["document_id"]: each for each in reversed(wanted)}.values())[::-1]


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    most_mb: int,
    *,
    now: datetime,
    typed: Mapping[str, Any] | None = None,
    problem: str = "",
    refused: Sequence[Refused] = (),
) -> Response:
    found = casework.whole(s, petition_id, actor=actor)
    if found.petition.erased_at is not None:
        raise Conflict("petitions.erased")
    open_ = {offer.act for offer in acts.offers(found.petition, found.demands, actor)}
    looks.opened(s, found.petition, by=actor, now=now, what="draft")
    return render.page(
        request,
        "desk/enclosures.html",
        status=422 if problem or refused else 200,
        found=found,
        editable=Act.SAVE_DRAFT in open_,
        values=_values(found) if typed is None else typed,
        most=forms.MOST_ENCLOSURES,
        most_mb=most_mb,
        problem=problem,
        refused=refused_lines(request, refused),
        saved="saved" in request.query_params,
    )


def _values(found: Whole) -> dict[str, Any]:
    values: dict[str, Any] = {f"name-{row.id}": stem(row) for row in found.documents}
    for place, each in enumerate(found.enclosures, 1):
        values |= {f"place-{each.document_id}": place, f"name-{each.document_id}": each.name}
    return values
