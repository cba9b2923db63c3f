"""Retained words of the box about itself beside its presence: told at each connect, when they change, and now and then anyway."""

from collections.abc import Sequence
from typing import Protocol

from edge_agent.trial import Trial
from shared import topics
from shared.clock import Clock

#: The centre may have been away from its database when it was told.
_AGAIN_SECONDS = 300.0


class Publish(Protocol):
    """`link.Line.publish`."""

    def __call__(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Send with QoS 1."""
        ...


class Teller(Protocol):
    """`link.Teller`."""

    def start_over(self) -> None:
        """The line is a new one."""
        ...

    def tell(self, publish: Publish, now: float) -> None:
        """Publish what is new."""
        ...


class Together:
    """Several tellers on one line."""

    def __init__(self, tellers: Sequence[Teller]) -> None:
        self._tellers = tellers

    def start_over(self) -> None:
        """The line is a new one."""
        for teller in self._tellers:
            teller.start_over()

    def tell(self, publish: Publish, now: float) -> None:
        """Let each say what is new."""
        for teller in self._tellers:
            teller.tell(publish, now)


class Telling:
    """Tells which settings are in force."""

    def __init__(self, trial: Trial, *, box: str, clock: Clock) -> None:
        self._trial = trial
        self._box = box
        self._clock = clock
        self._told = ""
        self._told_at = float("-inf")

    def start_over(self) -> None:
        """The line is a new one."""
        self._told = ""

    def tell(self, publish: Publish, now: float) -> None:
        """Say what is new; `now` is a steady clock's."""
        state = self._trial.state(self._clock.now())
        about = state.model_dump_json(exclude={"at"})
        if about == self._told and now - self._told_at < _AGAIN_SECONDS:
            return
        publish(topics.settings(self._box), state.model_dump_json(), retain=True)
        self._told, self._told_at = about, now
