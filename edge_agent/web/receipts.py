"""Receipts at a counter: one form, and what was given today. Works without a script and without the line."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge_agent import receipts
from edge_agent.errors import BadInput, NotThere
from edge_agent.ports import PrintOutcome
from edge_agent.records import Receipt
from edge_agent.views import clock_time, drill
from edge_agent.web.acts import Asked, Done, staff_post
from edge_agent.web.render import Pages, pages_of
from edge_agent.web.sessions import COOKIE
from shared.clock import court_day
from shared.i18n import Lang
from shared.ids import new_id
from shared.receipts import Handed

_SHOWN = 30
_MOST_SHEETS = 999


def check_counter(request: Request) -> None:
    """Raise `NotThere` unless the address names a counter of this hall."""
    number, pages = int(request.path_params["counter"]), pages_of(request)
    if not 1 <= number <= pages.desk.settings.hall.counters:
        raise NotThere("error.no_such_counter", counter=number)


def _state(pages: Pages, lang: Lang) -> dict[str, Any]:
    desk = pages.desk
    now = desk.clock.now()
    given = receipts.of_day(desk.box, court_day(now).isoformat())[:_SHOWN]
    return {
        "left": receipts.look(desk.box, now=now),
        "kinds": [(one.value, desk.t(f"receipt.handed.{one.value}", lang)) for one in Handed],
        "given": [_row(pages, one, lang) for one in given],
        "nonce": new_id().hex,
        "unprinted": [one.label for one in given[:1] if not _came_out(pages, one)],
    }


def _came_out(pages: Pages, receipt: Receipt) -> bool:
    if pages.desk.settings.drivers.printer == "none":
        return False
    return receipt.printed in {None, PrintOutcome.PRINTED}


def _row(pages: Pages, receipt: Receipt, lang: Lang) -> dict[str, Any]:
    desk = pages.desk
    became = receipt.printed.value if receipt.printed else "none"
    if desk.settings.drivers.printer == "none":
        became = PrintOutcome.NO_PRINTER.value
    handed = desk.t(f"receipt.handed.{receipt.handed.value}", lang)
    return {
        "number": receipt.number,
        "label": receipt.label,
        "time": clock_time(receipt.at),
        "what": desk.t("receipt.got", lang, what=handed, sheets=receipt.sheets),
        "counter": receipt.counter,
        "ticket": receipt.ticket,
        "printed": desk.t(f"receipt.printed.{became}", lang),
    }


async def page(request: Request) -> Response:
    """Show the form and today's receipts."""
    pages = pages_of(request)
    by = pages.sessions.who(request.cookies.get(COOKIE), now=pages.desk.clock.now())
    check_counter(request)
    state = await run_in_threadpool(_state, pages, pages.language(request))
    number = int(request.path_params["counter"])
    going = drill(pages.desk)
    return pages.page(
        request, "receipts.html", screen="counter", number=number, by=by, state=state, drill=going
    )


def _give(asked: Asked) -> Done:
    """Give a receipt out and print it."""
    desk, counter = asked.pages.desk, asked.read("counter", int)
    sheets = asked.read("sheets", int)
    if not 1 <= sheets <= _MOST_SHEETS:
        raise BadInput("error.bad_input")
    receipt = receipts.give(
        desk.box,
        counter=counter,
        by=asked.by,
        handed=asked.read("handed", Handed),
        sheets=sheets,
        nonce=asked.nonce,
        now=desk.clock.now(),
    )
    return Done({"number": receipt.label}, f"/counter/{counter}/receipts")


def _again(asked: Asked) -> Done:
    """Print a receipt of today once more."""
    desk, counter = asked.pages.desk, asked.read("counter", int)
    receipt = receipts.again(desk.box, number=asked.read("number", int), now=desk.clock.now())
    return Done({"number": receipt.label}, f"/counter/{counter}/receipts")


_HERE = "/counter/{counter:int}/receipts"
ROUTES = [
    Route(_HERE, page),
    staff_post(_HERE, _give, check=check_counter),
    staff_post(_HERE + "/{number:int}/again", _again, check=check_counter),
]
