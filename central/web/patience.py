"""Lines that say nothing, or too little, are cut, and nobody holds all of them: what a proxy in front does, for the server without one.

Uvicorn waits for ever for the end of a request's head. Bodies have their own limit in `central.web.security`.
"""

import asyncio
from collections import Counter
from collections.abc import Collection
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

#: Lines of each address into this process.
_LINES: Counter[str] = Counter()


class Patient(H11Protocol):
    """HTTP on one line. `seconds`: the longest a request's head takes; `most`: lines of one address, none of `proxies` counted."""

    def __init__(
        self, *given: Any, seconds: float, most: int, proxies: Collection[str], **named: Any
    ) -> None:
        super().__init__(*given, **named)
        self._seconds, self._most, self._proxies = seconds, most, frozenset(proxies)
        self._overdue: asyncio.TimerHandle | None = None
        self._counted = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a line, or hang up if its address holds enough of them."""
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if address and address not in self._proxies:
            self._counted = address
            _LINES[address] += 1
            if _LINES[address] > self._most:
                transport.abort()
                return
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a line."""
        self._rest()
        if self._counted:
            _LINES[self._counted] -= 1
            if not _LINES[self._counted]:
                del _LINES[self._counted]
            self._counted = ""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; from its first byte a head has its time."""
        super().data_received(data)
        self._watch()

    def _watch(self) -> None:
        if not self._in_head:
            self._rest()
        elif self._overdue is None:
            self._overdue = self.loop.call_later(self._seconds, self._give_up)

    @property
    def _in_head(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _rest(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _give_up(self) -> None:
        self._overdue = None
        if self._in_head:
            self.transport.abort()
