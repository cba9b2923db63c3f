"""Numbers on paper: printed in advance for an hour without screens, keyed in afterwards with the times written on the slips."""

from datetime import UTC, date, datetime, time, timedelta
from sqlite3 import Connection
from typing import NamedTuple

from edge_agent import drill
from edge_agent.box import Box
from edge_agent.errors import BadInput, Illegal, NotThere, TooMany
from edge_agent.ports import PrintOutcome
from edge_agent.records import Spare
from shared import wire
from shared.clock import COURT_ZONE, court_day
from shared.ids import new_id

#: Slips of one press, and slips that may lie in the drawer; more than a hall hands out in a day.
MOST_AT_ONCE, MOST_OPEN = 50, 300
_LAST = 9999
#: A written time may be ahead of the box's clock by so much: clocks on walls differ.
_WALL = timedelta(minutes=5)
#: So long a slip without an outcome counts as under way.
_PRINTING = timedelta(minutes=2)


class Written(NamedTuple):
    """What stands on a slip: its number, the day, and times of day in the court's zone."""

    number: int
    day: date
    kind: wire.VisitKind
    taken: time
    called: time | None
    ended: time
    counter: int
    served: bool


def make(box: Box, *, count: int, nonce: str, now: datetime) -> list[Spare]:
    """Draw `count` numbers and print their slips. The same `nonce` gets the same ones: taps may double.

    Raise `BadInput` for no such count, `TooMany` when more slips lie ready than a day can need.
    """
    with box.lock:
        known = _where(box, "nonce = ?", values=(nonce,))
        if known:
            return known
        if not 1 <= count <= MOST_AT_ONCE:
            raise BadInput("spare.how_many", most=MOST_AT_ONCE)
        if ready(box) + count > MOST_OPEN:
            raise TooMany("spare.enough", most=MOST_OPEN)
        with box.store.reading() as connection:
            first = _next(connection)
        if first + count - 1 > _LAST:
            raise TooMany("spare.none_left")
        day = court_day(now).isoformat()
        with box.act(now=now) as act:
            found = [Spare(id=new_id(), number=first + k, made_at=now) for k in range(count)]
            for one in found:
                act.keep_spare(one, day=day, nonce=nonce)
    for one in found:
        box.on_spare(one)
    return found


def _next(connection: Connection) -> int:
    """Return the next number; a number once printed is never printed for another slip."""
    (last,) = connection.execute("select coalesce(max(number), 0) from spare").fetchone()
    return int(last) + 1


def printed(box: Box, *, number: int, outcome: PrintOutcome, now: datetime) -> None:
    """Note what became of a slip."""
    with box.lock:
        for one in _where(box, "number = ?", values=(number,)):
            with box.act(now=now) as act:
                act.keep_spare(one.model_copy(update={"printed": outcome}), day=court_day(now).isoformat())


def again(box: Box, *, now: datetime) -> int:
    """Print the slips once more that did not come out, under their own numbers; return how many."""
    with box.lock:
        missing = [one for one in unprinted(box) if not under_way(one, now)]
        with box.act(now=now) as act:
            asked = [one.model_copy(update={"printed": None, "asked_at": now}) for one in missing]
            for one in asked:
                act.keep_spare(one, day=court_day(now).isoformat())
    for one in asked:
        box.on_spare(one)
    return len(asked)


def under_way(one: Spare, now: datetime) -> bool:
    """Say whether a slip may still print; after a power cut it is soon one that did not come out."""
    return one.printed is None and abs(now - (one.asked_at or one.made_at)) < _PRINTING


def key_in(box: Box, written: Written, *, by: str, correct: bool, days: int, now: datetime) -> Spare:
    """Take what stands on a slip, as an event with the times written there. Twice the same changes nothing.

    `correct`: replace what was keyed in before. Days further back than `days` are refused. Raise `BoxError` with what is wrong.
    """
    with box.lock:
        drill.refuse(box, "drill.no_slips", now=now)
        if not 1 <= written.counter <= box.rules.counters:
            raise NotThere("error.no_such_counter", counter=written.counter)
        spare = next(iter(_where(box, "number = ?", values=(written.number,))), None)
        if spare is None:
            raise NotThere("spare.no_such", number=f"{wire.SLIP_BAND}{written.number:04d}")
        filled = _filled(spare, written, by=by, days=days, now=now)
        if spare.keyed_at is not None:
            if filled.model_copy(update={"keyed_at": spare.keyed_at, "by": spare.by}) == spare:
                return spare
            if not correct:
                raise Illegal("spare.keyed_already", number=spare.label)
        with box.act(now=now) as act:
            act.report(
                wire.SlipKeyed(
                    slip_id=spare.id,
                    number=spare.number,
                    kind=written.kind,
                    taken_at=_at(written.day, written.taken),
                    called_at=_at(written.day, written.called) if written.called else None,
                    ended_at=_at(written.day, written.ended),
                    counter=written.counter,
                    served=written.served,
                    by=by,
                )
            )
            return act.keep_spare(filled, day=court_day(now).isoformat())


def _filled(spare: Spare, written: Written, *, by: str, days: int, now: datetime) -> Spare:
    """Return the slip with what is written on it; raise `Illegal` for times that cannot be."""
    today = court_day(now)
    if not today - timedelta(days=days) <= written.day <= today:
        raise Illegal("spare.which_day", days=days)
    taken, ended = _at(written.day, written.taken), _at(written.day, written.ended)
    called = _at(written.day, written.called) if written.called else None
    moments = [taken, called, ended] if called else [taken, ended]
    if moments != sorted(moments):
        raise Illegal("spare.which_order")
    if ended > now + _WALL:
        raise Illegal("spare.not_yet")
    return spare.model_copy(
        update={
            "kind": written.kind,
            "taken_at": taken,
            "called_at": called,
            "ended_at": ended,
            "counter": written.counter,
            "served": written.served,
            "by": by,
            "keyed_at": now,
        }
    )


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, COURT_ZONE).astimezone(UTC)


def ready(box: Box) -> int:
    """Return how many printed numbers were not keyed in yet."""
    with box.store.reading() as connection:
        (count,) = connection.execute("select count(*) from spare where state = 'open'").fetchone()
    return int(count)


def unprinted(box: Box) -> list[Spare]:
    """Return the numbers not keyed in whose slips are not known to have come out, lowest first."""
    found = _where(box, "state = 'open'")
    return [one for one in found if one.printed is not PrintOutcome.PRINTED]


def keyed(box: Box, *, limit: int) -> list[Spare]:
    """Return what was keyed in, the latest number first."""
    return _where(box, "state = 'keyed'", order="number desc limit ?", values=(limit,))


def _where(
    box: Box, condition: str, *, order: str = "number", values: tuple[object, ...] = ()
) -> list[Spare]:
    with box.store.reading() as connection:
        rows = connection.execute(
            f"select number, sealed from spare where {condition} order by {order}",  # noqa: S608  conditions of this module # nosec B608
            values,
        ).fetchall()
    opened = box.store.sealer.open
    return [Spare.model_validate_json(opened(sealed, "spare", number)) for number, sealed in rows]
