"""Everything held about oneself, to be taken away."""

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from central.access import service as access
from central.access.models import Look
from central.accounts import throttle
from central.accounts.edge import Config, Now, ReadDb, WriteDb
from central.actor import Role, petitioner
from central.casework import queries as casework
from central.casework.uploads import Kept
from central.errors import TooManyTries
from central.portal import edge_router, own, queries
from central.web import downloads, render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
#: So often within the window of guesses.
MOST = 5


@router.get("/track/petition/data")
def explain(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """What is in the archive, and the button."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    return render.page(
        request, "portal/data.html", number=petition.number, gone=petition.erased_at is not None, problem=""
    )


@router.post("/track/petition/data/file")
def fetch(request: Request, db: WriteDb, now: Now, config: Config, store: Kept) -> Response:
    """The archive, made while it is sent. That it was taken is on record like every other look."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    limits = config.throttle.model_copy(update={"guesses": MOST})
    key = throttle.key_of("own-data", petition.id.hex)
    try:
        throttle.check(db, key=key, limits=limits, now=now)
    except TooManyTries as error:
        problem = render.sentence(request, "portal.data.often", error.values)
        gone = petition.erased_at is not None
        return render.page(
            request, "portal/data.html", status=429, number=petition.number, gone=gone, problem=problem
        )
    throttle.wrong(db, key=key, limits=limits, now=now)
    by = petitioner(petition.id)
    access.looked(
        db, by=by, how=Look.DOWNLOADED, petitions=[petition.id], what="own", role=Role.PETITIONER, now=now
    )
    told, found = queries.told(db, petition, court_day(now)), casework.of(db, petition)
    page = render.page(
        request, "portal/archive.html", told=told, found=found, files=own.document_files(found)
    )
    files = [
        own.File("index.html", bytes(page.body)),
        own.File("data.json", own.as_json(told, found)),
        *own.document_files(found),
    ]
    name = f"{render.sentence(request, 'portal.data.file', {})}-{petition.number}.zip"
    headers = dict(downloads.attachment(b"", name, "application/zip").headers)
    del headers["content-length"]
    return StreamingResponse(own.archive(files, store), media_type="application/zip", headers=headers)
