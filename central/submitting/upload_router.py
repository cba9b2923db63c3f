"""`/submit/uploads`: files in pieces over a bad line, by the core of the tus protocol 1.0.0 and its creation extension.

| request | headers | answer |
|---|---|---|
| `POST /submit/uploads` | `Upload-Length`, `Upload-Metadata: filename <base64>,drop <base64>` | 201, `Location` |
| `HEAD /submit/uploads/{id}` | | 200, `Upload-Offset`, `Upload-Length` |
| `PATCH /submit/uploads/{id}` | `Upload-Offset`, `Content-Type: application/offset+octet-stream` | 204, `Upload-Offset` |

`drop` is the sealed text of the page that the file belongs to. A piece whose line breaks is kept as far as it came. The last piece
is answered when the file was checked; one that is not taken is removed, 422 with the sentence as plain text.
"""

import base64
import binascii
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from central.accounts.edge import Now, caller_address, context_of
from central.casework.uploads import Kept
from central.db import unit_of_work
from central.documents.service import Store
from central.errors import Invalid, NotFound
from central.submitting import carry, queries, uploads
from central.web import render

router = APIRouter(include_in_schema=False)
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = "application/offset+octet-stream"
#: Larger than any number of bytes that is taken.
_FIGURES = 12


@router.post("/submit/uploads")
def create(
    request: Request,
    now: Now,
    store: Kept,
    upload_length: Annotated[str, Header()] = "",
    upload_metadata: Annotated[str, Header(max_length=4000)] = "",
) -> Response:
    """Announce a file."""
    context, told = context_of(request), _metadata(upload_metadata)
    draft_id = carry.draft_of_drop(context.vault, told.get("drop", ""))
    size = _number(upload_length)
    if draft_id is None or size is None:
        return _words(request, 400, Invalid("submitting.upload.unknown"))
    try:
        with unit_of_work(context.engine) as s:
            row = uploads.begin(
                s,
                draft_id=draft_id,
                name=told.get("filename", ""),
                size=size,
                address=caller_address(request),
                limits=context.settings.submitting,
                store=store,
                now=now,
            )
            place = f"/submit/uploads/{row.id.hex}"
    except Invalid as error:
        return _words(request, 422, error)
    return Response(status_code=201, headers={**TUS, "Location": place, "Upload-Offset": "0"})


@router.head("/submit/uploads/{upload_id}")
def offset(request: Request, upload_id: UUID) -> Response:
    """Say how much is there."""
    try:
        with context_of(request).look() as s:
            row = queries.upload(s, upload_id)
    except NotFound:
        return Response(status_code=404, headers=TUS)
    headers = {**TUS, "Upload-Offset": str(row.received), "Upload-Length": str(row.size)}
    return Response(headers={**headers, "Cache-Control": "no-store"})


@router.patch("/submit/uploads/{upload_id}")
async def piece(
    request: Request,
    upload_id: UUID,
    store: Kept,
    upload_offset: Annotated[str, Header()] = "",
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Take the next piece; of one whose line breaks, what came."""
    at = _number(upload_offset)
    if at is None or content_type != PIECE:
        return Response(status_code=415 if at is not None else 400, headers=TUS)
    came = bytearray()
    try:
        async for part in request.stream():
            came += part
    except ClientDisconnect:
        pass
    return await run_in_threadpool(_taken, request, upload_id, at, bytes(came), store)


def _taken(request: Request, upload_id: UUID, at: int, came: bytes, store: Store) -> Response:
    context = context_of(request)
    try:
        with unit_of_work(context.engine) as s:
            row = queries.upload(s, upload_id, for_update=True)
            there = uploads.append(s, row=row, offset=at, piece=came, data=store.data)
        if there == row.size and not row.whole:
            _checked(request, upload_id, store)
    except NotFound:
        return Response(status_code=404, headers=TUS)
    except uploads.WrongOffset as error:
        return Response(status_code=409, headers={**TUS, "Upload-Offset": str(error.values["offset"])})
    except Invalid as error:
        return _words(request, 422, error)
    return Response(status_code=204, headers={**TUS, "Upload-Offset": str(there)})


def _checked(request: Request, upload_id: UUID, store: Store) -> None:
    """Open the whole file as it will be opened when it is sent; one that is not taken is removed at once."""
    context = context_of(request)
    with context.look() as s:
        row = queries.upload(s, upload_id)
        try:
            uploads.prepared(s, row, store).close()
            refused = None
        except Invalid as error:
            refused = error
    with unit_of_work(context.engine) as s:
        row = queries.upload(s, upload_id, for_update=True)
        if refused is not None:
            uploads.remove(s, row, store.data)
        else:
            row.whole = True
            s.add(row)
    if refused is not None:
        raise refused


def _words(request: Request, status: int, error: Invalid) -> Response:
    return PlainTextResponse(render.sentence(request, error.key, error.values), status, headers=TUS)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _FIGURES else None


def _metadata(text: str) -> dict[str, str]:
    """Return the pairs of `Upload-Metadata`; what cannot be read is left out."""
    found = {}
    for pair in text.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            continue
    return found
