"""What the box may decide on its own. Pure: values in, values out; no clock, no file.

Both halls and centre must come to the same answer, so each rule stands here once, with its figures as arguments.
"""

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from shared.codes import AppointmentToken
from shared.wire import AppointmentEntry, Refusal

MAX_NUMBER = 9999


class Waiting(Protocol):
    """What the order of calls looks at."""

    @property
    def booked(self) -> bool:
        """Came with an appointment."""
        ...

    @property
    def position(self) -> int:
        """Place in the order of arrival."""
        ...


W = TypeVar("W", bound=Waiting)


class Window(NamedTuple):
    """How far from its slot an appointment code opens."""

    court: str
    early: timedelta
    late: timedelta


def judge(
    *,
    court: str,
    slot: tuple[datetime, datetime],
    window: Window,
    revoked: bool,
    used: bool,
    now: datetime,
) -> Refusal | None:
    """Return why an appointment gets no ticket now, or None. What cannot change any more is said first."""
    start, end = slot
    checks = (
        (court != window.court, Refusal.OTHER_COURT),
        (revoked, Refusal.REVOKED),
        (used, Refusal.ALREADY_USED),
        (now < start - window.early, Refusal.TOO_EARLY),
        (now > end + window.late, Refusal.EXPIRED),
    )
    return next((refusal for failed, refusal in checks if failed), None)


def judge_token(
    token: AppointmentToken,
    *,
    entry: AppointmentEntry | None,
    used: Collection[UUID],
    window: Window,
    now: datetime,
) -> Refusal | None:
    """Judge a signed code. Without a roster (`entry` None) its signature and slot decide; a roster may have moved the slot."""
    slot = (entry.slot_start, entry.slot_end) if entry else (token.slot_start, token.slot_end)
    return judge(
        court=token.court,
        slot=slot,
        window=window,
        revoked=entry is not None and entry.revoked,
        used=token.appointment_id in used,
        now=now,
    )


def find_entry(entries: Iterable[AppointmentEntry], code_hash: str) -> AppointmentEntry | None:
    """Return the entry of a typed code by its slow hash; every entry is compared in equal time."""
    found = [entry for entry in entries if hmac.compare_digest(entry.code_hash, code_hash)]
    return found[0] if found else None


def next_number(taken: Iterable[int]) -> int | None:
    """Return the number after the highest of this day and kind, or None when all are given out."""
    number = max(taken, default=0) + 1
    return number if number <= MAX_NUMBER else None


def choose(waiting: Sequence[W], *, called: Sequence[bool], in_a_row: int) -> W | None:
    """Return who is next: appointments first, but after `in_a_row` of them one visitor without, by order of arrival.

    `called` says for each call of today, in order, whether it had an appointment. Nobody starves: at place k of its
    line, an appointment is called within 2k calls, any other visitor within k * (in_a_row + 1).
    """
    booked = [one for one in waiting if one.booked]
    others = [one for one in waiting if not one.booked]
    line = booked if booked and not (others and _streak(called) >= in_a_row) else others
    return min(line, key=lambda one: one.position, default=None)


def _streak(called: Sequence[bool]) -> int:
    count = 0
    for booked in reversed(called):
        if not booked:
            break
        count += 1
    return count


def ahead(waiting: Sequence[W], *, me: W, called: Sequence[bool], in_a_row: int) -> int:
    """Return how many will be called before `me` if nobody else comes: `choose` repeated, in one pass over both lines."""
    line = sorted(waiting, key=lambda one: one.position)
    booked = [one for one in line if one.booked]
    others = [one for one in line if not one.booked]
    streak, b, o = _streak(called), 0, 0
    while b < len(booked) or o < len(others):
        first = b < len(booked) and not (o < len(others) and streak >= in_a_row)
        one = booked[b] if first else others[o]
        if one is me:
            break
        b, o, streak = (b + 1, o, streak + 1) if first else (b, o + 1, 0)
    return b + o
