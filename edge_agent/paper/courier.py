"""Carries finished batches to the centre, piece by piece, oldest first, and only while no event waits: a call for help overtakes them all.

No network and no thread in here: `Link` drives it, tests too. The centre says after each piece how far it is; that alone counts.
A line that breaks goes on where the centre is, not from the beginning.
"""

import base64
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import structlog

from edge_agent.box import Box
from edge_agent.outbox import Outbox
from edge_agent.paper import batches, vault
from edge_agent.records import Batch
from shared import pieces
from shared.clock import Clock

log = structlog.get_logger()
#: Why a batch is none, found here.
LOST = "lost"
#: A batch without an answer is passed over after so many tries.
_MOST_TRIES = 4


class Speed(NamedTuple):
    """`window`: pieces under way at once; `patience`: seconds without an answer until one is sent again."""

    window: int = 8
    patience: float = 5.0


class Courier:
    """One batch at a time over one line at a time."""

    def __init__(
        self,
        box: Box,
        outbox: Outbox,
        *,
        clock: Clock,
        send: Callable[[str], None],
        speed: Speed | None = None,
    ) -> None:
        self._box = box
        self._outbox = outbox
        self._clock = clock
        self._send = send
        self._speed = speed or Speed()
        self._batch: Batch | None = None
        self._have, self._sent = 0, 0
        self._window = 1
        self._at = float("-inf")
        self._tries = 0
        #: Batches passed over: their pages are no longer here, or (until the line comes up anew) the centre does not know them.
        self._lost: set[UUID] = set()
        self._unknown: set[UUID] = set()

    def start_over(self) -> None:
        """Ask the centre anew how far it is: one piece alone until it answers."""
        self._batch, self._have, self._sent, self._window = None, 0, 0, 1
        self._at = float("-inf")
        self._tries = 0
        self._unknown.clear()

    def tick(self, now: float) -> None:
        """Send what there is room for, unless events wait."""
        if self._outbox.counts().waiting:
            return
        if self._batch is None:
            passed = self._lost | self._unknown
            self._batch = next(
                (one for one in batches.in_state(self._box, "sent") if one.id not in passed), None
            )
            self._have, self._sent, self._window, self._tries = 0, 0, 1, 0
        elif self._sent > self._have and now - self._at >= self._speed.patience:
            self._sent, self._window, self._tries = self._have, 1, self._tries + 1
            if self._tries >= _MOST_TRIES:  # its announcement may lie in the tray: the others go first
                log.warning("pages_unanswered", batch=str(self._batch.id))
                self._unknown.add(self._batch.id)
                self._batch = None
                return
        if self._batch is not None:
            self._fill(self._batch, now)

    def _fill(self, batch: Batch, now: float) -> None:
        last = min(vault.parts(batch.pages), self._have + self._window)
        for number in range(self._sent, last):
            try:
                piece = vault.part(self._box.store, batch.pages, number)
            except OSError as error:
                log.exception("page_lost", batch=str(batch.id))
                self._box.raise_alarm("alarm.page_lost", now=self._clock.now(), detail=str(error.strerror))
                self._lost.add(batch.id)
                batches.note_problem(self._box, batch.id, LOST, now=self._clock.now())
                self._batch = None
                return
            data = base64.b64encode(piece).decode()
            self._send(pieces.PagePart(batch_id=batch.id, part=number, data=data).model_dump_json())
            self._sent, self._at = number + 1, now

    def take(self, held: pieces.PagesHeld, now: float) -> None:
        """Act on the centre's word how far it has a batch, and whether it is of use."""
        if held.problem or held.done or held.batch_id not in self._lost:
            batches.note_problem(self._box, held.batch_id, held.problem, now=self._clock.now())
        if held.done:
            batches.settle(self._box, held.batch_id, "kept", now=self._clock.now())
            if self._batch is not None and self._batch.id == held.batch_id:
                self._batch = None
            return
        if self._batch is None or self._batch.id != held.batch_id:
            batches.settle(
                self._box, held.batch_id, "sent", now=self._clock.now()
            )  # a centre come back from a backup
            return
        self._tries = 0
        if held.next < self._have:  # the centre has less than it had
            self._sent, self._window = held.next, 1
        elif held.next > self._have:
            self._at, self._window = now, self._speed.window
        self._have, self._sent = held.next, max(self._sent, held.next)
