"""Send what is queued: claimed for a while, checked once more, handed over, marked. Each message ends sent, stopped or parked.

A crash before the hand-over repeats nothing; one between the other side's yes and our mark sends the same message, under the same
key, once more after the claim has lapsed. That window, one commit long, cannot be closed: see docs/notifications.md.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import Session, col, select

from central import db
from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Via
from central.context import Context
from central.db import is_sqlite
from central.deadlines.in_force import calendar_in_force
from central.deadlines.levels import shares_of
from central.notifications import queries
from central.notifications.channels import Failed, Message, Refused, Sender
from central.notifications.gathering import still
from central.notifications.hours import allowed, horizon
from central.notifications.judging import Day, urgency
from central.notifications.models import Dispatch, Notice
from central.notifications.rules import Channel, DispatchState, Level, Why
from central.petitions import queries as petitions
from shared.clock import court_day

LOG = structlog.get_logger()
#: Gives the sentence of a key with values; messages are in the language of the house.
Say = Callable[..., str]
#: A claim outlives any hand-over, in which the other side is waited for so often.
CLAIM, ANSWERS = timedelta(minutes=1), 10
#: Waits between tries; the last one repeats.
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
#: Lines that are written out; the rest is counted.
MOST_LINES = 50


def run(context: Context, senders: Mapping[Channel, Sender], say: Say, now: datetime) -> int:
    """Send what is queued and due, within the hours of the house; return how many messages ended."""
    settings, ended = context.settings, 0
    slowest = max(settings.mail.seconds, settings.sms.seconds, settings.webhook.seconds)
    with context.read() as s:
        calendar = calendar_in_force(s)
    while allowed(now, queries.house_hours(settings.notices), calendar):
        with db.unit_of_work(context.engine) as s:
            claimed = _claim(s, now, CLAIM + ANSWERS * timedelta(seconds=slowest))
        if claimed is None:
            break
        ended += _send(context, claimed, senders, say, now)
        now = context.clock.now()
    return ended


def _claim(s: Session, now: datetime, claim: timedelta) -> UUID | None:
    """Take a message for this process: no other touches it until the claim has lapsed."""
    under_way = col(Dispatch.state).in_([DispatchState.QUEUED, DispatchState.SENDING])
    query = select(Dispatch).where(under_way, Dispatch.next_try_at <= now)
    if not is_sqlite(s):
        query = query.with_for_update(skip_locked=True)
    row = s.exec(query.order_by(col(Dispatch.next_try_at), col(Dispatch.id)).limit(1)).first()
    if row is None:
        return None
    row.state, row.attempts, row.next_try_at = DispatchState.SENDING, row.attempts + 1, now + claim
    return row.id


def _send(
    context: Context, dispatch_id: UUID, senders: Mapping[Channel, Sender], say: Say, now: datetime
) -> bool:
    """Send one claimed message; say whether it ended."""
    with context.read() as s:
        row = s.get_one(Dispatch, dispatch_id)
        sender = senders.get(Channel(row.channel))
        message = None
        if sender is not None:
            message = _message(s, context, row, say, now)
    if sender is None:
        return _end(context, dispatch_id, DispatchState.PARKED, Why.NO_ADDRESS, None, now)
    if isinstance(message, Why):
        return _end(
            context,
            dispatch_id,
            DispatchState.PARKED if message is Why.NO_ADDRESS else DispatchState.STOPPED,
            message,
            None,
            now,
        )
    assert message is not None  # noqa: S101 there is a sender
    try:
        code = sender.send(message)
    except Refused as error:
        return _end(context, dispatch_id, DispatchState.PARKED, Why.REFUSED, error.code, now)
    except Failed as error:
        return _again(context, dispatch_id, error.code, now)
    return _end(context, dispatch_id, DispatchState.SENT, None, code, now)


def _end(
    context: Context,
    dispatch_id: UUID,
    state: DispatchState,
    why: Why | None,
    code: str | None,
    now: datetime,
) -> bool:
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(Dispatch, dispatch_id)
        row.state, row.why, row.code = state, why, code
        row.sent_at = now if state is DispatchState.SENT else None
    if state is DispatchState.PARKED:
        LOG.warning("message parked", dispatch=str(dispatch_id), why=why, code=code)
    return True


def _again(context: Context, dispatch_id: UUID, code: str, now: datetime) -> bool:
    """Queue it for another try, later each time; park it when it failed often enough."""
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(Dispatch, dispatch_id)
        if row.attempts >= context.settings.notices.tries:
            row.state, row.why, row.code = DispatchState.PARKED, Why.GAVE_UP, code
            LOG.warning("message parked", dispatch=str(dispatch_id), why=row.why, code=code)
            return True
        wait = WAITS[min(row.attempts, len(WAITS)) - 1]
        row.state, row.code, row.next_try_at = DispatchState.QUEUED, code, now + wait
        return False


def _message(s: Session, context: Context, row: Dispatch, say: Say, now: datetime) -> Message | Why:
    """Return the message with what is still to be told, or why nothing is sent."""
    settings, today = context.settings, court_day(now)
    staff = s.get_one(Staff, row.staff_id)
    wish = queries.wish(s, staff.id, queries.house_hours(settings.notices))
    address = wish.address if wish.channel == row.channel else None
    if row.channel != Channel.WEBHOOK and not address:
        return Why.NO_ADDRESS
    lines = s.exec(select(Notice).where(Notice.bundle == row.bundle)).all()
    day = Day(today, horizon(today, calendar_in_force(s)), shares_of(settings.worklists))
    whys = still(s, staff, lines, day)
    told = sorted((each for each in lines if each.id not in whys), key=urgency)
    if not told:
        return next(iter(whys.values()), Why.ENDED)
    about = {each.petition_id for each in told if each.petition_id}
    numbers = petitions.numbers(s, about, actor=accounts.actor_for(s, staff, Via.JOB))
    link = settings.http.public_url.rstrip("/") + "/inbox"
    return Message(
        key=row.id,
        at=now,
        to=address or "",
        username=staff.username,
        subject=subject(told, say),
        text=text(told, numbers, say),
        brief=say("notifications.brief", counts=counts(told, say)),
        link=link,
        lines=tuple(_line(each, numbers) for each in told),
    )


def subject(notices: Sequence[Notice], say: Say) -> str:
    """Return the subject of a message: how many of what, nobody's matter."""
    return say("notifications.subject", counts=counts(notices, say))


def counts(notices: Sequence[Notice], say: Say) -> str:
    """Return how many lines of each level, most urgent first, then how many others."""
    parts = [
        say("notifications.count." + level, count=count)
        for level in reversed(Level)
        if (count := sum(each.level == level for each in notices))
    ]
    if news := sum(each.level is None for each in notices):
        parts.append(say("notifications.count.news", count=news))
    return say("notifications.comma").join(parts)


def text(notices: Sequence[Notice], numbers: Mapping[UUID, str], say: Say) -> str:
    """Return the lines of a message, most urgent first; past `MOST_LINES` only how many more."""
    lines = [sentence(each, numbers, say) for each in notices[:MOST_LINES]]
    if len(notices) > MOST_LINES:
        lines.append(say("notifications.more", count=len(notices) - MOST_LINES))
    return "\n".join(lines)


def sentence(notice: Notice, numbers: Mapping[UUID, str], say: Say) -> str:
    """Return one line: what is to be done, under which rule, by when."""
    number = numbers.get(notice.petition_id, "") if notice.petition_id else ""
    words = say(notice.kind, **{"number": number, **notice.values})
    if notice.due_on is None:
        return words
    day = _day(notice.due_on)
    if notice.rule is None:
        return say("notifications.line_due", words=words, due_on=day)
    return say("notifications.line_rule", words=words, rule=say(f"deadlines.rule.{notice.rule}"), due_on=day)


def _day(day: date) -> str:
    return day.isoformat()


def _line(notice: Notice, numbers: Mapping[UUID, str]) -> dict[str, Any]:
    number = numbers.get(notice.petition_id) if notice.petition_id else None
    found = {"kind": notice.kind.rpartition(".")[2], "number": number, "rule": notice.rule}
    return found | {"due_on": notice.due_on.isoformat() if notice.due_on else None}
