"""Every refusal leaves a line in the server's log: when, from where, who if known, what was asked for. Never what was typed.

The looks and acts that are answered are in the event log (docs/events.md); docs/logging.md says what stands where.
"""

from collections.abc import Iterable
from uuid import UUID

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = structlog.get_logger()
#: These are everyday answers to people at work: somebody else was faster, something is asked for first.
EVERYDAY = frozenset({409, 428})
#: Whoever looks for a page that nobody has can make up the method as well.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Refusals:
    """Wraps the application with its guard, so that what the guard refuses is noted too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write a line if it was refused."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and is_refusal(message["status"]):
                LOG.warning("refused", **facts(scope), status=message["status"])
            await send(message)

        await self._app(scope, receive, noted)


def is_refusal(status: int) -> bool:
    """Say whether an answer is a refusal somebody may want to look into. Errors of our own have their own line."""
    return status >= 400 and status not in EVERYDAY and status != 500


def facts(scope: Scope) -> dict[str, object]:
    """Return what a line says of a request: addresses by route and id, people by id, names guessed at by digest."""
    state = scope.get("state") or {}
    actor = state.get("actor")
    return {
        "method": scope["method"] if scope["method"] in METHODS else "other",
        "route": getattr(scope.get("route"), "path", "none"),
        "ids": list(_ids(scope.get("path_params", {}).values())),
        "address": (scope.get("client") or ("",))[0],
        "who": actor.label if actor is not None else "",
        "guessed_at": state.get("guessed_at", ""),
    }


def _ids(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        try:
            yield str(UUID(str(value)))
        except ValueError:
            continue
