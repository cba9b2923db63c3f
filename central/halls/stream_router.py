"""`GET /hall/events`: server-sent events of the hall of one's court, for the alarm on every page of its staff.

| event | data | when |
|---|---|---|
| `hall` | `{"kind", "at"}`; the id is the number in the hall's log | something of the hall was recorded |
| `calls` | `{"open", "html", "cut", "seq"}`: calls nobody answered, list as shown, words if cut off, its number | first; a call changed |
| `beat` | empty | every 15 seconds, with a comment: a page that misses it knows that it is cut off |

`Last-Event-ID` is honoured: what was recorded since is sent first.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import anyio
from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from central.accounts import queries as accounts
from central.accounts.edge import Signed, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Forbidden
from central.halls.live import Listener, Live, News, Push
from central.halls.writing import CALLS
from central.web import render

router = APIRouter(include_in_schema=False)
#: Numbers of the log; what is longer is none and fits no database.
_EVENT_ID = re.compile(r"[0-9]{1,18}")

BEAT_SECONDS = 15
#: A page that takes nothing for so long is let go.
SEND_SECONDS = 10
#: How often a stream asks whether its session still stands.
CHECK_SECONDS = 60
#: What a stream gets to end in good order when the server stops.
GRACE_SECONDS = 1
#: What the browser waits before it comes back.
RETRY_MS = 2000


@router.get("/hall/events")
async def events(
    request: Request, actor: Signed, last_event_id: Annotated[str, Header()] = ""
) -> EventSourceResponse:
    """Push what happens in the hall until the page closes, the session ends or the server stops."""
    if not may(actor, Right.SEE_HALL) or actor.court_id is None:
        raise Forbidden("halls.may_not_see")
    closing = anyio.Event()
    return EventSourceResponse(
        _messages(request, actor, actor.court_id, _number(last_event_id), closing),
        ping=BEAT_SECONDS,
        ping_message_factory=lambda: ServerSentEvent("", event="beat", comment="beat"),
        send_timeout=SEND_SECONDS,
        shutdown_event=closing,
        shutdown_grace_period=GRACE_SECONDS,
        sep="\n",
    )


def _number(last_event_id: str) -> int | None:
    return int(last_event_id) if _EVENT_ID.fullmatch(last_event_id) else None


def live_of(request: Request) -> Live:
    """Return the follower of this process, made when the first page asks. Called on the event loop alone."""
    state = request.app.state
    if not hasattr(state, "hall_live"):
        state.hall_live = Live(context_of(request))
    live: Live = state.hall_live
    return live


async def _messages(
    request: Request, actor: Actor, court_id: UUID, seq: int | None, closing: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    live = live_of(request)
    listener = live.join(court_id, seq)
    ending = asyncio.create_task(_let_go(listener, closing))
    first = True
    try:
        while (push := await _next(request, actor, listener)) is not None:
            for news in push.news:
                yield _news(news)
            if first or any(news.kind in CALLS for news in push.news):
                yield _calls(request, actor, push)
            first = False
    finally:
        ending.cancel()
        live.leave(listener)


async def _let_go(listener: Listener, closing: anyio.Event) -> None:
    await closing.wait()
    listener.tell(None)


async def _next(request: Request, actor: Actor, listener: Listener) -> Push | None:
    """Return the next push, or None when there will be none or the session has ended."""
    while True:
        try:
            return await asyncio.wait_for(listener.next(), CHECK_SECONDS)
        except TimeoutError:
            if not await run_in_threadpool(_still_signed_in, request, actor):
                return None


def _still_signed_in(request: Request, actor: Actor) -> bool:
    """Say whether the session stands. Idleness does not end a stream: an alarm must light where nobody types."""
    context = context_of(request)
    with context.read() as s:
        found = accounts.actor_of_session(s, actor.session_id)
    longest = timedelta(hours=context.settings.session.absolute_hours)
    return found is not None and context.clock.now() - found[0].created_at <= longest


def _news(news: News) -> ServerSentEvent:
    data = json.dumps({"kind": news.kind, "at": news.at.isoformat()})
    return ServerSentEvent(data, event="hall", id=str(news.seq))


def _calls(request: Request, actor: Actor, push: Push) -> ServerSentEvent:
    may_answer = may(actor, Right.ANSWER_ASSISTANCE)
    data = {
        "open": sum(1 for call in push.calls if call.acknowledged_at is None),
        "html": _part(request, "halls/alarm.html", calls=push.calls, may_answer=may_answer),
        "cut": _part(request, "halls/cut.html"),
        "seq": push.seq,
    }
    return ServerSentEvent(json.dumps(data, ensure_ascii=False), event="calls", retry=RETRY_MS)


def _part(request: Request, template: str, **context: Any) -> str:
    return bytes(render.page(request, template, **context).body).decode().strip()
