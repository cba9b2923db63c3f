"""Send what is queued: claimed for a while, checked once more, handed over, marked together with the petition's event.

A crash before the hand-over repeats nothing; one between the other side's yes and our mark sends the same message, under the same
key, once more after the claim has lapsed: the window of docs/notifications.md, no wider.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlmodel import Session, col, select

from central import db
from central.actor import Via, system
from central.context import Context
from central.db import is_sqlite
from central.deadlines.in_force import calendar_in_force
from central.events import log
from central.events.kinds import Kind
from central.messages.models import PetitionerMessage
from central.messages.rules import WAYS, MessageState, Why, masked
from central.notifications.channels import Failed, Message, Refused, Sender
from central.notifications.hours import allowed
from central.notifications.queries import house_hours
from central.notifications.rules import Channel
from central.notifications.sending import ANSWERS, CLAIM, WAITS
from central.petitions import contact, moves, queries
from central.petitions.models import Petitioner, TellBy
from shared.canonical import Json
from shared.i18n import Lang

LOG = structlog.get_logger()
#: Gives the sentence of a key in a language.
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class House:
    """What sending needs beside the database: the ways out that are set up, and the words."""

    senders: Mapping[Channel, Sender]
    say: Say


def run(context: Context, house: House, now: datetime) -> int:
    """Send what is due, in the hours and on the days in which anybody may be told; return how many messages ended."""
    settings, ended = context.settings, 0
    claim = CLAIM + ANSWERS * timedelta(seconds=max(settings.mail.seconds, settings.sms.seconds))
    with context.read() as s:
        calendar = calendar_in_force(s)
    while allowed(now, house_hours(settings.notices), calendar):
        with db.unit_of_work(context.engine) as s:
            claimed = _claim(s, now, claim)
        if claimed is None:
            break
        ended += _send(context, claimed, house, now)
        now = context.clock.now()
    return ended


def _claim(s: Session, now: datetime, claim: timedelta) -> UUID | None:
    """Take a message for this process: no other touches it until the claim has lapsed."""
    under_way = col(PetitionerMessage.state).in_([MessageState.QUEUED, MessageState.SENDING])
    query = select(PetitionerMessage).where(under_way, PetitionerMessage.next_try_at <= now)
    if not is_sqlite(s):
        query = query.with_for_update(skip_locked=True)
    order = (col(PetitionerMessage.next_try_at), col(PetitionerMessage.id))
    row = s.exec(query.order_by(*order).limit(1)).first()
    if row is None:
        return None
    row.state, row.attempts, row.next_try_at = MessageState.SENDING, row.attempts + 1, now + claim
    return row.id


def _send(context: Context, message_id: UUID, house: House, now: datetime) -> bool:
    """Send one claimed message; say whether it ended."""
    with context.read() as s:
        row = s.get_one(PetitionerMessage, message_id)
        sender = house.senders.get(WAYS[TellBy(row.channel)])
        found = _message(s, context, row, house.say, now)
    if isinstance(found, Why):
        return _end(context, message_id, MessageState.STOPPED, found, None)
    if sender is None:
        return _end(context, message_id, MessageState.PARKED, Why.NOT_SET_UP, None)
    try:
        code = sender.send(found)
    except Refused as error:
        return _end(context, message_id, MessageState.PARKED, Why.REFUSED, error.code)
    except Failed as error:
        return _again(context, message_id, error.code)
    return _end(context, message_id, MessageState.SENT, None, code)


def _message(s: Session, context: Context, row: PetitionerMessage, say: Say, now: datetime) -> Message | Why:
    """Return the message, or why nothing is sent: who chose otherwise in the meantime is not told."""
    petition = queries.by_id(s, row.petition_id)
    person = queries.petitioner(s, row.petition_id)
    if petition is None or petition.erased_at is not None:
        return Why.ERASED
    if person is None or row.channel not in contact.told_by(person):
        return Why.NOT_WANTED
    address = person.phone if row.channel == TellBy.SMS else person.mail
    if not address:
        return Why.NO_ADDRESS
    lang, url = _lang(person, context), context.settings.http.public_url.rstrip("/")
    link = f"{url}/track" if url else ""
    words = {"number": masked(petition.number), "link": link}
    brief = say(lang, "messages.brief" if link else "messages.brief_nowhere", **words)
    return Message(
        key=row.id,
        at=now,
        to=address,
        username="petitioner",
        subject=say(lang, "messages.subject", number=words["number"]),
        text=say(lang, "messages.text", number=words["number"]),
        brief=brief,
        link=link,
    )


def _lang(person: Petitioner, context: Context) -> Lang:
    return Lang.EN if person.language == "en" else Lang(context.settings.language)


def _end(context: Context, message_id: UUID, state: MessageState, why: Why | None, code: str | None) -> bool:
    now = context.clock.now()
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(PetitionerMessage, message_id)
        row.state, row.why, row.code = state, why, code
        row.sent_at = now if state is MessageState.SENT else None
        if state is not MessageState.STOPPED:
            _record(s, row, now)
    return True


def _record(s: Session, row: PetitionerMessage, now: datetime) -> None:
    """Put it on the petition's timeline: sent, or that it did not get through. Where it went is no part of the log."""
    kind = Kind.MESSAGE_SENT if row.state == MessageState.SENT else Kind.MESSAGE_FAILED
    facts: dict[str, Json] = {"tell_by": row.channel, "about": list(row.about)}
    if row.why:
        facts |= {"failed": row.why, "code": row.code or ""}
        LOG.warning("message to a petitioner parked", message=str(row.id), why=row.why, code=row.code)
    log.record(
        s, kind=kind, stream=moves.stream_of(row.petition_id), actor=system(Via.JOB), at=now, facts=facts
    )


def _again(context: Context, message_id: UUID, code: str) -> bool:
    """Queue it for another try, later each time; park it when it failed often enough."""
    now = context.clock.now()
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(PetitionerMessage, message_id)
        if row.attempts >= context.settings.notices.tries:
            row.state, row.why, row.code = MessageState.PARKED, Why.GAVE_UP, code
            _record(s, row, now)
            return True
        wait = WAITS[min(row.attempts, len(WAITS)) - 1]
        row.state, row.code, row.next_try_at = MessageState.QUEUED, code, now + wait
        return False
