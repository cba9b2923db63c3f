"""How settings go from group to group. Pure.

Boxes stand in groups with a place each; the first place gets an edition first, the next when all of those before are well under it
for a set time. A box that gave it back stops it for all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

#: The place of boxes in no group: behind all groups.
LAST = 100


class Status(StrEnum):
    """Where an edition stands."""

    ROLLING = "rolling"
    DONE = "done"
    STOPPED = "stopped"


class Standing(NamedTuple):
    """One box that an edition is meant for. `confirmed_at`: since when it proved itself there; `refused`: why it did not."""

    box: str
    place: int
    confirmed_at: datetime | None
    refused: str
    online: bool


class Next(StrEnum):
    """What is to be done with an edition."""

    WAIT = "wait"
    ADVANCE = "advance"
    FINISH = "finish"
    STOP = "stop"


class Step(NamedTuple):
    """What is to be done, at which place, because of which boxes; `until`: when it is looked at again at the earliest."""

    what: Next
    place: int = 0
    boxes: tuple[str, ...] = ()
    until: datetime | None = None


class Edition(NamedTuple):
    """What decides whether an edition is meant for a box. `group` None: for all."""

    number: int
    status: Status
    place: int
    group: UUID | None


def first_place(boxes: Sequence[Standing]) -> int:
    """Return the place at which an edition begins."""
    return min((box.place for box in boxes), default=LAST)


def step(boxes: Sequence[Standing], *, place: int, since: datetime, hold: timedelta, now: datetime) -> Step:
    """Return what is to be done with an edition that has reached `place` at `since`."""
    reached = [box for box in boxes if box.place <= place]
    failed = _ids(box for box in reached if box.refused)
    if failed:
        return Step(Next.STOP, place, failed)
    behind = _ids(box for box in reached if box.confirmed_at is None)
    if behind:
        return Step(Next.WAIT, place, behind)
    later = [box.place for box in boxes if box.place > place]
    if not later:
        return Step(Next.FINISH, LAST)
    ready = max([since, *(box.confirmed_at for box in reached if box.confirmed_at is not None)]) + hold
    if now < ready:
        return Step(Next.WAIT, place, until=ready)
    silent = _ids(box for box in reached if not box.online)
    return Step(Next.WAIT, place, silent) if silent else Step(Next.ADVANCE, min(later))


def wanted(editions: Iterable[Edition], *, group: UUID | None, place: int, confirmed: int) -> Edition | None:
    """Return the edition that a box is to follow: the newest that has reached it.

    One that was stopped stays where it is confirmed: going back is an act of a person, not of a failure elsewhere.
    """
    for edition in sorted(editions, key=lambda one: one.number, reverse=True):
        if edition.group not in {None, group}:
            continue
        here = edition.number == confirmed if edition.status is Status.STOPPED else place <= edition.place
        if here:
            return edition
    return None


def _ids(boxes: Iterable[Standing]) -> tuple[str, ...]:
    return tuple(sorted(box.box for box in boxes))
