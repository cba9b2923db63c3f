"""`/screen`: the visitor's side. Opened with the code on the clerk's screen; large; read, object, confirm. Asks again every two seconds."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central import cookies
from central.accounts.edge import Config, Now, ReadDb, WriteDb, caller_address
from central.errors import Conflict, TooManyTries
from central.petitions.numbering import normal_code
from central.settings import Settings
from central.submitting import assisting, queries
from central.submitting.models import Assisted
from central.web import render
from shared.canonical import sha256_hex

router = APIRouter(include_in_schema=False)
COOKIE = "minyi_screen"


@router.get("/screen")
def ask(request: Request, code: Annotated[str, "as the picture says"] = "") -> Response:
    """Ask for the code; one that was photographed stands there already."""
    return render.page(request, "submitting/pair.html", code=code[:20], problem="")


@router.post("/screen")
def pair(
    request: Request, db: WriteDb, now: Now, config: Config, code: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Open what the code belongs to."""
    address = caller_address(request)
    try:
        found = assisting.open_screen(
            db, code=normal_code(code), address=address, limits=config.throttle, now=now
        )
    except TooManyTries as error:
        words = render.sentence(request, "submitting.screen.throttled", error.values)
        return render.page(request, "submitting/pair.html", status=429, code="", problem=words)
    if found is None:
        words = render.sentence(request, "submitting.screen.wrong_code", {})
        return render.page(request, "submitting/pair.html", status=404, code=code, problem=words)
    row, secret = found
    answer = render.see_other("/screen/view")
    held = f"{row.id.hex}.{secret}"
    cookies.put(answer, config.http, COOKIE, held, life=assisting.LIFE, samesite="strict")
    return answer


@router.get("/screen/view")
def view(request: Request, db: ReadDb, config: Config) -> Response:
    """All that was typed, large."""
    return _shown(request, _held(request, db, config))


@router.get("/screen/part")
def part(request: Request, db: WriteDb, config: Config, now: Now) -> Response:
    """The part of the page that changes. Asking for it tells the clerk that the screen is there."""
    row = _held(request, db, config, for_update=True)
    if row is not None:
        row.seen_at = now
        db.add(row)
    return _shown(request, row, template="submitting/part.html")


@router.post("/screen/view")
def answer(
    request: Request,
    db: WriteDb,
    config: Config,
    now: Now,
    go: Annotated[str, Form(max_length=40)] = "",
    version: Annotated[int, Form(ge=0, lt=2**31)] = 0,
    words: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Say what is not right (`wrong:<field>`), take that back (`right:<field>`), or confirm."""
    row = _held(request, db, config, for_update=True)
    if row is None:
        return _shown(request, None)
    try:
        _do(db, row, go, version, words, now)
    except Conflict as error:
        return _shown(request, row, problem=render.sentence(request, error.key, error.values), status=409)
    return render.see_other("/screen/view")


def _do(db: Session, row: Assisted, go: str, version: int, words: str, now: datetime) -> None:
    what, _, field = go.partition(":")
    if what == "confirm":
        assisting.confirm(db, row, version=version, now=now)
    elif what == "wrong":
        assisting.object_to(db, row, field=field, words=words or "—")
    elif what == "right":
        assisting.object_to(db, row, field=field, words="")


def _held(request: Request, db: Session, config: Settings, *, for_update: bool = False) -> Assisted | None:
    ident, _, secret = cookies.read(request.cookies, config.http, COOKIE).partition(".")
    try:
        return queries.of_screen(db, UUID(ident), sha256_hex(secret), for_update=for_update)
    except ValueError:
        return None


def _shown(
    request: Request,
    row: Assisted | None,
    *,
    template: str = "submitting/view.html",
    problem: str = "",
    status: int = 200,
) -> Response:
    context: dict[str, Any] = {
        "row": row,
        "problem": problem,
        "values": {},
        "remarks": {},
        "confirmed": False,
    }
    if row is not None:
        context |= {
            "values": assisting.values_of(row),
            "remarks": assisting.remarks_of(row),
            "confirmed": assisting.is_confirmed(row),
        }
    return render.page(request, template, status=status, fields=assisting.SHOWN, **context)
