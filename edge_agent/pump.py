"""Which event goes out next. Strictly in order, a few under way at once, nothing forgotten without the centre's yes.

No network and no thread in here: `Link` drives it, tests too. Times are seconds of a monotonic clock.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import structlog

from edge_agent.outbox import Outbox
from shared import wire
from shared.clock import Clock

log = structlog.get_logger()


#: Patience doubles with each silence, up to so many times `ack_seconds`: a centre that is busy is not sent the same again and again.
_LONGEST_PATIENCE = 8
#: An event that alone gets no receipt while others do is sent again after so many times `ack_seconds`.
_PASSED_OVER = 10


class Pace(NamedTuple):
    """`window`: events under way at once; `ack_seconds`: how long no receipt at all may come before the oldest is sent again."""

    window: int
    ack_seconds: float


class _Sent(NamedTuple):
    event_id: UUID
    at: float


def _nowhere(_payload: str) -> None:
    """Send no copies ahead."""


class Pump:
    """Sends the journal over one line at a time."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        pace: Pace,
        clock: Clock,
        send: Callable[[str], None],
        send_urgent: Callable[[str], None] = _nowhere,
    ) -> None:
        self._outbox = outbox
        self._pace = pace
        self._clock = clock
        self._send = send
        self._send_urgent = send_urgent
        #: When a copy of a call for help was last sent ahead, by its number.
        self._ahead: dict[int, float] = {}
        self._epoch = outbox.epoch
        self._under_way: dict[int, _Sent] = {}
        self._cursor = 0
        self._window = 1
        self._patience = 1
        #: The number that goes out next after a gap: the answers to all that was under way name the same one.
        self._back_to: int | None = None
        #: The number the centre waits for and this box no longer has; None in every sane world.
        self.missing: int | None = None
        #: Monotonic second of the last acknowledgement, or None.
        self.acknowledged_at: float | None = None

    def start_over(self) -> None:
        """Forget what is under way and begin again with the oldest event, one alone until the centre answers."""
        self.hurry()
        self.missing = None

    def hurry(self) -> None:
        """The centre has come back: send what has no receipt again, instead of waiting out the silence it left."""
        self._begin_again(after=0, window=1)
        self._patience = 1
        self._ahead.clear()

    def _begin_again(self, *, after: int, window: int) -> None:
        self._under_way.clear()
        self._cursor = after
        self._window = window
        self._back_to = None

    def tick(self, now: float) -> None:
        """Send what there is room for; after too long a silence the oldest again, and half as many at once."""
        if self._silent(now):
            log.debug("no_acknowledgement", under_way=len(self._under_way))
            self._begin_again(after=0, window=max(1, self._window // 2))
            self._patience = min(2 * self._patience, _LONGEST_PATIENCE)
        self._fill(now)
        self._send_ahead(now)

    def _silent(self, now: float) -> bool:
        """Say whether receipts stay away. As long as they come, however late, what is under way is not sent again."""
        oldest = next(iter(self._under_way.values()), None)
        if oldest is None:
            return False
        heard = oldest.at if self.acknowledged_at is None else max(oldest.at, self.acknowledged_at)
        patience = self._pace.ack_seconds
        return now - heard >= patience * self._patience or now - oldest.at >= patience * _PASSED_OVER

    def _send_ahead(self, now: float) -> None:
        """Let a copy of each call for help overtake what waits before it. The centre takes it once, whichever comes first."""
        for row in self._outbox.urgent(after=self._cursor + self._pace.window):
            if now - self._ahead.get(row.seq, float("-inf")) >= self._pace.ack_seconds:
                self._send_urgent(row.payload)
                self._ahead[row.seq] = now

    def _fill(self, now: float) -> None:
        room = self._window - len(self._under_way)
        if room <= 0 or self.missing is not None:
            return
        for row in self._outbox.oldest(room, after=self._cursor):
            self._send(row.payload)
            self._under_way[row.seq] = _Sent(row.event_id, now)
            self._cursor, self._back_to = row.seq, None

    def take(self, acks: list[wire.Ack], now: float) -> None:
        """Act on the centre's answers, in the order they came."""
        kept: list[tuple[int, UUID]] = []
        for ack in acks:
            if ack.epoch != self._epoch:
                continue
            match ack.verdict:
                case wire.Verdict.ACCEPTED | wire.Verdict.DUPLICATE:
                    kept.append((ack.seq, ack.event_id))
                    self._settled(ack, now)
                case wire.Verdict.REFUSED:
                    log.warning("event_refused", seq=ack.seq, event_id=str(ack.event_id), reason=ack.reason)
                    self._outbox.park(ack.event_id, ack.reason)
                    self._settled(ack, now)
                case wire.Verdict.GAP:
                    self._forget(kept)
                    kept = []
                    self._gap(ack)
        self._forget(kept)

    def _forget(self, kept: list[tuple[int, UUID]]) -> None:
        if kept:
            self._outbox.forget(kept, now=self._clock.now())

    def _settled(self, ack: wire.Ack, now: float) -> None:
        sent = self._under_way.get(ack.seq)
        if sent is not None and sent.event_id == ack.event_id:
            del self._under_way[ack.seq]
        self._window, self._patience = self._pace.window, 1
        self.acknowledged_at = now

    def _gap(self, ack: wire.Ack) -> None:
        """Go back to the number the centre expects, unless that one is under way again already."""
        expected = ack.expected
        if expected is None or expected >= ack.seq:
            return
        if expected in self._under_way or expected == self._back_to:
            return
        if not self._outbox.rewind(expected):
            self.missing = expected
            log.error("centre_expects_lost_event", expected=expected)
            return
        log.info("gap", expected=expected, got=ack.seq)
        self._begin_again(after=expected - 1, window=1)
        self._back_to = expected
