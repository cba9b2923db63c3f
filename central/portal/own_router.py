"""Everything held about oneself, to be taken away."""

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlmodel import Session

from central.access import service as access
from central.access.models import Look
from central.accounts import throttle
from central.accounts.edge import Config, Now, ReadDb, context_of
from central.actor import Role, petitioner
from central.casework import queries as casework
from central.casework.uploads import Kept
from central.db import beside
from central.errors import TooManyTries
from central.groups import Throttle
from central.letters import queries as letters
from central.letters import service as writing
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.portal import edge_router, held, own, queries
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
def fetch(request: Request, db: ReadDb, now: Now, config: Config, store: Kept) -> Response:
    """The archive, made while it is sent. That it was taken is on record like every other look."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    limits = config.throttle.model_copy(update={"guesses": MOST})
    key = throttle.key_of("own-data", petition.id.hex)
    try:
        with beside(db) as own_db:
            _taken(own_db, petition, key, limits, now)
    except TooManyTries as error:
        problem = render.sentence(request, "portal.data.often", error.values)
        gone = petition.erased_at is not None
        return render.page(
            request, "portal/data.html", status=429, number=petition.number, gone=gone, problem=problem
        )
    petition = petitions.by_id(db, petition.id) or petition
    told, found = queries.told(db, petition, court_day(now)), casework.of(db, petition)
    more = held.beside(db, found)
    ids = [] if petition.erased_at else [each.id for each in reversed(letters.of_petition(db, petition.id))]
    db.close()  # letters are made in transactions of their own
    attached = [
        *own.letter_files(context_of(request), ids),
        *own.enclosure_files(told, found),
        *own.document_files(found),
    ]
    page = render.page(request, "portal/archive.html", told=told, found=found, more=more, files=attached)
    files = [
        own.File("index.html", bytes(page.body)),
        own.File("data.json", own.as_json(told, found, more, attached)),
        *attached,
    ]
    name = f"{render.sentence(request, 'portal.data.file', {})}-{petition.number}.zip"
    headers = dict(downloads.attachment(b"", name, "application/zip").headers)
    del headers["content-length"]
    return StreamingResponse(own.archive(files, store), media_type="application/zip", headers=headers)


def _taken(s: Session, petition: Petition, key: str, limits: Throttle, now: Now) -> None:
    """Count and note the download, and see to it that there is a receipt; raise `TooManyTries`."""
    throttle.check(s, key=key, limits=limits, now=now)
    throttle.wrong(s, key=key, limits=limits, now=now)
    by = petitioner(petition.id)
    access.looked(
        s, by=by, how=Look.DOWNLOADED, petitions=[petition.id], what="own", role=Role.PETITIONER, now=now
    )
    if petition.erased_at is None:
        writing.receipt(s, petition_id=petition.id, by=by, now=now)
