"""What each screen shows, as plain values. Built whole each time: a page that missed something gets everything anew."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from edge_agent import assist, pace, tickets, tray, waiting
from edge_agent.box import Hall
from edge_agent.desk import Desk
from edge_agent.errors import NotThere
from edge_agent.ports import LampState, PrintOutcome
from edge_agent.records import HelpCall, Ticket, TicketState
from shared.clock import COURT_ZONE
from shared.i18n import Lang
from shared.wire import VisitKind

View = dict[str, Any]
_RECENT = 5
#: Whom the display lists: not who missed the call, nor who waits again.
_ON_DISPLAY = {TicketState.CALLED, TicketState.SERVED, TicketState.HELD}
#: Most waiting numbers listed one by one at a counter; the counts by kind are of all.
_LISTED = 60
#: What the display says of calls, as the lamp does.
_HELP = {LampState.OFF: "", LampState.CALLING: "help", LampState.COMING: "coming"}
#: What was held up is shown by a page that was there; one that connects later has nothing to show.
_HELD_UP_FOR = timedelta(seconds=10)


def clock_time(at: datetime | None) -> str:
    """Return hours and minutes in the court's zone."""
    return at.astimezone(COURT_ZONE).strftime("%H:%M") if at else ""


def drill(desk: Desk) -> View | None:
    """Return what every screen says of a drill that goes on: until when."""
    with desk.box.lock:
        found, now = desk.box.drill, desk.clock.now()
        return {"until": clock_time(found.until)} if found is not None and found.on(now) else None


def kiosk(desk: Desk, lang: Lang) -> View:
    """Return what the touch page shows."""
    with desk.box.lock:
        now = desk.clock.now()
        hall = desk.box.today(now)
        return {
            "waiting": {kind.value: count for kind, count in _counts(hall).items()},
            "calls": [_call(desk, call, lang) for call in _open_calls(hall)],
            "held_up": _held_up(desk, lang, now),
            "out_of_order": "alarm.cannot_keep" in desk.box.alarms,
            "drill": drill(desk),
        }


def result(desk: Desk, ticket: Ticket, lang: Lang) -> View:
    """Return what a visitor sees of a fresh ticket."""
    place = own_place(desk, ticket.id, lang)
    qr = f"/ticket/{ticket.id}/qr.svg" if desk.own_address(ticket.id) else ""
    return {**place, "slip": desk.t(_slip_sentence(desk, ticket), lang), "qr": qr}


def own_place(desk: Desk, ticket_id: UUID, lang: Lang) -> View:
    """Return a visitor's own place; raise `NotThere` for another day's ticket."""
    with desk.box.lock:
        now = desk.clock.now()
        hall, paused = desk.box.today(now), desk.box.waits_for_the_end(ticket_id, now)
        ticket = paused or hall.tickets.get(ticket_id)
        if ticket is None:
            raise NotThere("error.no_such_ticket")
        waits = ticket.state is TicketState.WAITING and paused is None
        before = tickets.before(desk.box, ticket=ticket, now=now) if waits else 0
        wait = _wait(desk, ticket, lang) if waits else ""
        mine = [call for call in hall.calls.values() if call.open and call.place == ticket.label]
    sentence = desk.t(f"ticket_page.{ticket.state.value}", lang, counter=ticket.counter)
    place = desk.t("kiosk.before_you", lang, count=before) if before else desk.t("kiosk.you_are_next", lang)
    return {
        "id": str(ticket.id),
        "number": ticket.label,
        "kind": desk.t(f"kind.{ticket.wants.value}", lang),
        "state": ticket.state.value,
        "sentence": sentence,
        "before": before,
        "place": place if waits else "",
        "wait": wait,
        "help": bool(mine),
        "drill": drill(desk),
        "paused": paused is not None,
        "practised": bool(mine) and all(call.drill for call in mine),
        "taken": desk.t("ticket_page.taken_at", lang, day=ticket.date, time=clock_time(ticket.taken_at)),
    }


def _wait(desk: Desk, ticket: Ticket, lang: Lang) -> str:
    """What a waiting visitor is told of the time, with how wrong it was today."""
    hall, now = desk.box.hall, desk.clock.now()
    span = pace.wait_of(desk.box, hall, ticket, line=tickets.waiting(hall), now=now)
    told = (
        desk.t("kiosk.wait", lang, minutes=waiting.minutes(span)) if span else desk.t("kiosk.wait_none", lang)
    )
    return f"{told} {error_sentence(desk, lang)}".strip()


def error_sentence(desk: Desk, lang: Lang) -> str:
    """Return how wrong the estimates of today were; empty as long as too few came due."""
    wrong = pace.error_of(desk.box.hall)
    return "" if wrong is None else desk.t("kiosk.wait_error", lang, minutes=waiting.minutes(wrong))


def display(desk: Desk, lang: Lang) -> View:
    """Return what the public display shows: numbers and counters, nothing of any person."""
    del lang  # the display speaks both
    with desk.box.lock:
        hall = desk.box.today(desk.clock.now())
        called = [one for one in tickets.called(hall) if one.state in _ON_DISPLAY]
        called.sort(key=lambda one: (one.called_at or one.taken_at, one.turn or 0), reverse=True)
        return {
            "called": [_on_display(ticket) for ticket in called[: _RECENT + 1]],
            "waiting": len(tickets.waiting(hall)),
            "help": _HELP[assist.lamp(hall)],
            "drill": drill(desk),
        }


def counter(desk: Desk, number: int, lang: Lang) -> View:
    """Return what staff at one counter see."""
    with desk.box.lock:
        now = desk.clock.now()
        hall = desk.box.today(now)
        here = tickets.at_counter(hall, number)
        absent = [one for one in hall.tickets.values() if one.state is TicketState.ABSENT]
        view = {
            "current": _at_counter(desk, here, lang) if here else None,
            "waiting": [_line(desk, hall, kind, lang) for kind in VisitKind],
            "waiting_count": len(tickets.waiting(hall)),
            "absent": [{"id": str(one.id), "number": one.label} for one in sorted(absent, key=_position)],
            "held": [
                {"id": str(one.id), "number": one.label}
                for one in sorted(hall.tickets.values(), key=_position)
                if one.state is TicketState.HELD
            ],
            "people": [_person(desk, one, lang) for one in tickets.waiting(hall)[:_LISTED]],
            "wrong": sum(1 for one in hall.tickets.values() if one.state is TicketState.WRONG),
            "rule": desk.box.fairness._asdict(),
            "error": error_sentence(desk, lang),
            "unprinted": _unprinted(desk, hall),
            "calls": [_call(desk, call, lang) for call in _open_calls(hall)],
            "alarms": [desk.t(one.key, lang, detail=one.detail) for one in desk.box.alarms.values()],
            "drill": drill(desk),
        }
    stands = line(desk, lang)
    return {
        **view,
        "line": stands,
        "tray": [*tray.papers(desk, lang), *(tray.shown(desk, lang) if stands["parked"] else [])],
    }


def line(desk: Desk, lang: Lang) -> View:
    """Return how the line to the centre stands and what waits for it."""
    counts = desk.outbox.counts()
    state = desk.link.state if desk.link else None
    key = "line.off" if state is None else "line.up" if state.up else "line.down"
    return {
        "up": bool(state and state.up),
        "text": desk.t(key, lang),
        "waiting": desk.t("line.waiting", lang, count=counts.waiting) if counts.waiting else "",
        "parked": desk.t("line.parked", lang, count=counts.parked) if counts.parked else "",
        "since": state.since if state else None,
    }


def _position(ticket: Ticket) -> int:
    return ticket.position


def _counts(hall: Hall) -> dict[VisitKind, int]:
    line = tickets.waiting(hall)
    return {kind: sum(1 for one in line if one.wants is kind) for kind in VisitKind}


def _open_calls(hall: Hall) -> Iterable[HelpCall]:
    return sorted((call for call in hall.calls.values() if call.open), key=lambda call: call.raised_at)


def _call(desk: Desk, call: HelpCall, lang: Lang) -> View:
    coming = desk.t("help.coming", lang, by=call.by) if call.by else desk.t("help.coming_staff", lang)
    return {
        "id": str(call.id),
        "status": call.status.value,
        "drill": call.drill,
        "place": desk.t("counter_help.raised", lang, place=call.place),
        "since": desk.t("counter_help.since", lang, time=clock_time(call.raised_at)),
        "by": call.by,
        "coming": coming if call.acknowledged_at else "",
        "arrived": desk.t("counter_help.arrived", lang, time=clock_time(call.arrived_at))
        if call.arrived_at
        else "",
        "circle": call.circle,
        "widened": desk.t(f"counter_help.circle_{call.circle}", lang) if call.circle > 1 else "",
        "answered": desk.t("counter_help.coming", lang, by=call.by or "—") if call.acknowledged_at else "",
        "centre": desk.t("counter_help.centre", lang) if call.from_centre else "",
    }


def _held_up(desk: Desk, lang: Lang, now: datetime) -> View | None:
    shown = desk.held_up
    if shown is None or abs(now - shown.at) > _HELD_UP_FOR:
        return None
    ticket = desk.box.today(now).tickets.get(shown.ticket_id) if shown.ticket_id else None
    fresh = ticket is not None and not shown.refused
    return {
        "id": shown.id,
        "ticket": result(desk, ticket, lang) if fresh and ticket else None,
        "refused": refusal(desk, shown.sentence, ticket, lang) if not fresh else None,
    }


def uuid_of(text: str) -> UUID:
    """Return the id in an address; raise `NotThere` for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotThere("error.no_such_ticket") from None


def refusal(desk: Desk, sentence: str, earlier: Ticket | None, lang: Lang) -> View:
    """Return what a refused visitor reads, with the number the code opened before."""
    text = desk.t(sentence, lang, minutes=desk.settings.hall.early_minutes)
    number = desk.t("kiosk.earlier_number", lang, number=earlier.label) if earlier else ""
    return {"sentence": text, "earlier": number, "why": sentence.partition(".")[2]}


def _slip_sentence(desk: Desk, ticket: Ticket) -> str:
    if desk.settings.drivers.printer == "none":
        return "kiosk.slip_none"
    if ticket.printed is None:
        return "kiosk.slip_printing"
    return "kiosk.slip_printed" if ticket.printed is PrintOutcome.PRINTED else "kiosk.slip_failed"


def _on_display(ticket: Ticket) -> View:
    return {"number": ticket.label, "counter": ticket.counter, "call": f"{ticket.id}/{ticket.calls}"}


def _at_counter(desk: Desk, ticket: Ticket, lang: Lang) -> View:
    called = desk.t("counter.called_at", lang, time=clock_time(ticket.called_at), times=ticket.calls)
    return {
        "id": str(ticket.id),
        "number": ticket.label,
        "kind": desk.t(f"kind.{ticket.wants.value}", lang),
        "wants": ticket.wants.value,
        "booked": desk.t("counter.booked", lang) if ticket.booked else "",
        "declared": desk.t("counter.declared", lang) if ticket.declared else "",
        "called": called,
        "unprinted": desk.t("counter.unprinted", lang)
        if ticket.printed not in {None, PrintOutcome.PRINTED}
        else "",
    }


def _line(desk: Desk, hall: Hall, kind: VisitKind, lang: Lang) -> View:
    here = [one for one in tickets.waiting(hall) if one.wants is kind]
    return {
        "kind": kind.value,
        "name": desk.t(f"kind.{kind.value}", lang),
        "count": len(here),
        "numbers": [one.label for one in here[:8]],
        "since": here[0].taken_at.isoformat() if here else None,
    }


def _person(desk: Desk, ticket: Ticket, lang: Lang) -> View:
    """One waiting number in the list from which staff pick."""
    return {
        "id": str(ticket.id),
        "number": ticket.label,
        "kind": desk.t(f"kind.{ticket.wants.value}", lang),
        "lane": desk.t(f"lane.{ticket.lane.value}", lang),
        "declared": ticket.declared,
        "only": desk.t("display.counter", lang, counter=ticket.to_counter) if ticket.to_counter else "",
        "since": ticket.taken_at.isoformat(),
    }


def _unprinted(desk: Desk, hall: Hall) -> list[View]:
    """Numbers whose slip did not come out, while their holders are in the hall."""
    if desk.settings.drivers.printer == "none":
        return []
    there = {TicketState.WAITING, TicketState.CALLED}
    found = [
        one
        for one in hall.tickets.values()
        if one.state in there and one.printed not in {None, PrintOutcome.PRINTED}
    ]
    return [{"id": str(one.id), "number": one.label} for one in sorted(found, key=_position)]
