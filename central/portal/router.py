"""Home, look-up and the page of one petition. No account, no JavaScript needed."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.accounts.edge import Config, Now, ReadDb, WriteDb, caller_address
from central.db import beside
from central.deadlines import router as sheet_page
from central.delivery import service as delivery
from central.errors import Conflict
from central.litigation import router as litigation
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.portal import acts_router, edge_router, own_router, passes, queries, service
from central.web import render
from shared.canonical import sha256_hex
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
router.include_router(acts_router.router)
router.include_router(own_router.router)


@router.get("/")
def home(request: Request, db: ReadDb, now: Now) -> Response:
    """Three choices, and what the court must do."""
    return render.page(request, "portal/home.html", rules=queries.rules_of(db, court_day(now)))


@router.get("/help")
def explain(request: Request, db: ReadDb, now: Now) -> Response:
    """How to petition, what the court owes and by when."""
    return render.page(request, "portal/help.html", rules=queries.rules_of(db, court_day(now)).rules)


@router.get("/track")
def ask(request: Request, why: str = "") -> Response:
    """Ask for number and code; say why, if the page was left by itself."""
    return render.page(request, "portal/track.html", number="", refused=None, ended=why == "ended")


@router.post("/track")
def check(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    number: Annotated[str, Form(max_length=60)] = "",
    code: Annotated[str, Form(max_length=60)] = "",
    go: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Open the petition, or say that number and code do not belong together."""
    if edge_router.stays({"go": go}):
        return render.page(request, "portal/track.html", number=number, refused=None, ended=False)
    request.state.guessed_at = sha256_hex(f"number:{number.strip()}")[:16]
    found = service.open_with_code(
        db, number=number, code=code, address=caller_address(request), limits=config.throttle, now=now
    )
    if isinstance(found, service.Refused):
        return render.page(
            request, "portal/track.html", status=found.status, number=number, refused=found, ended=False
        )
    answer = render.see_other("/track/petition")
    text = passes.issue(config.data / "keys", found.id, service.code_version(found), now=now)
    passes.hand_out(answer, text, config)
    return answer


@router.get("/track/petition")
def show(request: Request, db: ReadDb, now: Now, config: Config, done: str = "") -> Response:
    """Where the petition stands, who has it, what the court owes next, and the reply; `done`: what was just sent."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    petition = _delivered(db, petition, now)
    told = queries.told(db, petition, court_day(now))
    return render.page(
        request, "portal/petition.html", told=told, done=done if done in edge_router.DONE else ""
    )


@router.get("/track/petition/clocks/{clock_id}")
def deadline_sheet(request: Request, clock_id: UUID, db: ReadDb, now: Now, config: Config) -> Response:
    """How a date was found, to be checked by hand."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    found = queries.sheet_of(db, petition, clock_id, court_day(now))
    return render.page(request, "portal/deadline.html", sheet=found, clock_id=clock_id)


@router.get("/track/petition/litigation.pdf")
def litigation_letter(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The letter that directs to litigation, to be kept or taken along."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    person = petitions.petitioner(db, petition.id)
    return litigation.pdf_of(request, db, petition, name=person.name if person else None)


@router.get("/track/petition/litigation-sheet.pdf")
def litigation_sheet(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """How the last day that the letter names was found."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    return litigation.sheet_of(request, db, petition)


@router.get("/track/petition/clocks/{clock_id}/sheet.pdf")
def deadline_pdf(request: Request, clock_id: UUID, db: ReadDb, now: Now, config: Config) -> Response:
    """The sheet as PDF, to be kept or shown to somebody."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    found = queries.sheet_of(db, petition, clock_id, court_day(now))
    return sheet_page.pdf(request, found.told)


@router.post("/track/leave")
def leave(config: Config) -> Response:
    """Forget the pass, for whoever uses a shared computer."""
    answer = render.see_other("/track")
    passes.take_back(answer, config)
    return answer


def _delivered(s: Session, petition: Petition, now: Now) -> Petition:
    """Return the petition after noting that the answer was shown, if its petitioner chose to get it on this page."""
    person = petitions.petitioner(s, petition.id)
    if person is None or not delivery.is_opened_by(petition, person.reply_by):
        return petition
    # Opened twice at once: the other one has noted it.
    with suppress(Conflict), beside(s) as own:
        delivery.opened(own, petition_id=petition.id, now=now)
    return petitions.by_id(s, petition.id) or petition
