"""What can be posted. Each act answers JSON to a script and leads a plain form to the next page."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID, uuid4

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from edge_agent import assist, drill, serving, tickets, views
from edge_agent.errors import BadInput, BoxError, NotThere
from edge_agent.records import TicketState
from edge_agent.web.render import LANGUAGE_COOKIE, Pages, pages_of, wants_json
from edge_agent.web.security import on_loopback
from edge_agent.web.sessions import COOKIE
from shared import wire
from shared.drills import Ended
from shared.i18n import Lang

Values = dict[str, str]
T = TypeVar("T")
_LONGEST = 400


class Done(NamedTuple):
    """What a script is told, and where a plain form goes next."""

    data: dict[str, Any]
    then: str


class Asked(NamedTuple):
    """One post: the pages, its language, its values (also those of the path), who is signed in at a counter ("" : nobody)."""

    pages: Pages
    lang: Lang
    values: Values
    by: str

    def text(self, name: str) -> str:
        """Return a value, "" when absent."""
        return self.values.get(name, "")[:_LONGEST]

    def read(self, name: str, convert: Callable[[str], T]) -> T:
        """Return a value converted; raise a `BoxError` when it is absent or wrong."""
        try:
            return convert(self.values[name])
        except (KeyError, ValueError):
            raise BadInput("error.bad_input") from None

    @property
    def nonce(self) -> str:
        """The mark of this tap; a plain form without one gets its own."""
        return self.text("nonce")[:64] or uuid4().hex


def take(asked: Asked) -> Done:
    """Give out a number."""
    desk = asked.pages.desk
    ticket = desk.take(kind=asked.read("kind", wire.VisitKind), nonce=asked.nonce)
    return _told(
        asked, {"ticket": views.result(desk, ticket, asked.lang)}, f"/?step=result&ticket={ticket.id}"
    )


def check_in(asked: Asked) -> Done:
    """Take a typed code. A refusal is an answer like any other, not an error."""
    desk = asked.pages.desk
    outcome = desk.check_in(text=asked.text("code"), nonce=asked.nonce)
    if outcome.refusal is None and outcome.ticket is not None:
        shown = views.result(desk, outcome.ticket, asked.lang)
        return _told(asked, {"ticket": shown}, f"/?step=result&ticket={outcome.ticket.id}")
    refused = views.refusal(desk, outcome.sentence, outcome.ticket, asked.lang)
    return _told(asked, {"refused": refused}, f"/?step=refused&why={outcome.sentence.partition('.')[2]}")


def _told(asked: Asked, told: dict[str, Any], then: str) -> Done:
    return Done({**told, "html": asked.pages.outcome(told, asked.lang)}, then)


def call_help(asked: Asked) -> Done:
    """Call for help from the touch page."""
    call = asked.pages.desk.press(wire.CallOrigin.PAGE_BUTTON)
    return Done({"call": str(call.id)}, "/?step=help")


def help_is_real(asked: Asked) -> Done:
    """Say on the touch page that the drill's call there is none."""
    call = asked.pages.desk.press(wire.CallOrigin.PAGE_BUTTON, real=True)
    return Done({"call": str(call.id)}, "/?step=help")


def ticket_is_real(asked: Asked) -> Done:
    """Say on the page of a number that its call is no drill."""
    ident = asked.read("ticket", UUID)
    call = asked.pages.desk.press_from_phone(ident, real=True)
    return Done({"call": str(call.id)}, f"/ticket/{ident}")


def call_is_real(asked: Asked) -> Done:
    """Say at a counter that a drill's call is none."""
    desk = asked.pages.desk
    call = assist.is_real(desk.box, call_id=asked.read("call", UUID), now=desk.clock.now())
    return Done({"call": str(call.id)}, f"/counter/{asked.read('counter', int)}")


def end_drill(asked: Asked) -> Done:
    """End the drill at a counter."""
    desk = asked.pages.desk
    drill.end(desk.box, why=Ended.HALL, by=asked.by, now=desk.clock.now())
    return Done({"said": desk.t("drill.ended", asked.lang)}, f"/counter/{asked.read('counter', int)}")


def call_next(asked: Asked) -> Done:
    """Call the next visitor."""
    desk, number = asked.pages.desk, asked.read("counter", int)
    current = asked.read("current", UUID) if asked.text("current") else None
    kind = asked.read("kind", wire.VisitKind) if asked.text("kind") else None
    pick = asked.read("ticket", UUID) if asked.text("ticket") else None
    ticket = tickets.call_next(
        desk.box, counter=number, current=current, kind=kind, pick=pick, now=desk.clock.now()
    )
    return Done({"number": ticket.label if ticket else None}, f"/counter/{number}")


def recall(asked: Asked) -> Done:
    """Call a number again."""
    desk, number = asked.pages.desk, asked.read("counter", int)
    ident = asked.read("ticket", UUID)
    ticket = tickets.recall(desk.box, counter=number, ticket_id=ident, now=desk.clock.now())
    return Done({"number": ticket.label}, f"/counter/{number}")


def _ending(outcome: Literal[TicketState.SERVED, TicketState.ABSENT]) -> Callable[[Asked], Done]:
    def end(asked: Asked) -> Done:
        desk, number = asked.pages.desk, asked.read("counter", int)
        ident = asked.read("ticket", UUID)
        ticket = tickets.end(desk.box, counter=number, ticket_id=ident, outcome=outcome, now=desk.clock.now())
        return Done({"number": ticket.label}, f"/counter/{number}")

    return end


def _aside(
    kind: Literal[wire.BoxEvent.TICKET_HELD, wire.BoxEvent.TICKET_RETURNED, wire.BoxEvent.TICKET_WRONG],
) -> Callable[[Asked], Done]:
    def set_aside(asked: Asked) -> Done:
        desk, number = asked.pages.desk, asked.read("counter", int)
        ident = asked.read("ticket", UUID)
        ticket = serving.set_aside(desk.box, counter=number, ticket_id=ident, kind=kind, now=desk.clock.now())
        return Done({"number": ticket.label}, f"/counter/{number}")

    return set_aside


def move(asked: Asked) -> Done:
    """Send a visitor on to another counter or service."""
    desk, number = asked.pages.desk, asked.read("counter", int)
    ticket = serving.move(
        desk.box,
        counter=number,
        ticket_id=asked.read("ticket", UUID),
        service=asked.read("service", wire.VisitKind) if asked.text("service") else None,
        to_counter=asked.read("to", int) if asked.text("to") else None,
        now=desk.clock.now(),
    )
    return Done({"number": ticket.label}, f"/counter/{number}")


def _declaring(*, first: bool) -> Callable[[Asked], Done]:
    def declare(asked: Asked) -> Done:
        desk, number = asked.pages.desk, asked.read("counter", int)
        ident = asked.read("ticket", UUID)
        ticket = serving.declare(desk.box, counter=number, ticket_id=ident, first=first, now=desk.clock.now())
        return Done({"number": ticket.label}, f"/counter/{number}")

    return declare


def set_rule(asked: Asked) -> Done:
    """Change the order of calls."""
    desk = asked.pages.desk
    rule = serving.set_rule(
        desk.box,
        appointments=asked.read("appointments", int),
        declared=asked.read("declared", int),
        by=asked.by,
        now=desk.clock.now(),
    )
    return Done(rule._asdict(), f"/counter/{asked.read('counter', int)}")


def reprint(asked: Asked) -> Done:
    """Print a slip again."""
    desk, number = asked.pages.desk, asked.read("counter", int)
    ticket = desk.reprint(asked.read("ticket", UUID))
    return Done({"number": ticket.label}, f"/counter/{number}")


def arrive(asked: Asked) -> Done:
    """Say "I am here"."""
    desk = asked.pages.desk
    call = assist.arrive(desk.box, call_id=asked.read("call", UUID), by=asked.by, now=desk.clock.now())
    return Done({"status": call.status.value}, f"/counter/{asked.read('counter', int)}")


def call_from_ticket(asked: Asked) -> Done:
    """Call for help from a visitor's own page: only with a number of today."""
    desk = asked.pages.desk
    ident = asked.read("ticket", UUID)
    call = desk.press_from_phone(ident)
    return Done({"call": str(call.id)}, f"/ticket/{ident}")


def acknowledge(asked: Asked) -> Done:
    """Say "I am coming"."""
    desk = asked.pages.desk
    call_id = asked.read("call", UUID)
    call = assist.acknowledge(desk.box, call_id=call_id, by=asked.by, now=desk.clock.now())
    return Done({"by": call.by}, f"/counter/{asked.read('counter', int)}")


def close(asked: Asked) -> Done:
    """End a call for help."""
    desk = asked.pages.desk
    note = asked.text("note")[:200]
    call_id = asked.read("call", UUID)
    call = assist.close(desk.box, call_id=call_id, by=asked.by, note=note, now=desk.clock.now())
    return Done({"status": call.status.value}, f"/counter/{asked.read('counter', int)}")


def press_dummy(asked: Asked) -> Done:
    """Press the dummy button."""
    press = asked.pages.desk.press_dummy
    if press is None:
        raise NotThere("error.not_here")
    press()
    return Done({}, "/")


async def _asked(request: Request, *, staff: bool) -> Asked:
    pages = pages_of(request)
    by = ""
    if staff:
        by = pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = await request.json()
        except (ValueError, RecursionError):
            raise BadInput("error.bad_input") from None
        given = body if isinstance(body, dict) else {}
    else:
        given = dict(await request.form())
    values = {str(name): _plain(value) for name, value in given.items() if isinstance(value, str)}
    values.update({name: str(value) for name, value in request.path_params.items()})
    return Asked(pages, pages.language(request), values, by)


def _plain(value: str) -> str:
    """Return a line as a person can type it: blanks in a row are one, what has no shape (NUL, half signs) is gone."""
    return "".join(sign for sign in " ".join(value.split()) if sign.isprintable())


def _post(path: str, act: Callable[[Asked], Done], *, staff: bool = False, loopback: bool = False) -> Route:
    async def endpoint(request: Request) -> Response:
        if loopback and not on_loopback(request.scope):
            raise NotThere("error.not_here")
        asked = await _asked(request, staff=staff)
        done = await run_in_threadpool(act, asked)
        return JSONResponse(done.data) if wants_json(request) else RedirectResponse(done.then, 303)

    return Route(path, endpoint, methods=["POST"])


def staff_post(
    path: str,
    act: Callable[[Asked], Done],
    *,
    check: Callable[[Request], None],
    shown: Callable[[Request, Asked, BoxError], Response] | None = None,
) -> Route:
    """Return the route of an act that staff alone may do, after `check` of the request itself.

    `shown`: the form with what was typed and the sentence, where a plain form could not be taken.
    """

    async def endpoint(request: Request) -> Response:
        asked = await _asked(request, staff=True)
        check(request)
        try:
            done = await run_in_threadpool(act, asked)
        except BoxError as error:
            if shown is None or wants_json(request):
                raise
            return await run_in_threadpool(shown, request, asked, error)
        return JSONResponse(done.data) if wants_json(request) else RedirectResponse(done.then, 303)

    return Route(path, endpoint, methods=["POST"])


async def sign_in(request: Request) -> Response:
    """Open a counter session."""
    asked = await _asked(request, staff=False)
    sessions, now = asked.pages.sessions, asked.pages.desk.clock.now()
    then = asked.text("next")
    caller = request.client.host if request.client else ""
    try:
        cookie = sessions.sign_in(pin=asked.text("pin"), by=asked.text("by"), caller=caller, now=now)
    except BoxError as error:
        if wants_json(request):
            raise
        return asked.pages.sign_in(request, then=then, by=asked.text("by"), error=error)
    response = RedirectResponse(then if then.startswith("/counter") else "/counter", 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, cookie, httponly=True, samesite="strict", secure=secure, max_age=12 * 3600)
    return response


async def sign_out(request: Request) -> Response:
    """End a counter session."""
    del request
    response = RedirectResponse("/counter/sign-in", 303)
    response.delete_cookie(COOKIE)
    return response


async def language(request: Request) -> Response:
    """Change the language and stay where one is."""
    asked = await _asked(request, staff=False)
    then = asked.text("next")
    response = RedirectResponse(then if then.startswith("/") and not then.startswith("//") else "/", 303)
    chosen = asked.read("lang", Lang)
    response.set_cookie(LANGUAGE_COOKIE, chosen.value, max_age=365 * 86400, samesite="strict")
    return response


ROUTES = [
    _post("/tickets", take),
    _post("/check-in", check_in),
    _post("/help", call_help),
    _post("/help/real", help_is_real),
    Route("/language", language, methods=["POST"]),
    Route("/counter/sign-in", sign_in, methods=["POST"]),
    Route("/counter/sign-out", sign_out, methods=["POST"]),
    _post("/counter/{counter:int}/next", call_next, staff=True),
    _post("/counter/{counter:int}/recall", recall, staff=True),
    _post("/counter/{counter:int}/served", _ending(TicketState.SERVED), staff=True),
    _post("/counter/{counter:int}/absent", _ending(TicketState.ABSENT), staff=True),
    _post("/counter/{counter:int}/help/{call:uuid}/acknowledge", acknowledge, staff=True),
    _post("/counter/{counter:int}/held", _aside(wire.BoxEvent.TICKET_HELD), staff=True),
    _post("/counter/{counter:int}/back", _aside(wire.BoxEvent.TICKET_RETURNED), staff=True),
    _post("/counter/{counter:int}/wrong", _aside(wire.BoxEvent.TICKET_WRONG), staff=True),
    _post("/counter/{counter:int}/move", move, staff=True),
    _post("/counter/{counter:int}/declare", _declaring(first=True), staff=True),
    _post("/counter/{counter:int}/undeclare", _declaring(first=False), staff=True),
    _post("/counter/{counter:int}/rule", set_rule, staff=True),
    _post("/counter/{counter:int}/reprint", reprint, staff=True),
    _post("/counter/{counter:int}/help/{call:uuid}/arrive", arrive, staff=True),
    _post("/ticket/{ticket:uuid}/help", call_from_ticket),
    _post("/ticket/{ticket:uuid}/help/real", ticket_is_real),
    _post("/counter/{counter:int}/help/{call:uuid}/real", call_is_real, staff=True),
    _post("/counter/{counter:int}/drill/end", end_drill, staff=True),
    _post("/counter/{counter:int}/help/{call:uuid}/close", close, staff=True),
    _post("/device/button", press_dummy, loopback=True),
]
