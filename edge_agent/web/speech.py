"""What screens can have spoken: the steps of the kiosk, what a visitor was told, a call. Sentences of the catalogue alone."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge_agent import tickets, views
from edge_agent.desk import Desk
from edge_agent.errors import NotThere
from edge_agent.speech import spelled
from edge_agent.web.render import pages_of
from shared.i18n import Lang
from shared.wire import Refusal

_STEPS = {"start", "code", "kinds", "help", "called"}
_WHYS = {*(reason.value for reason in Refusal), "no_roster"}


def step(desk: Desk, name: str, lang: Lang) -> str:
    """What a step of the kiosk asks."""
    if name not in _STEPS:
        raise NotThere("error.not_here")
    return desk.t(f"speech.{name}", lang)


def refused(desk: Desk, why: str, lang: Lang) -> str:
    """Why a code did not open a number."""
    if why not in _WHYS:
        raise NotThere("error.not_here")
    told = views.refusal(desk, f"refusal.{why}", None, lang)
    return str(told["sentence"])


def ticket(desk: Desk, ident: str, lang: Lang) -> str:
    """What a visitor is told of a fresh number."""
    place = views.own_place(desk, views.uuid_of(ident), lang)
    number = spelled(place["number"])
    return desk.t("speech.ticket", lang, number=number, place=place["place"], wait=place["wait"])


def call(desk: Desk, ident: str, lang: Lang) -> str:
    """The announcement of a number that was called."""
    with desk.box.lock:
        called = tickets.ticket_of(desk.box.today(desk.clock.now()), views.uuid_of(ident))
    if called.counter is None:
        raise NotThere("error.no_such_ticket")
    return desk.t("display.speak", lang, number=spelled(called.label), counter=called.counter)


def _spoken(words: Callable[[Desk, str, Lang], str]) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        pages = pages_of(request)
        desk, lang = pages.desk, pages.language(request)

        def speak() -> bytes | None:
            return desk.speech.say(words(desk, str(request.path_params["name"]), lang), lang)

        sound = await run_in_threadpool(speak)
        if sound is None:
            raise NotThere("error.not_here")
        return Response(sound, media_type="audio/wav")

    return endpoint


ROUTES = [
    Route("/speech/step/{name}.wav", _spoken(step)),
    Route("/speech/refused/{name}.wav", _spoken(refused)),
    Route("/speech/ticket/{name}.wav", _spoken(ticket)),
    Route("/speech/call/{name}.wav", _spoken(call)),
]
