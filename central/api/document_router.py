"""Files of a petition: add, list, fetch. Sent as multipart, one at a time; answered as bytes to be saved."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Response

from central.access.forms import of_header
from central.accounts.edge import Bearer, Now, ReadDb, WriteDb
from central.api import problems, schemas
from central.api.router import Reason, given
from central.casework import documents, looks
from central.casework.uploads import ONE, Kept, OneFile
from central.documents import queries
from central.documents.kinds import MEDIA_TYPES, Kind
from central.documents.names import shown
from central.petitions import queries as petitions
from central.web import downloads

router = APIRouter(
    prefix="/api/v1/petitions/{petition_id}/documents", tags=["documents"], responses=problems.RESPONSES
)
Needed = Annotated[
    str,
    Header(alias="Access-Reason", max_length=1000, description="why: `other`, with words behind a semicolon"),
]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": [ONE],
                    "additionalProperties": False,
                    "properties": {ONE: {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class Bytes(Response):
    """A file: its kind is in the header, whatever it is."""

    media_type = "application/octet-stream"


_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the file, to be saved",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in sorted({*MEDIA_TYPES.values(), "application/octet-stream"})
        },
    }
}


@router.post(
    "",
    status_code=201,
    openapi_extra=_BODY,
    responses={
        200: {"model": schemas.DocumentOut, "description": "a file with the same content is there already"}
    },
)
def add(
    petition_id: UUID,
    seen: ReadDb,
    db: WriteDb,
    actor: Bearer,
    file: OneFile,
    store: Kept,
    now: Now,
    response: Response,
) -> schemas.DocumentOut:
    """Add one PDF, JPEG, PNG or TIFF. It is made anew for reading; the original is sealed. The same content is kept once."""
    documents.allowed(seen, petitions.get(seen, petition_id, actor=actor), by=actor)
    seen.close()
    good, refused = documents.prepared([file], store.limits)
    kept, late = documents.attach(db, store=store, petition_id=petition_id, files=good, by=actor, now=now)
    for each in refused + late:
        each.why.field = ONE
        raise each.why
    [taken] = kept
    if taken.again:
        response.status_code = 200
    return schemas.document(taken.row)


@router.get("")
def listed(
    petition_id: UUID, db: ReadDb, actor: Bearer, now: Now, reason: Reason = None
) -> list[schemas.DocumentOut]:
    """Return the files of a petition in the order in which they came."""
    petition = petitions.get(db, petition_id, actor=actor)
    answer = [schemas.document(row) for row in queries.of_petition(db, petition_id)]
    looks.opened(db, petition, by=actor, now=now, what="api_documents", given=given(reason))
    return answer


@router.get("/{document_id}", response_class=Bytes, responses=_FILE)
def one(
    petition_id: UUID,
    document_id: UUID,
    db: ReadDb,
    actor: Bearer,
    store: Kept,
    now: Now,
    reason: Reason = None,
) -> Response:
    """Return the file as it was made anew: harmless, without metadata."""
    petition, row = documents.seen(db, petition_id, document_id, by=actor)
    content = documents.fetch(
        db,
        store=store,
        petition=petition,
        row=row,
        by=actor,
        now=now,
        what="api_document",
        given=given(reason),
    )
    made = Kind(row.made_kind)
    return downloads.attachment(content, shown(row.name, made), MEDIA_TYPES[made])


@router.get("/{document_id}/original", response_class=Bytes, responses=_FILE)
def original(
    petition_id: UUID,
    document_id: UUID,
    db: ReadDb,
    actor: Bearer,
    store: Kept,
    now: Now,
    reason: Needed,
) -> Response:
    """Return what was handed in, unchanged and perhaps harmful: for those who work on the petition, with a reason each time."""
    petition, row = documents.seen(db, petition_id, document_id, by=actor)
    content = documents.fetch_original(
        db,
        store=store,
        petition=petition,
        row=row,
        by=actor,
        now=now,
        given=of_header(reason),
        what="api_original",
    )
    return downloads.attachment(content, row.name, downloads.UNKNOWN)
