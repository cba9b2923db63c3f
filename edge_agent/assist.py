"""Calls for help. Light first: a press is shown even when the disk refuses it, and written as soon as it can be.

Whoever answers first, in the hall or at the centre, is the one the visitor sees; every answer is reported.
"""

from datetime import datetime
from uuid import UUID

from edge_agent.box import Box, Hall
from edge_agent.errors import CannotKeep, NotThere
from edge_agent.ports import LampState
from edge_agent.records import HelpCall
from shared import wire
from shared.ids import new_id


def press(box: Box, *, origin: wire.CallOrigin, now: datetime, place: str = "") -> HelpCall:
    """Call for help at `place` (empty: the box's own). While a call of that place is open, a press is that call."""
    with box.lock:
        hall = box.today(now)
        where = place or box.rules.place
        known = next((call for call in hall.calls.values() if call.open and call.place == where), None)
        if known is not None:
            return known
        call = HelpCall(id=new_id(), day=hall.day, place=where, origin=origin, raised_at=now)
        try:
            _write(box, call, now=now)
        except CannotKeep:
            hall.calls[call.id] = box.unkept[call.id] = call
            box.on_change()
    return call


def write_unkept(box: Box, *, now: datetime) -> None:
    """Write the calls that the disk refused, with their own times; leave them for the next time when it still does."""
    with box.lock:
        for call_id in list(box.unkept):
            _write(box, box.hall.calls.get(call_id, box.unkept[call_id]), now=now)
            del box.unkept[call_id]


def _write(box: Box, call: HelpCall, *, now: datetime) -> None:
    with box.act(now=now) as act:
        act.keep_call(call)
        raised = wire.AssistanceRaised(call_id=call.id, place=call.place, origin=call.origin)
        act.report(raised, at=call.raised_at)


def acknowledge(box: Box, *, call_id: UUID, by: str, now: datetime) -> HelpCall:
    """Somebody in the hall says "I am coming"."""
    with box.lock:
        call = _call(box.today(now), call_id)
        if not call.open or call.by == by:
            return call
        first = call.status is wire.CallStatus.RAISED
        with box.act(now=now) as act:
            act.report(_answer(wire.BoxEvent.ASSISTANCE_ACKNOWLEDGED, call, by))
            if first:
                facts = {"status": wire.CallStatus.ACKNOWLEDGED, "by": by, "acknowledged_at": now}
                call = act.keep_call(call.model_copy(update=facts))
    return call


def close(box: Box, *, call_id: UUID, by: str, note: str, now: datetime) -> HelpCall:
    """Somebody in the hall says that the visitor was helped, in two words (`note`)."""
    with box.lock:
        call = _call(box.today(now), call_id)
        if not call.open:
            return call
        with box.act(now=now) as act:
            act.report(_answer(wire.BoxEvent.ASSISTANCE_CLOSED, call, by, note))
            facts = {
                "status": wire.CallStatus.CLOSED,
                "by": call.by or by,
                "acknowledged_at": call.acknowledged_at or now,
                "closed_at": now,
                "note": note,
            }
            return act.keep_call(call.model_copy(update=facts))


def from_centre(box: Box, state: wire.CallState, *, now: datetime) -> None:
    """Take what the centre says of a call. It may come again, late, or for a call this box no longer knows."""
    with box.lock:
        call = box.today(now).calls.get(state.call_id)
        if call is None or not call.open:
            return
        facts: dict[str, object]
        if state.status is wire.CallStatus.CLOSED:
            facts = {"status": state.status, "closed_at": state.at, "by": call.by or state.by}
        elif state.status is wire.CallStatus.ACKNOWLEDGED and call.status is wire.CallStatus.RAISED:
            facts = {"status": state.status, "by": state.by, "acknowledged_at": state.at, "from_centre": True}
        else:
            return
        with box.act(now=now) as act:
            act.keep_call(call.model_copy(update=facts))


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
