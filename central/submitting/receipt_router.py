"""What one has in hand after sending: number and code on a page, and the signed receipt as PDF and as a picture."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from central import cookies
from central.accounts.edge import Now, ReadDb, context_of
from central.actor import petitioner
from central.courts import queries as courts
from central.db import unit_of_work
from central.deadlines.shipped import book_of
from central.letters import service as letters
from central.letters import work
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.numbering import shown_code
from central.submitting import carry
from central.web import downloads, render
from shared.clock import court_day

router = APIRouter(include_in_schema=False, prefix="/submit")
COOKIE = "minyi_receipt"


@router.get("/receipt")
def show(request: Request, db: ReadDb, now: Now) -> Response:
    """Number and code, as often as it is reloaded; what happens next and by when."""
    found = _held(request, db)
    if found is None:
        return render.see_other("/track")
    petition, code = found
    answer = render.page(
        request,
        "submitting/receipt.html",
        petition=petition,
        code=shown_code(code),
        court=courts.get(db, petition.court_id),
        rules=book_of(db).get(petition.rules_version),
        draft_id=petition.id.hex,
        today=court_day(now),
    )
    # What the browser kept of the draft's pages is not needed any more.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/receipt.pdf")
def pdf(request: Request, db: ReadDb, now: Now) -> Response:
    """The receipt as a signed letter that anyone can check."""
    found = _held(request, db)
    if found is None:
        return render.see_other("/track")
    made = work.made(context_of(request), _letter(request, found[0].id, now))
    return downloads.attachment(made.content, made.name, "application/pdf")


@router.get("/receipt.png")
def picture(request: Request, db: ReadDb, now: Now) -> Response:
    """The receipt as a picture with number and code, to be kept on a phone."""
    found = _held(request, db)
    if found is None:
        return render.see_other("/track")
    petition, code = found
    made = work.receipt(context_of(request), _letter(request, petition.id, now), code=shown_code(code))
    name = render.sentence(request, "letters.kind.receipt", {})
    return downloads.attachment(made.picture, f"{name}-{petition.number}.png", "image/png")


def _held(request: Request, s: Session) -> tuple[Petition, str] | None:
    """Return petition and code of the receipt that this browser holds, or None."""
    context = context_of(request)
    found = carry.receipt_of(context.vault, cookies.read(request.cookies, context.settings.http, COOKIE))
    petition = petitions.by_id(s, found[0]) if found else None
    return (petition, found[1]) if petition is not None and found is not None else None


def _letter(request: Request, petition_id: UUID, now: Now) -> UUID:
    by = petitioner(petition_id)
    with unit_of_work(context_of(request).engine) as s:
        return letters.receipt(s, petition_id=petition_id, by=by, now=now).id
