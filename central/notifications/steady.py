"""Is the machine's clock to be believed? Pure: what to think of a reading beside the last one.

A deadline is noted, and a person told, by the clock of the machine; no other witness tells the right time. But a machine also
has a clock that only counts (monotonic since it was started), and two readings of both tell a jump from time that passed.

- In step with the count: believed.
- A jump, forwards or back: nothing is noted or sent. Once the clock is in step with what was believed before, work goes on
  at once. If it stays at the new time for `settle`, the new time is believed (somebody set the clock right), unless it is
  further away than `BELIEVABLE`: that needs a person.
- After a start of the machine there is no count to go by: a time before the last believed one is a jump; a later one is believed
  at once up to `AWAY`, after `settle` beyond.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

#: Clocks run unevenly by this much at most.
TOLERANCE = timedelta(minutes=2)
_DRIFT = 0.001
BELIEVABLE = timedelta(days=7)
#: So long a server may have been off.
AWAY = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Reading:
    """What both clocks of a machine say: `boot` names its running system, `steady` are the seconds of its counting clock."""

    boot: str
    steady: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Witness:
    """The last believed reading on this start of the machine, and the reading at which a jump was found, if one stands."""

    steady: float
    at: datetime
    held_steady: float | None = None
    held_at: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether a jump was found that is not believed yet."""
        return self.held_at is not None


def judge(witness: Witness | None, reading: Reading, *, last: datetime | None, settle: timedelta) -> Witness:
    """Return the witness after `reading`; while it is `held` nothing may be noted or sent.

    `last` is the newest moment believed on any machine or start, None if there was none.
    """
    if witness is None:
        return _first(reading, last, settle)
    if _in_step(reading, witness.steady, witness.at):
        return Witness(reading.steady, reading.at)
    if witness.held_at is None or witness.held_steady is None:
        return _hold(witness, reading)
    if not _in_step(reading, witness.held_steady, witness.held_at):
        return _hold(witness, reading)
    stayed = reading.steady - witness.held_steady >= settle.total_seconds()
    expected = witness.at + timedelta(seconds=reading.steady - witness.steady)
    believable = abs(reading.at - expected) <= BELIEVABLE
    return Witness(reading.steady, reading.at) if stayed and believable else witness


def _first(reading: Reading, last: datetime | None, settle: timedelta) -> Witness:
    believed = Witness(reading.steady, reading.at)
    if last is None or last - TOLERANCE <= reading.at <= last + AWAY or settle == timedelta():
        return believed
    # As if the machine had been at `last` just now: far back is never believed, far ahead only if it was off so long.
    at = last if reading.at < last else reading.at - BELIEVABLE
    return _hold(Witness(reading.steady, at), reading)


def _hold(witness: Witness, reading: Reading) -> Witness:
    return replace(witness, held_steady=reading.steady, held_at=reading.at)


def _in_step(reading: Reading, steady: float, at: datetime) -> bool:
    passed = reading.steady - steady
    return abs(reading.at - at - timedelta(seconds=passed)) <= TOLERANCE + timedelta(seconds=passed * _DRIFT)
