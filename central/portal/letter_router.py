"""Letters for their petitioner: the reply and the receipt as signed files, with the pass of the tracking page."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from central import db as database
from central.accounts.edge import Config, Now, ReadDb, context_of
from central.actor import petitioner
from central.casework.uploads import Kept
from central.documents.files import Copy
from central.documents.kinds import MEDIA_TYPES, Kind
from central.documents.service import content_of
from central.errors import NotFound
from central.letters import queries, service, work
from central.letters.kinds import PAPERS, LetterKind
from central.letters.models import Letter
from central.petitions.models import Petition
from central.portal import own
from central.portal.edge_router import ask_again, passed
from central.replies import queries as replies
from central.web import downloads, render

router = APIRouter(include_in_schema=False, prefix="/track/petition")
#: No petition has so many rounds, no letter so many enclosures.
MOST = 10_000


@router.get("/reply.pdf")
def reply(request: Request, db: ReadDb, now: Now, config: Config, round: int = 0) -> Response:  # noqa: A002 the word of the address
    """The reply as it was issued; of several rounds the newest, unless one is named."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    return _file(request, _reply(db, petition, round))


@router.get("/reply.sig")
def signature(request: Request, db: ReadDb, now: Now, config: Config, round: int = 0) -> Response:  # noqa: A002
    """The detached signature of that file."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    made = work.made(context_of(request), _reply(db, petition, round).id)
    return downloads.attachment(work.detached(made), f"{made.name}.sig", downloads.UNKNOWN)


@router.get("/reply/{round_}/enclosures/{place}")
def enclosure(
    request: Request, round_: int, place: int, db: ReadDb, now: Now, config: Config, store: Kept
) -> Response:
    """A file that went out with a reply: the one whose digest the signed letter names. Of a draft nothing is given."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    found = None
    if petition.erased_at is None and min(round_, place) > 0 and max(round_, place) < MOST:
        found = replies.issued_enclosure(db, petition.id, round_=round_, place=place)
    if found is None:
        raise NotFound("letters.not_found")
    row, file = found
    name = own.enclosure_name(place, row.name, file.made_kind)
    return downloads.attachment(content_of(store, file, Copy.MADE), name, MEDIA_TYPES[Kind(file.made_kind)])


@router.get("/letters/{letter_id}.pdf")
def paper(request: Request, letter_id: UUID, db: ReadDb, now: Now, config: Config) -> Response:
    """Another letter of the court: a notice, a decision on a review, guidance to the court procedure."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    return _file(request, _paper(db, petition, letter_id))


@router.get("/letters/{letter_id}.sig")
def paper_signature(request: Request, letter_id: UUID, db: ReadDb, now: Now, config: Config) -> Response:
    """The detached signature of that file."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    made = work.made(context_of(request), _paper(db, petition, letter_id).id)
    return downloads.attachment(work.detached(made), f"{made.name}.sig", downloads.UNKNOWN)


@router.get("/receipt.pdf")
def receipt(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The signed receipt, written when it is first asked for."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    return _file(request, _receipt(request, petition, now))


@router.get("/receipt.png")
def picture(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The receipt as a picture, to keep on a phone. It leads to the signed file by its code."""
    petition = passed(request, db, config, now)
    if petition is None:
        return ask_again(request)
    letter = _receipt(request, petition, now)
    name = render.sentence(request, "letters.kind.receipt", {})
    return downloads.attachment(work.picture(config, letter), f"{name}-{petition.number}.png", "image/png")


def _reply(s: ReadDb, petition: Petition, round_: int) -> Letter:
    found = [each for each in queries.of_petition(s, petition.id) if each.kind == LetterKind.REPLY]
    wanted = [each for each in found if round_ in {0, each.round}]
    if not wanted or petition.erased_at is not None:
        raise NotFound("letters.not_found")
    return wanted[0]


def _paper(s: ReadDb, petition: Petition, letter_id: UUID) -> Letter:
    letter = queries.get(s, petition.id, letter_id)
    if letter.kind not in PAPERS or petition.erased_at is not None:
        raise NotFound("letters.not_found")
    return letter


def _receipt(request: Request, petition: Petition, now: Now) -> Letter:
    by = petitioner(petition.id)
    with database.unit_of_work(context_of(request).engine) as s:
        return service.receipt(s, petition_id=petition.id, by=by, now=now)


def _file(request: Request, letter: Letter) -> Response:
    made = work.made(context_of(request), letter.id)
    return downloads.attachment(made.content, made.name, "application/pdf")
