"""The pages to look at, and what machines ask."""

import io

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from edge_agent import health, views
from edge_agent.errors import NotThere
from edge_agent.web.render import pages_of
from edge_agent.web.sessions import COOKIE
from shared.wire import Refusal

_STEPS = {"start", "code", "kinds", "help", "result", "refused"}
_WHYS = {*(reason.value for reason in Refusal), "no_roster"}


async def kiosk(request: Request) -> Response:
    """Show the touch page. Without a script each step is a page of its own, by `?step=`."""
    pages = pages_of(request)
    desk, lang = pages.desk, pages.language(request)
    step = request.query_params.get("step", "start")
    ticket, why = request.query_params.get("ticket"), request.query_params.get("why")
    result = refused = None
    if step == "result" and ticket:
        result = _result(request, ticket)
    if step == "refused" and why in _WHYS:
        refused = views.refusal(desk, f"refusal.{why}", None, lang)
    shown = step if step in _STEPS else "start"
    state = views.kiosk(desk, lang)
    return pages.page(
        request, "kiosk.html", screen="kiosk", step=shown, state=state, result=result, refused=refused
    )


def _result(request: Request, ticket: str) -> views.View:
    pages = pages_of(request)
    ident = views.uuid_of(ticket)
    with pages.desk.box.lock:
        known = pages.desk.box.today(pages.desk.clock.now()).tickets.get(ident)
    if known is None:
        raise NotThere("error.no_such_ticket")
    return views.result(pages.desk, known, pages.language(request))


async def display(request: Request) -> Response:
    """Show the public display."""
    pages = pages_of(request)
    state = views.display(pages.desk, pages.language(request))
    return pages.page(request, "display.html", screen="display", state=state)


async def counters(request: Request) -> Response:
    """Let staff choose a counter."""
    pages = pages_of(request)
    by = pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    return pages.page(request, "counters.html", screen="counter", by=by, drill=views.drill(pages.desk))


async def counter(request: Request) -> Response:
    """Show one counter."""
    pages = pages_of(request)
    by = pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    number = int(request.path_params["counter"])
    if not 1 <= number <= pages.desk.settings.hall.counters:
        raise NotThere("error.no_such_counter", counter=number)
    state = views.counter(pages.desk, number, pages.language(request))
    return pages.page(
        request,
        "counter.html",
        screen="counter",
        state=state,
        number=number,
        by=by,
        paper=pages.desk.paper is not None,
    )


async def sign_in(request: Request) -> Response:
    """Ask for PIN and name."""
    return pages_of(request).sign_in(request, then=request.query_params.get("next", "/counter"))


async def ticket(request: Request) -> Response:
    """Show a visitor's own place."""
    pages = pages_of(request)
    state = views.own_place(pages.desk, request.path_params["ticket"], pages.language(request))
    return pages.page(request, "ticket.html", screen="ticket", state=state)


async def ticket_told(request: Request) -> Response:
    """Say again what the visitor at the kiosk was told of a ticket: its slip may be printed by now."""
    pages, lang = pages_of(request), pages_of(request).language(request)
    told = {"ticket": _result(request, str(request.path_params["ticket"]))}
    return JSONResponse({**told, "html": pages.outcome(told, lang)})


async def ticket_qr(request: Request) -> Response:
    """Draw the QR code of a ticket's own page."""
    pages = pages_of(request)
    ident = request.path_params["ticket"]
    views.own_place(pages.desk, ident, pages.language(request))
    address = pages.desk.own_address(ident)
    if not address:
        raise NotThere("error.not_here")
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawing,
        kind="svg",
        border=2,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        light="#fff",
    )
    return Response(drawing.getvalue(), media_type="image/svg+xml")


async def healthz(request: Request) -> Response:
    """Say how the box is."""
    found = health.report(pages_of(request).desk)
    return JSONResponse(found, status_code=200 if found["status"] == "ok" else 503)


async def metrics(request: Request) -> Response:
    """Give figures for Prometheus."""
    text = health.metrics(pages_of(request).desk)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


ROUTES = [
    Route("/", kiosk),
    Route("/display", display),
    Route("/counter", counters),
    Route("/counter/sign-in", sign_in, methods=["GET"]),
    Route("/counter/{counter:int}", counter),
    Route("/ticket/{ticket:uuid}", ticket),
    Route("/ticket/{ticket:uuid}/qr.svg", ticket_qr),
    Route("/ticket/{ticket:uuid}/told", ticket_told),
    Route("/healthz", healthz),
    Route("/metrics", metrics),
]
