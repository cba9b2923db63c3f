"""Calls for help. Light first: a press and its answers are shown even when the disk refuses them, and written as soon as it can be.

Whoever answers first, in the hall or at the centre, is the one the visitor sees; every answer is reported.
"""

from datetime import datetime, timedelta
from uuid import UUID

from edge_agent import drill
from edge_agent.box import Box, Hall, Unkept
from edge_agent.errors import CannotKeep, NotThere
from edge_agent.ports import LampState
from edge_agent.records import HelpCall
from shared import wire
from shared.drills import Ended
from shared.ids import new_id

#: The hall's own screens, the whole hall with its display, the leader on duty.
_WIDEST = 3
#: A second press after so long during a drill is no double tap.
_AGAIN = timedelta(seconds=3)


def press(
    box: Box, *, origin: wire.CallOrigin, now: datetime, place: str = "", real: bool = False
) -> HelpCall:
    """Call for help at `place` (empty: the box's own). While a call of that place is open, a press is that call.

    During a drill a press is one of the drill, unless it is said to be `real`, or comes again after `_AGAIN` while the drill's call of
    that place is open: who needs help presses again. A real call ends the drill at once; ending too early costs nothing.
    """
    with box.lock:
        hall = box.today(now)
        where = place or box.rules.place
        here = {call.drill: call for call in hall.calls.values() if call.open and call.place == where}
        drilled = here.get(True) if box.drilling(now) else None
        again = drilled is not None and abs(now - drilled.raised_at) >= _AGAIN
        found = here.get(False)
        if found is None and drilled is not None and not (real or again):
            return drilled
        if found is None:
            drilling = box.drilling(now) and not (real or again)
            found = HelpCall(
                id=new_id(), day=hall.date, place=where, origin=origin, raised_at=now, drill=drilling
            )
            raised = wire.AssistanceRaised(call_id=found.id, place=where, origin=origin)
            _keep(box, found, raised, now=now)
        if not found.drill:
            drill.end(box, why=Ended.REAL, now=now)
    return found


def is_real(box: Box, *, call_id: UUID, now: datetime) -> HelpCall:
    """Somebody says that a drill's call is none: a real one is raised at its place and the drill ends. A person closes the drill's."""
    with box.lock:
        call = _call(box.today(now), call_id)
        if not call.drill or not call.open:
            return call
        return press(box, origin=call.origin, now=now, place=call.place, real=True)


def _keep(box: Box, call: HelpCall, body: wire.Body | None, *, now: datetime) -> None:
    """Write a call as it is now and what happened to it; when the disk refuses, show it all the same."""
    box.unkept.append(Unkept(call, body, now))
    try:
        write_unkept(box, now=now)
    except CannotKeep:
        box.on_change()


def write_unkept(box: Box, *, now: datetime) -> None:
    """Write what the disk refused, in order, with its own times; raise `CannotKeep` and leave the rest when it still does."""
    with box.lock:
        try:
            while box.unkept:
                first = box.unkept[0]
                with box.act(now=now) as act:
                    act.keep_call(first.call)
                    if first.body is not None:
                        act.report(first.body, at=first.at, drill=first.call.drill)
                box.unkept.popleft()
        finally:
            box.hall.calls.update({one.call.id: one.call for one in box.unkept})


def acknowledge(box: Box, *, call_id: UUID, by: str, now: datetime) -> HelpCall:
    """Somebody in the hall says "I am coming"."""
    with box.lock:
        call = _call(box.today(now), call_id)
        if not call.open or call.by == by:
            return call
        answer = _answer(wire.BoxEvent.ASSISTANCE_ACKNOWLEDGED, call, by)
        if call.status is wire.CallStatus.RAISED:
            facts = {"status": wire.CallStatus.ACKNOWLEDGED, "by": by, "acknowledged_at": now}
            call = call.model_copy(update=facts)
        _keep(box, call, answer, now=now)
    return call


def arrive(box: Box, *, call_id: UUID, by: str, now: datetime) -> HelpCall:
    """Somebody of the hall stands beside the visitor; that also answers a call that nobody answered."""
    with box.lock:
        call = _call(box.today(now), call_id)
        if not call.open or call.arrived_at is not None:
            return call
        facts: dict[str, object] = {"arrived_at": now}
        if call.status is wire.CallStatus.RAISED:
            facts |= {"status": wire.CallStatus.ACKNOWLEDGED, "by": by, "acknowledged_at": now}
        answer = _answer(wire.BoxEvent.ASSISTANCE_ARRIVED, call, by)
        call = call.model_copy(update=facts)
        _keep(box, call, answer, now=now)
    return call


def widen(box: Box, *, now: datetime, seconds: int) -> None:
    """Widen the circle of each call that nobody answered: after `seconds` the whole hall, after twice that the leader on duty."""
    with box.lock:
        for call in list(box.today(now).calls.values()):
            if call.status is not wire.CallStatus.RAISED:
                continue
            waited = (now - call.raised_at).total_seconds()
            circle = min(_WIDEST, 1 + int(max(0.0, waited) // seconds))
            if circle > call.circle:
                body = wire.AssistanceWidened(call_id=call.id, circle=circle)
                _keep(box, call.model_copy(update={"circle": circle}), body, now=now)


def close(box: Box, *, call_id: UUID, by: str, note: str, now: datetime) -> HelpCall:
    """Somebody in the hall says that the visitor was helped, in two words (`note`).

    The words and the name go into the event, which is sealed to the centre; the box itself keeps neither.
    """
    with box.lock:
        call = _call(box.today(now), call_id)
        if not call.open:
            return call
        facts = {
            "status": wire.CallStatus.CLOSED,
            "by": "",
            "acknowledged_at": call.acknowledged_at or now,
            "closed_at": now,
        }
        answer = _answer(wire.BoxEvent.ASSISTANCE_CLOSED, call, by, note)
        call = call.model_copy(update=facts)
        _keep(box, call, answer, now=now)
    return call


def from_centre(box: Box, state: wire.CallState, *, now: datetime) -> None:
    """Take what the centre says of a call. It may come again, late, or for a call this box no longer knows."""
    with box.lock:
        call = box.today(now).calls.get(state.call_id)
        if call is None or not call.open:
            return
        facts: dict[str, object]
        if state.status is wire.CallStatus.CLOSED:
            facts = {"status": state.status, "closed_at": state.at, "by": ""}
        elif state.status is wire.CallStatus.ACKNOWLEDGED and call.status is wire.CallStatus.RAISED:
            facts = {"status": state.status, "by": state.by, "acknowledged_at": state.at, "from_centre": True}
        else:
            return
        _keep(box, call.model_copy(update=facts), None, now=now)


def lamp(hall: Hall) -> LampState:
    """Return what the lamp shows for the calls of the hall."""
    states = {call.status for call in hall.calls.values() if call.open}
    if wire.CallStatus.RAISED in states:
        return LampState.CALLING
    return LampState.COMING if states else LampState.OFF


def _call(hall: Hall, call_id: UUID) -> HelpCall:
    call = hall.calls.get(call_id)
    if call is None:
        raise NotThere("error.no_such_call")
    return call


def _answer(kind: wire.BoxEvent, call: HelpCall, by: str, note: str = "") -> wire.AssistanceAnswered:
    return wire.AssistanceAnswered.model_validate({"type": kind, "call_id": call.id, "by": by, "note": note})
