"""Home, look-up and the page of one petition. No account, no JavaScript needed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.accounts.edge import Config, Now, ReadDb, WriteDb
from central.casework import queries as casework
from central.deadlines import service as deadlines
from central.deadlines.calendar import shipped_calendar
from central.deadlines.shipped import shipped_rules
from central.errors import NotFound
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.portal import owed, passes, service
from central.settings import Settings
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(request: Request) -> Response:
    """Three choices, and what the court must do."""
    return render.page(request, "portal/home.html")


@router.get("/help")
def explain(request: Request) -> Response:
    """How to petition, what the court owes and by when."""
    return render.page(
        request, "portal/help.html", rules=[r for r in shipped_rules().rules if r.owed_by_court]
    )


@router.get("/track")
def ask(request: Request) -> Response:
    """Ask for number and code."""
    return render.page(request, "portal/track.html", number="", problem=None)


@router.post("/track")
def check(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    number: Annotated[str, Form(max_length=60)] = "",
    code: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Open the petition, or say that number and code do not belong together."""
    petition = service.open_with_code(db, number=number, code=code, limits=config.throttle, now=now)
    if petition is None:
        problem = "portal.wrong_code"
        return render.page(request, "portal/track.html", status=404, number=number, problem=problem)
    answer = render.see_other("/track/petition")
    text = passes.issue(config.data / "keys", petition.id, service.code_version(petition))
    answer.set_cookie(
        passes.COOKIE,
        text,
        max_age=passes.LIFE_SECONDS,
        httponly=True,
        secure=config.http.secure,
        samesite="strict",
        path="/track",
    )
    return answer


@router.get("/track/petition")
def show(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """Where the petition stands, who has it, what the court owes next, and the reply."""
    petition = _passed(request, db, config)
    if petition is None:
        return render.see_other("/track")
    found = casework.of(db, petition)
    today, rules, clocks = court_day(now), shipped_rules(), list(found.clocks)
    return render.page(
        request,
        "portal/petition.html",
        found=found,
        owed=owed.owed(clocks, rules, today),
        rights=owed.rights(clocks, rules, today),
        today=today,
    )


@router.get("/track/petition/clocks/{clock_id}")
def deadline_sheet(request: Request, clock_id: UUID, db: ReadDb, now: Now, config: Config) -> Response:
    """How a date was found, to be checked by hand."""
    petition = _passed(request, db, config)
    if petition is None:
        return render.see_other("/track")
    found = casework.of(db, petition)
    clock = next((each for each in found.clocks if each.id == clock_id), None)
    if clock is None:
        raise NotFound
    derived = deadlines.derive(clock, found.pauses, shipped_calendar(), today=court_day(now))
    return render.page(request, "portal/deadline.html", found=found, clock=clock, derived=derived)


@router.post("/track/leave")
def leave(request: Request) -> Response:
    """Forget the pass, for whoever uses a shared computer."""
    del request
    answer = render.see_other("/track")
    answer.delete_cookie(passes.COOKIE, path="/track")
    return answer


def _passed(request: Request, s: Session, config: Settings) -> Petition | None:
    """Return the petition of a valid pass, or None."""
    held = passes.read(config.data / "keys", request.cookies.get(passes.COOKIE, ""))
    if held is None:
        return None
    petition = petitions.by_id(s, held[0])
    return petition if petition is not None and service.code_version(petition) == held[1] else None
