"""Answers a signed question for the box's last log lines. Never speaks unasked, and to one question at most every few seconds."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from edge_agent.logring import LogRing
from edge_agent.telling import Publish
from shared import logtail, topics
from shared.clock import Clock
from shared.logtail import Tail, TailAsked

#: A broker that plays one question again and again gets no answer in between.
_PAUSE_SECONDS = 5.0


class LogDesk:
    """Keeps the newest question until the line tells its answer. An answer that was lost is told again when the question comes again."""

    def __init__(self, ring: LogRing, *, box: str, clock: Clock, centre_key: X25519PublicKey | None) -> None:
        self._ring = ring
        self._box = box
        self._clock = clock
        self._centre_key = centre_key
        self._asked: TailAsked | None = None
        self._told_at = float("-inf")

    def ask(self, paper: TailAsked) -> None:
        """Take a question whose signature, box and age were found good."""
        self._asked = paper

    def start_over(self) -> None:
        """The line is a new one: what is still asked lies at the broker and comes again."""

    def tell(self, publish: Publish, now: float) -> None:
        """Answer what is asked; `now` is a steady clock's."""
        asked = self._asked
        if asked is None or now - self._told_at < _PAUSE_SECONDS:
            return
        self._asked, self._told_at = None, now
        lines = self._ring.last(asked.lines)
        tail = Tail(
            box=self._box,
            ask_id=asked.ask_id,
            at=self._clock.now(),
            since=self._ring.since,
            hidden=self._centre_key is not None,
            data=logtail.packed(lines, box=self._box, ask_id=asked.ask_id, key=self._centre_key),
        )
        publish(topics.logs(self._box), tail.model_dump_json())
