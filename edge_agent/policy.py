"""What the box may decide on its own. Pure: values in, values out; no clock, no file.

Both halls and centre must come to the same answer, so each rule stands here once, with its figures as arguments.
"""

import hmac
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from shared.codes import AppointmentToken
from shared.wire import AppointmentEntry, Refusal

MAX_NUMBER = 9999


class Lane(StrEnum):
    """In which of three lanes a visitor waits. DECLARED: said at a counter to be called first; no reason is kept."""

    DECLARED = "declared"
    BOOKED = "booked"
    WALK_IN = "walk_in"


class Fairness(NamedTuple):
    """So many appointments in a row before one without, so many declared visitors in a row before one of the others."""

    appointments: int = 2
    declared: int = 2


class Waiting(Protocol):
    """What the order of calls looks at."""

    @property
    def lane(self) -> Lane:
        """Where the visitor waits."""
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


def choose(waiting: Sequence[W], *, called: Sequence[Lane], rule: Fairness) -> W | None:
    """Return who is next, each lane by order of arrival.

    Declared visitors first, but after `rule.declared` of them in a row one of the others; among the others appointments
    first, but after `rule.appointments` of them one visitor without.

    `called` says for each call of today, in order, from which lane it came. Nobody starves, however many keep coming: the
    k-th of the declared is called within 2k calls, the k-th appointment within 2k * (declared + 1), the k-th visitor
    without within k * (appointments + 1) * (declared + 1).
    """
    lane = _next_lane({one.lane for one in waiting}, _streaks(called), rule)
    return min((one for one in waiting if one.lane is lane), key=lambda one: one.position, default=None)


def _next_lane(there: Collection[Lane], streaks: tuple[int, int], rule: Fairness) -> Lane | None:
    declared, booked = streaks
    others = [lane for lane in (Lane.BOOKED, Lane.WALK_IN) if lane in there]
    if Lane.DECLARED in there and not (others and declared >= rule.declared):
        return Lane.DECLARED
    if len(others) > 1:
        return Lane.WALK_IN if booked >= rule.appointments else Lane.BOOKED
    return others[0] if others else None


def _streaks(called: Sequence[Lane]) -> tuple[int, int]:
    """How many declared visitors were called last in a row; how many appointments, not counting declared ones between them."""
    streaks = (0, 0)
    for lane in called:
        streaks = _after(streaks, lane)
    return streaks


def _after(streaks: tuple[int, int], lane: Lane) -> tuple[int, int]:
    declared, booked = streaks
    if lane is Lane.DECLARED:
        return declared + 1, booked
    return 0, booked + 1 if lane is Lane.BOOKED else 0


def ahead(waiting: Sequence[W], *, me: W, called: Sequence[Lane], rule: Fairness) -> int:
    """Return how many will be called before `me` if nobody else comes: `choose` repeated, in one pass over the lanes."""
    lines = {lane: [one for one in waiting if one.lane is lane] for lane in Lane}
    for line in lines.values():
        line.sort(key=lambda one: one.position, reverse=True)
    streaks, count = _streaks(called), 0
    while (lane := _next_lane([name for name, line in lines.items() if line], streaks, rule)) is not None:
        if lines[lane].pop() is me:
            break
        streaks, count = _after(streaks, lane), count + 1
    return count
