"""The document camera at a counter: live preview, a press a page, what is kept, what goes to the centre.

For signed-in staff alone, and by HTTPS or on this very machine: a page is somebody's letter.
"""

from typing import Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edge_agent import views
from edge_agent.errors import BadInput, BoxError, NotThere
from edge_agent.paper import batches
from edge_agent.records import Batch
from edge_agent.web.acts import Asked, Done, staff_post
from edge_agent.web.render import Pages, pages_of
from edge_agent.web.security import on_loopback
from edge_agent.web.sessions import COOKIE
from shared.i18n import Lang


class Unsafe(BoxError):
    """Letters are not shown over a line that others can read."""

    status = 403


def _checked(request: Request) -> tuple[Pages, int, str]:
    """Return pages, counter and who is signed in; raise `PinNeeded`, `Unsafe` or `NotThere`."""
    pages = pages_of(request)
    by = pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    number = int(request.path_params["counter"])
    _check_here(request, pages, number)
    return pages, number, by


def _check_here(request: Request, pages: Pages, number: int) -> None:
    if request.url.scheme != "https" and not on_loopback(request.scope):
        raise Unsafe("paper.https_only")
    if not 1 <= number <= pages.desk.settings.hall.counters:
        raise NotThere("error.no_such_counter", counter=number)
    if pages.desk.paper is None:
        raise NotThere("paper.no_camera")


def _fragment(pages: Pages, number: int, lang: Lang) -> str:
    return pages.fragment("paper_pages.html", lang, number=number, state=_state(pages, number, lang))


def _state(pages: Pages, number: int, lang: Lang) -> dict[str, Any]:
    """Return what is kept so far, what waits for a second look, and what is on its way."""
    desk = pages.desk
    batch = batches.open_at(desk.box, number)
    pending = desk.paper.pending(number) if desk.paper is not None else None
    said = [desk.t(f"paper.{name}", lang) for name in pending.sheet.warnings] if pending else []
    if pending and pending.sheet.blank:
        said.append(desk.t("paper.blank", lang))
    return {
        "ticket": batch.ticket if batch else "",
        "cover": batch.cover if batch else "",
        "pages": _pages(pages, batch, lang),
        "pending": said if pending else None,
        "sending": len(batches.in_state(desk.box, "sent")),
    }


def _pages(pages: Pages, batch: Batch | None, lang: Lang) -> list[dict[str, Any]]:
    return [
        {
            "id": str(page.id),
            "turn": page.turn,
            "warnings": [pages.desk.t(f"paper.{name}", lang) for name in page.warnings],
        }
        for page in (batch.pages if batch else ())
    ]


async def page(request: Request) -> Response:
    """Show preview and pages."""
    pages, number, by = _checked(request)
    state = await run_in_threadpool(_state, pages, number, pages.language(request))
    return pages.page(
        request,
        "paper.html",
        screen="counter",
        number=number,
        by=by,
        state=state,
        drill=views.drill(pages.desk),
    )


async def look(request: Request) -> Response:
    """Say what lies under the camera: number of the frame, corners of the page, warnings, code of a cover sheet."""
    pages, number, _ = _checked(request)
    paper, lang = pages.desk.paper, pages.language(request)
    if paper is None:
        raise NotThere("paper.no_camera")
    found = await run_in_threadpool(paper.preview)
    key = "paper.lost" if found.lost else "paper.starting" if not found.picture else ""
    key = key or ("paper.cover_seen" if found.seen.code else "" if found.seen.corners else "paper.no_page")
    said = pages.desk.t(key, lang, code=found.seen.code) if key else ""
    warnings = [pages.desk.t(f"paper.{name}", lang) for name in found.seen.warnings]
    return JSONResponse(
        {
            "frame": found.number if found.picture else None,
            "corners": found.seen.corners,
            "said": said or (" ".join(warnings) or pages.desk.t("paper.good", lang)),
            "good": not key and not warnings,
            "counter": number,
        }
    )


async def frame(request: Request) -> Response:
    """Give the picture that was last looked at, from memory."""
    pages, _, _ = _checked(request)
    if pages.desk.paper is None:
        raise NotThere("paper.no_camera")
    found = await run_in_threadpool(pages.desk.paper.preview)
    if not found.picture:
        raise NotThere("paper.no_picture")
    return Response(found.picture, media_type="image/jpeg")


async def pressed(request: Request) -> Response:
    """Give the page that waits for a second look, from memory."""
    pages, number, _ = _checked(request)
    pending = pages.desk.paper.pending(number) if pages.desk.paper is not None else None
    if pending is None:
        raise NotThere("paper.no_such_page")
    return Response(pending.picture, media_type="image/jpeg")


async def thumb(request: Request) -> Response:
    """Give the small picture of a kept page."""
    pages, number, _ = _checked(request)
    if pages.desk.paper is None:
        raise NotThere("paper.no_camera")
    ident: UUID = request.path_params["page"]
    found = await run_in_threadpool(pages.desk.paper.thumb, number, ident)
    return Response(found, media_type="image/jpeg")


async def large(request: Request) -> Response:
    """Show a kept page large, as a page of its own: the way without a script."""
    pages, number, _ = _checked(request)
    paper, ident = pages.desk.paper, request.path_params["page"]
    if paper is None:
        raise NotThere("paper.no_camera")
    _, legible = await run_in_threadpool(paper.large, number, ident)
    return pages.page(
        request, "paper_large.html", screen="counter", number=number, page=str(ident), legible=legible
    )


async def large_picture(request: Request) -> Response:
    """Give the picture of a kept page as it can be read, from memory."""
    pages, number, _ = _checked(request)
    if pages.desk.paper is None:
        raise NotThere("paper.no_camera")
    found, _ = await run_in_threadpool(pages.desk.paper.large, number, request.path_params["page"])
    return Response(found, media_type="image/jpeg")


def _act(asked: Asked) -> Done:
    """Press, keep, drop, finish or discard."""
    desk, number = asked.pages.desk, asked.read("counter", int)
    paper, now, act = desk.paper, desk.clock.now(), asked.text("act")
    if paper is None:
        raise NotThere("paper.no_camera")
    match act:
        case "press":
            paper.press(counter=number, by=asked.by, now=now)
        case "keep":
            paper.keep(counter=number, by=asked.by, now=now)
        case "drop":
            paper.drop(number)
        case "finish":
            batches.finish(desk.box, counter=number, by=asked.by, now=now)
        case "discard":
            batches.discard(desk.box, counter=number, now=now)
        case _:
            raise BadInput("error.bad_input")
    paper.tidy()
    return _done(asked, number)


def _change(asked: Asked) -> Done:
    """Turn, move or take out a page."""
    desk, number, act = asked.pages.desk, asked.read("counter", int), asked.text("act")
    if act not in batches.CHANGES:
        raise BadInput("error.bad_input")
    page_id = asked.read("page", UUID)
    batches.change(desk.box, counter=number, page_id=page_id, act=act, now=desk.clock.now())
    if desk.paper is not None:
        desk.paper.tidy()
    return _done(asked, number)


def _done(asked: Asked, number: int) -> Done:
    return Done({"html": _fragment(asked.pages, number, asked.lang)}, f"/counter/{number}/paper")


def _check_post(request: Request) -> None:
    _check_here(request, pages_of(request), int(request.path_params["counter"]))


_HERE = "/counter/{counter:int}/paper"
ROUTES = [
    Route(_HERE, page),
    Route(f"{_HERE}/look", look),
    Route(f"{_HERE}/frame.jpg", frame),
    Route(f"{_HERE}/pressed.jpg", pressed),
    Route(_HERE + "/pages/{page:uuid}.jpg", thumb),
    Route(_HERE + "/pages/{page:uuid}/large", large),
    Route(_HERE + "/pages/{page:uuid}/large.jpg", large_picture),
    staff_post(_HERE + "/pages/{page:uuid}/{act:str}", _change, check=_check_post),
    staff_post(_HERE + "/{act:str}", _act, check=_check_post),
]
