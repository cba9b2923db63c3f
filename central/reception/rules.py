"""Slots of a reception day, and what may happen to days, bookings and promises. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: So often a year a leader receives visitors (practice of 2007 for procuratorates, taken over by courts; docs/reception.md).
REQUIRED = 12
MOST_SEATS = 200


class DayState(StrEnum):
    """Where a reception day stands."""

    PLANNED = "planned"
    PUBLISHED = "published"
    CALLED_OFF = "called_off"
    HELD = "held"


class BookingState(StrEnum):
    """What became of a booking."""

    BOOKED = "booked"
    RECEIVED = "received"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    #: The day was called off; the visitor is still to be told.
    TO_TELL = "to_tell"


class PromiseState(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    NOT_KEPT = "not_kept"


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of a day: its number from 0, begin and end."""

    number: int
    start: datetime
    end: datetime


def slots(opens_at: datetime, closes_at: datetime, minutes: int) -> Iterator[Slot]:
    """Yield the whole slots between two moments; what is left at the end is no slot."""
    length, number, start = timedelta(minutes=minutes), 0, opens_at
    while start + length <= closes_at:
        yield Slot(number, start, start + length)
        number, start = number + 1, start + length


def free_seat(slot: int, per_slot: int, taken: Collection[int]) -> int | None:
    """Return the lowest free seat of a slot; seats are counted through the day. None: the slot is full."""
    seats = range(slot * per_slot, (slot + 1) * per_slot)
    return next((seat for seat in seats if seat not in taken), None)
