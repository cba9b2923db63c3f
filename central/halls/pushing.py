"""Calls for help as notifications on devices of staff: planned from what stands open, sent, marked. No call ever waits for one.

A job (`central.jobs`, one process at a time) looks every second. A crash between the push service's yes and our mark sends the
notification once more; it bears the same tag, so the device shows it in the place of the first.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlmodel import Session, col, delete, select

from central import db
from central.accounts import push_devices
from central.accounts import queries as accounts
from central.accounts.models import PushDevice, Staff
from central.accounts.permissions import Right, may
from central.actor import Via, system
from central.context import Context
from central.courts import queries as courts
from central.halls.models import AssistanceCall
from central.halls.push_models import PushMessage, PushState
from central.halls.webpush import Address, Failed, Gone, NotPushed, Pusher
from central.keys import push_key
from shared.clock import COURT_ZONE
from shared.i18n import Lang

LOG = structlog.get_logger()
#: A call older than this is told by pages alone: whoever allows a device today is not told of yesterday's.
FRESH = timedelta(hours=1)
#: Waits between tries; the last one repeats.
WAITS = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=45))
#: What became of notifications is kept so long.
KEPT = timedelta(days=7)
#: Push services are spoken to so many at a time, and so many notifications in a round.
AT_ONCE, LOT = 8, 200

Key = tuple[UUID, int, UUID]
#: Gives the sentence of a key in a language, with values.
Say = Callable[..., str]


class Due(NamedTuple):
    """A notification that is to go out now."""

    key: Key
    to: Address
    told: Mapping[str, str]


class Outcome(NamedTuple):
    """What became of a try. `state` None: it is tried again."""

    key: Key
    state: PushState | None
    code: str


def run(context: Context, say: Say) -> int:
    """Plan, send and mark; return how many notifications went out."""
    now = context.clock.now()
    with context.read() as s:
        missing = _missing(s, now)
        waiting = bool(missing) or _queued(s, now)
    if not waiting:
        return 0
    with db.unit_of_work(context.engine) as s:
        _plan(s, missing, now)
        due = _due(s, now, say)
    outcomes = _send(context, due, now)
    with db.unit_of_work(context.engine) as s:
        for outcome in outcomes:
            _mark(s, outcome, context.settings.push.tries, context.clock.now())
    return sum(1 for one in outcomes if one.state is PushState.SENT)


def _missing(s: Session, now: datetime) -> list[Key]:
    """Return who has not been told yet of what nobody answers, at the circle where that is now."""
    query = select(AssistanceCall).where(
        col(AssistanceCall.closed_at).is_(None),
        col(AssistanceCall.acknowledged_at).is_(None),
        AssistanceCall.raised_at > now - FRESH,
    )
    calls = s.exec(query).all()
    if not calls:
        return []
    told = select(PushMessage.call_id, PushMessage.circle, PushMessage.device_id)
    known = set(s.exec(told.where(col(PushMessage.call_id).in_([call.id for call in calls]))).all())
    devices = push_devices.of_courts(s, sorted({call.court_id for call in calls}))
    wanted = [
        (call.id, call.circle, device.id)
        for call in calls
        for device, staff in devices
        if staff.court_id == call.court_id
    ]
    return [key for key in wanted if key not in known]


def _queued(s: Session, now: datetime) -> bool:
    query = select(PushMessage.call_id).where(PushMessage.state == PushState.QUEUED)
    return s.exec(query.where(PushMessage.next_try_at <= now).limit(1)).first() is not None


def _plan(s: Session, missing: Sequence[Key], now: datetime) -> None:
    if not missing:
        return
    s.exec(delete(PushMessage).where(col(PushMessage.made_at) < now - KEPT))
    for call_id, circle, device_id in missing:
        s.add(PushMessage(call_id=call_id, circle=circle, device_id=device_id, made_at=now, next_try_at=now))
    s.flush()


def _due(s: Session, now: datetime, say: Say) -> list[Due]:
    """Return what goes out now; what nobody needs any more ends here."""
    query = (
        select(PushMessage, AssistanceCall, PushDevice, Staff)
        .join(AssistanceCall, col(AssistanceCall.id) == PushMessage.call_id)
        .join(PushDevice, col(PushDevice.id) == PushMessage.device_id)
        .join(Staff, col(Staff.id) == PushDevice.staff_id)
        .where(PushMessage.state == PushState.QUEUED, PushMessage.next_try_at <= now)
        .order_by(col(PushMessage.next_try_at))
        .limit(LOT)
    )
    found: list[Due] = []
    for row, call, device, staff in s.exec(query).all():
        answered = call.acknowledged_at or call.closed_at or call.circle != row.circle
        if answered or device.ended_at or not _may_know(s, staff, call):
            row.state, row.ended_at = PushState.STOPPED, now
            continue
        to = Address(device.endpoint, device.p256dh, device.auth)
        words = _words(s, call, Lang(device.lang), say)
        found.append(Due((row.call_id, row.circle, row.device_id), to, words))
    return found


def _may_know(s: Session, staff: Staff, call: AssistanceCall) -> bool:
    if not staff.active or staff.court_id != call.court_id:
        return False
    return may(accounts.actor_for(s, staff, Via.JOB), Right.SEE_HALL)


def _words(s: Session, call: AssistanceCall, lang: Lang, say: Say) -> dict[str, str]:
    """Return what a device shows: court, place and time, nothing of anybody."""
    court = courts.get(s, call.court_id)
    title = say(
        "halls.push.told_title" if call.circle == 1 else "halls.push.told_widened", lang, place=call.place
    )
    name = court.name_en if lang is Lang.EN and court.name_en else court.name
    at = call.raised_at.astimezone(COURT_ZONE)
    return {
        "title": say("halls.push.told_drill", lang, title=title) if call.drill else title,
        "body": say("halls.push.told_body", lang, court=name, at=f"{at:%H:%M}"),
        "tag": call.id.hex,
        "open": "/hall#calls",
    }


def _send(context: Context, due: Sequence[Due], now: datetime) -> list[Outcome]:
    if not due:
        return []
    pusher = Pusher(context.settings.push, push_key(context.settings.data / "keys"))

    def one(each: Due) -> Outcome:
        try:
            code = pusher.send(each.to, each.told, topic=each.key[0].hex, now=now)
        except Failed as error:
            return Outcome(each.key, None, error.code)
        except NotPushed as error:
            state = PushState.GONE if isinstance(error, Gone) else PushState.REFUSED
            return Outcome(each.key, state, error.code)
        return Outcome(each.key, PushState.SENT, code)

    try:
        with ThreadPoolExecutor(min(AT_ONCE, len(due))) as pool:
            return list(pool.map(one, due))
    finally:
        pusher.close()


def _mark(s: Session, outcome: Outcome, tries: int, now: datetime) -> None:
    row = s.get_one(PushMessage, outcome.key)
    row.attempts, row.code = row.attempts + 1, outcome.code
    state = outcome.state
    if state is None and row.attempts < tries:
        row.next_try_at = now + WAITS[min(row.attempts, len(WAITS)) - 1]
        return
    row.state, row.ended_at = state or PushState.GAVE_UP, now
    if state is PushState.GONE:
        push_devices.end_gone(s, device_id=row.device_id, by=system(Via.JOB), now=now)
    if row.state in {PushState.REFUSED, PushState.GAVE_UP}:
        LOG.warning(
            "push not sent",
            call=str(row.call_id),
            device=str(row.device_id),
            state=str(row.state),
            code=row.code,
        )
