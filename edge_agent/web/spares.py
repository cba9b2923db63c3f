"""Numbers on paper at a counter: print slips in advance, key in what was written on them. Without a script and without the line."""

import re
from collections.abc import Callable
from datetime import date, time
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge_agent import spares
from edge_agent.errors import BadInput, BoxError
from edge_agent.records import Spare
from edge_agent.spares import Written
from edge_agent.views import clock_time, drill
from edge_agent.web.acts import Asked, Done, staff_post
from edge_agent.web.receipts import check_counter
from edge_agent.web.render import Pages, pages_of
from edge_agent.web.sessions import COOKIE
from shared.clock import court_day
from shared.i18n import Lang
from shared.ids import new_id
from shared.wire import VisitKind

T = TypeVar("T")
_SHOWN = 30
_LABEL = re.compile(r"^P?0*([0-9]{1,4})$")
#: How staff write a time of day: 9:05, 0905, 9点05.
_TIME = re.compile(r"^([01]?\d|2[0-3])[:：点.]?([0-5]\d)分?$")
_FIELDS = ("number", "day", "kind", "taken", "called", "ended", "at", "outcome")


def _state(pages: Pages, lang: Lang) -> dict[str, Any]:
    desk = pages.desk
    printer = desk.settings.drivers.printer != "none"
    now = desk.clock.now()
    unprinted = [
        one.label for one in spares.unprinted(desk.box) if not printer or not spares.under_way(one, now)
    ]
    return {
        "ready": spares.ready(desk.box),
        "most": spares.MOST_AT_ONCE,
        "unprinted": unprinted,
        "printer": printer,
        "kinds": [(one.value, desk.t(f"kind.{one.value}", lang)) for one in desk.settings.hall.kinds],
        "today": court_day(now).isoformat(),
        "keyed": [_row(pages, one, lang) for one in spares.keyed(desk.box, limit=_SHOWN)],
        "nonce": new_id().hex,
    }


def _row(pages: Pages, spare: Spare, lang: Lang) -> dict[str, Any]:
    t = pages.desk.t
    return {
        "label": spare.label,
        "kind": t(f"kind.{spare.kind.value}", lang) if spare.kind else "",
        "day": court_day(spare.taken_at).isoformat() if spare.taken_at else "",
        "times": "–".join(clock_time(at) for at in (spare.taken_at, spare.called_at, spare.ended_at) if at),
        "counter": spare.counter,
        "outcome": t("spare.served" if spare.served else "spare.left", lang),
        "by": spare.by,
    }


def _page(
    request: Request, *, by: str, values: dict[str, str] | None = None, error: BoxError | None = None
) -> Response:
    pages = pages_of(request)
    lang = pages.language(request)
    number = int(request.path_params["counter"])
    return pages.page(
        request,
        "spares.html",
        status=error.status if error else 200,
        number=number,
        by=by,
        state=_state(pages, lang),
        drill=drill(pages.desk),
        path=f"/counter/{number}/slips",
        values=values or {},
        said=pages.desk.t(error.key, lang, **error.values) if error else "",
        correct=error is not None and error.key == "spare.keyed_already",
    )


async def page(request: Request) -> Response:
    """Show what lies ready, the form, and what was keyed in."""
    pages = pages_of(request)
    by = pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    check_counter(request)
    return await run_in_threadpool(_page, request, by=by)


def _shown(request: Request, asked: Asked, error: BoxError) -> Response:
    """Show the form again with everything that was typed."""
    values = {name: asked.text(name) for name in _FIELDS if name in asked.values}
    return _page(request, by=asked.by, values=values, error=error)


def _make(asked: Asked) -> Done:
    """Print numbers in advance."""
    desk, counter = asked.pages.desk, asked.read("counter", int)
    count = asked.read("count", int)
    found = spares.make(desk.box, count=count, nonce=asked.nonce, now=desk.clock.now())
    return Done({"numbers": [one.label for one in found]}, f"/counter/{counter}/slips")


def _again(asked: Asked) -> Done:
    """Print once more what did not come out."""
    desk, counter = asked.pages.desk, asked.read("counter", int)
    return Done({"slips": spares.again(desk.box, now=desk.clock.now())}, f"/counter/{counter}/slips")


def _key_in(asked: Asked) -> Done:
    """Take what is written on a slip."""
    desk, counter = asked.pages.desk, asked.read("counter", int)
    written = Written(
        number=_number(asked.text("number")),
        day=_read(asked, "day", date.fromisoformat, "spare.which_day_form"),
        kind=_read(asked, "kind", VisitKind, "spare.which_kind"),
        taken=_time(asked, "taken"),
        called=_time(asked, "called") if asked.text("called") else None,
        ended=_time(asked, "ended"),
        counter=_read(asked, "at", int, "spare.which_counter"),
        served=_read(asked, "outcome", {"served": True, "left": False}.__getitem__, "spare.which_outcome"),
    )
    spare = spares.key_in(
        desk.box,
        written,
        by=asked.by,
        correct=asked.text("correct") == "yes",
        days=desk.settings.keep_days,
        now=desk.clock.now(),
    )
    return Done({"number": spare.label}, f"/counter/{counter}/slips")


def _number(text: str) -> int:
    plain = "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in text)
    found = _LABEL.match("".join(plain.split()).upper())
    if found is None:
        raise BadInput("spare.which_number")
    return int(found[1])


def _time(asked: Asked, name: str) -> time:
    found = _TIME.match(asked.text(name).replace(" ", ""))
    if found is None:
        raise BadInput("spare.which_time")
    return time(int(found[1]), int(found[2]))


def _read(asked: Asked, name: str, convert: Callable[[str], T], sentence: str) -> T:
    """Return a value converted; raise `BadInput` with the sentence of this field."""
    try:
        return convert(asked.text(name))
    except (KeyError, ValueError):
        raise BadInput(sentence) from None


_HERE = "/counter/{counter:int}/slips"
ROUTES = [
    Route(_HERE, page),
    staff_post(_HERE, _make, check=check_counter, shown=_shown),
    staff_post(_HERE + "/again", _again, check=check_counter),
    staff_post(_HERE + "/keyed", _key_in, check=check_counter, shown=_shown),
]
