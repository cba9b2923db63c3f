"""Drills of halls: ordered by a leader or an admin for a box, held and ended by the box itself, told here by its events."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Forbidden, Invalid
from central.events.kinds import Kind
from central.halls import writing
from central.halls.drill_models import BoxDrill
from central.halls.line_keys import paper
from central.halls.models import HallBox
from central.halls.queries import Sending
from shared import topics
from shared.canonical import Json
from shared.drills import LEAST, MOST, NAME, DrillBegun, DrillEnded, DrillOrder

#: A box that does not get an order within this time does not follow it any more.
GOOD = timedelta(minutes=5)
Found = TypeVar("Found")


class Rows(Protocol):
    """Where rows are, as `taking.Rows`."""

    def get(self, entity: type[Found], ident: Any, /) -> Found | None:
        """Return a row by its id, or None."""
        ...

    def add(self, instance: object, /) -> None:
        """Take a new row."""
        ...


def check(by: Actor) -> None:
    """Raise `Forbidden` for anybody who may not order a drill."""
    if not may(by, Right.ORDER_DRILL):
        raise Forbidden("halls.drill.not_yours")


def order(s: Session, *, box: HallBox, minutes: int, by: Actor, now: datetime) -> BoxDrill:
    """Order a drill of `minutes`, or the end of the one that goes on (0). The box follows within minutes or not at all."""
    check(by)
    if minutes and not LEAST <= minutes <= MOST:
        raise Invalid("halls.drill.minutes_wrong", field="minutes")
    writing.enter(s, box.court_id)
    row = s.get(BoxDrill, box.id) or BoxDrill(box_id=box.id, court_id=box.court_id)
    row.serial = max(row.serial + 1, int(now.timestamp()))
    row.minutes, row.asked_by, row.asked_at = minutes, by.name, now
    row.good_until, row.document = now + GOOD, ""
    s.add(row)
    facts: dict[str, Json] = {"box": box.id, "minutes": minutes}
    writing.record(s, kind=Kind.BOX_DRILL_ORDERED, court_id=box.court_id, by=by, at=now, facts=facts)
    return row


def held(s: Rows, box: HallBox, body: DrillBegun | DrillEnded, at: datetime) -> Mapping[str, Json]:
    """Note what a box says of its drill; return what the log says of it."""
    row = s.get(BoxDrill, box.id)
    if row is None:
        row = BoxDrill(box_id=box.id, court_id=box.court_id)
        s.add(row)
    if isinstance(body, DrillBegun):
        row.drill_id, row.begun_at, row.until = (
            body.drill_id,
            at,
            min(body.until, at + timedelta(minutes=MOST)),
        )
        row.ended_at, row.ended_why = None, ""
        return {"minutes": round((row.until - at).total_seconds() / 60), "by": body.by}
    if row.drill_id in {None, body.drill_id}:
        row.ended_at, row.ended_why = at, body.why
    return {"why": body.why, "by": body.by}


def going_on(row: BoxDrill | None, *, now: datetime) -> bool:
    """Say whether a box holds a drill, as far as it is known here. One whose end was not told yet is over at its time."""
    return row is not None and row.ended_at is None and row.until is not None and now < row.until


def waits(row: BoxDrill | None, *, now: datetime) -> bool:
    """Say whether an order waits for its box."""
    if row is None or row.asked_at is None or row.good_until is None or now >= row.good_until:
        return False
    return not _followed(row)


def lapsed(row: BoxDrill | None, *, now: datetime) -> bool:
    """Say whether the box told nothing of the last order while that was good: it lost power or its line, and follows it no more."""
    if row is None or row.good_until is None or now < row.good_until:
        return False
    return not _followed(row)


def of_court(s: Session, court_id: UUID, *, now: datetime) -> Sequence[BoxDrill]:
    """Return the drills that go on in a court's halls."""
    rows = s.exec(select(BoxDrill).where(BoxDrill.court_id == court_id).order_by(BoxDrill.box_id)).all()
    return [row for row in rows if going_on(row, now=now)]


def due(s: Session, *, now: datetime) -> bool:
    """Say whether an order has to be sent down or taken away."""
    return any(_moves(row, now) for row in s.exec(_open(now)).all())


def issue(
    s: Session, *, key: Ed25519PrivateKey, now: datetime, anew: Collection[str] | None = ()
) -> list[Sending]:
    """Return orders that go down, empty ones for those that were followed or are old, and what stands for boxes `anew` (None: all)."""
    found: list[Sending] = []
    for row in s.exec(_open(now)).all():
        topic, again = topics.document(row.box_id, NAME), anew is None or row.box_id in anew
        if waits(row, now=now):
            if row.document and not again:
                continue
            row.document = row.document or paper(_paper(row, now), key)
        elif row.document:
            row.document = ""
        else:
            continue
        found.append(Sending(topic, row.document))
        s.add(row)
    s.flush()
    return found


def _open(now: datetime) -> SelectOfScalar[BoxDrill]:
    """Orders that may still be followed, and those that the broker holds; not every box that ever had one."""
    return select(BoxDrill).where(or_(col(BoxDrill.good_until) > now, col(BoxDrill.document) != ""))


def _moves(row: BoxDrill, now: datetime) -> bool:
    return waits(row, now=now) == (row.document == "")


def _followed(row: BoxDrill) -> bool:
    """Say whether what the box told since the order is what was ordered. Clocks of boxes may be off by a minute."""
    if row.asked_at is None:
        return True
    told = row.begun_at if row.minutes else row.ended_at
    return told is not None and told >= row.asked_at - timedelta(minutes=1)


def _paper(row: BoxDrill, now: datetime) -> DrillOrder:
    return DrillOrder(
        box=row.box_id,
        serial=row.serial,
        not_after=row.good_until or now,
        minutes=row.minutes,
        by=row.asked_by[:64],
    )
