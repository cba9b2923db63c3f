"""Drill mode: the hall works as always on a queue of its own, every event is marked, and it ends by itself whatever happens to the box.

Numbers of a drill lie under a day of their own (`2026-11-23~1a2b3c4d`), so that nothing which counts, calls or estimates the real queue
meets them; calls for help carry the mark themselves, for a real one may be raised or still be open meanwhile.
"""

from datetime import datetime, timedelta

import structlog

from edge_agent.box import Act, Box
from edge_agent.errors import CannotKeep, Illegal
from edge_agent.records import Drill
from shared.drills import LEAST, MOST, DrillBegun, DrillEnded, DrillOrder, Ended
from shared.ids import new_id

log = structlog.get_logger()


def follow(box: Box, order: DrillOrder, *, now: datetime) -> None:
    """Do what the centre orders, and note the order in the same act: one that was noted has been followed."""
    if order.minutes:
        begin(box, minutes=order.minutes, by=order.by, now=now, order=order)
    else:
        end(box, why=Ended.CENTRE, by=order.by, now=now, order=order)


def begin(box: Box, *, minutes: int, by: str, now: datetime, order: DrillOrder | None = None) -> Drill:
    """Begin a drill; one that runs goes on as it is."""
    with box.lock:
        box.today(now)
        if box.drill is not None and box.drill.on(now):
            _note_alone(box, order, now=now)
            return box.drill
        if box.drill is not None:
            end(box, why=Ended.TIME, now=now)
        until = now + timedelta(minutes=min(max(minutes, LEAST), MOST))
        found = Drill(id=new_id(), begun_at=now, until=until, by=by)
        with box.act(now=now) as act:
            _note(act, order)
            act.set_drill(found)
            act.report(DrillBegun(drill_id=found.id, until=until, by=by), drill=True)
    log.info("drill_begun", seconds=(until - now).total_seconds())
    return found


def end(box: Box, *, why: Ended, now: datetime, by: str = "", order: DrillOrder | None = None) -> None:
    """End the drill and clear its queue. When the disk refuses, it is over all the same: at a start it is found past its end."""
    with box.lock:
        found = box.drill
        if found is None:
            _note_alone(box, order, now=now)
            return
        try:
            with box.act(now=now) as act:
                _note(act, order)
                act.set_drill(None)
                act.report(DrillEnded(drill_id=found.id, why=why, by=by), drill=True)
        except CannotKeep:
            box.drill = None
            box.on_change()
    log.info("drill_ended", reason=why.value)


def _note(act: Act, order: DrillOrder | None) -> None:
    if order is not None:
        act.note(f"serial/{order.name}", str(order.serial))


def _note_alone(box: Box, order: DrillOrder | None, *, now: datetime) -> None:
    if order is not None:
        with box.act(now=now) as act:
            _note(act, order)


def tick(box: Box, *, now: datetime) -> None:
    """End the drill whose time is over, also one that the box slept through."""
    if box.drill is not None and not box.drill.on(now):
        end(box, why=Ended.TIME, now=now)


def refuse(box: Box, key: str, *, now: datetime) -> None:
    """Raise `Illegal` during a drill, for what would reach beyond it."""
    if box.drilling(now):
        raise Illegal(key)
