"""A narrow door for whole files that anybody may send: few at a time, one of each address; others are told before a byte is read."""

import re
from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from central.web.security import refuse


class Narrow:
    """Lets `at_once` posts to a path (a pattern of the whole path) through, `each` of one address: behind them 503, come back."""

    def __init__(self, app: ASGIApp, path: str, *, at_once: int = 4, each: int = 1) -> None:
        self._app, self._path = app, re.compile(path)
        self._inside: Counter[str] = Counter()
        self._most, self._each = at_once, each

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse."""
        if scope["type"] != "http" or scope["method"] != "POST" or not self._path.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        if self._inside.total() >= self._most or self._inside[address] >= self._each:
            await refuse(scope, send, 503, "errors.busy")
            return
        self._inside[address] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside[address] -= 1
            self._inside += Counter()
