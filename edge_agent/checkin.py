"""Appointment codes, held up or typed: a number, or a refusal with a sentence and "call staff"."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent import policy, tickets
from edge_agent.box import Box, Hall
from edge_agent.errors import TooMany
from edge_agent.records import Ticket
from shared import codes, wire

_MINUTE = timedelta(minutes=1)
#: Refused codes in a minute, more than hands can hold up. Each is written down: nobody shall fill the disk with them.
REFUSALS_PER_MINUTE = 60


class Outcome(NamedTuple):
    """What a code led to: a ticket (`refusal` None), or a refusal, with the number taken before if there is one.

    `sentence` is the catalogue key of what the visitor reads.
    """

    ticket: Ticket | None
    refusal: wire.Refusal | None
    sentence: str


class _Case(NamedTuple):
    """What is known about a code before it is judged."""

    appointment_id: UUID | None
    kind: wire.VisitKind
    refusal: wire.Refusal | None
    sentence: str = ""


def check_in(box: Box, *, text: str, keys: list[Ed25519PublicKey], nonce: str, now: datetime) -> Outcome:
    """Take a code as read or typed. The same `nonce` gets the same ticket. The code itself is stored nowhere.

    Raise `TooMany` after `REFUSALS_PER_MINUTE`, and `CannotKeep`.
    """
    with box.lock:
        known = _same_tap(box.today(now), nonce)
        lately = sum(1 for at in box.refusals if abs(now - at) < _MINUTE)
    if known is not None:
        return Outcome(known, None, "kiosk.taken")
    if lately >= REFUSALS_PER_MINUTE:
        raise TooMany("error.too_many_codes")
    signed = text.strip().upper().startswith(codes.PREFIX)
    found = _signed(text, keys) if signed else _typed(box, text, now=now)
    with box.lock:
        case = found if isinstance(found, _Case) else _judged(box, found, now=now)
        if case.refusal is None:
            ticket = tickets.take(
                box, kind=case.kind, nonce=nonce, now=now, appointment_id=case.appointment_id
            )
            return Outcome(ticket, None, "kiosk.taken")
        return _refuse(box, case, now=now)


def roster(hall: Hall, now: datetime) -> wire.Roster | None:
    """Return today's roster while it is valid."""
    held = hall.rosters.get(hall.date)
    return held if held is not None and now <= held.not_after else None


def _same_tap(hall: Hall, nonce: str) -> Ticket | None:
    marked = f"{hall.day}/{nonce}"
    return next((one for one in hall.tickets.values() if one.nonce == marked), None)


def _signed(text: str, keys: list[Ed25519PublicKey]) -> codes.AppointmentToken | _Case:
    try:
        return codes.read(text, keys)
    except codes.BadToken as error:
        reason = wire.Refusal.FORGED if error.forged else wire.Refusal.UNREADABLE
        return _Case(None, wire.VisitKind.APPOINTMENT, reason)


def _typed(box: Box, text: str, *, now: datetime) -> wire.AppointmentEntry | _Case:
    with box.lock:
        held = roster(box.today(now), now)
    if len(codes.normal_short_code(text)) != codes.SHORT_LENGTH:
        return _Case(None, wire.VisitKind.APPOINTMENT, wire.Refusal.UNREADABLE)
    if held is None:
        return _Case(None, wire.VisitKind.APPOINTMENT, wire.Refusal.UNKNOWN, "refusal.no_roster")
    entry = policy.find_entry(held.entries, codes.short_code_hash(text, held.salt))
    return entry or _Case(None, wire.VisitKind.APPOINTMENT, wire.Refusal.UNKNOWN)


def _judged(box: Box, found: codes.AppointmentToken | wire.AppointmentEntry, *, now: datetime) -> _Case:
    hall = box.today(now)
    window = box.rules.window
    if isinstance(found, wire.AppointmentEntry):
        slot = (found.slot_start, found.slot_end)
        used = found.appointment_id in hall.used
        refusal = policy.judge(
            court=window.court, slot=slot, window=window, revoked=found.revoked, used=used, now=now
        )
        return _Case(found.appointment_id, found.kind, refusal)
    held = roster(hall, now)
    entry = (
        next((e for e in held.entries if e.appointment_id == found.appointment_id), None) if held else None
    )
    refusal = policy.judge_token(found, entry=entry, used=hall.used, window=window, now=now)
    return _Case(found.appointment_id, entry.kind if entry else wire.VisitKind.APPOINTMENT, refusal)


def _refuse(box: Box, case: _Case, *, now: datetime) -> Outcome:
    reason = case.refusal or wire.Refusal.UNKNOWN
    box.refusals.append(now)
    with box.act(now=now) as act:
        act.report(wire.CheckinRefused(reason=reason, appointment_id=case.appointment_id))
    earlier = None
    if reason is wire.Refusal.ALREADY_USED:
        found = box.today(now).tickets.values()
        earlier = next((one for one in found if one.appointment_id == case.appointment_id), None)
    return Outcome(earlier, reason, case.sentence or f"refusal.{reason.value}")
