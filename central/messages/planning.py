"""Make messages: of events (behind a cursor) and of rights that end soon (a search, once a day).

The cursor moves in the same transaction as the rows, so a crash neither repeats nor loses any. News that comes while a message
waits for the morning joins it: one message says that there is news, however much there is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, select

from central import db
from central.context import Context
from central.db import is_sqlite
from central.events import log
from central.events.kinds import Kind
from central.events.models import Cursor, Event
from central.messages import queries
from central.messages.models import PetitionerMessage
from central.messages.rules import NEWS, About, MessageState
from central.notifications.models import SweepMark
from central.petitions.models import TellBy
from central.replies.models import Method
from shared.clock import court_day

READER = "messages"
MARK = "messages"
#: Events read with one commit, and rights looked at with one.
READ, LOT = 2000, 1000
#: What happened longer ago is news to nobody: it came with an import.
OLD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class News:
    """Something a petitioner is told of, once: `key` is the thing."""

    key: str
    petition_id: UUID
    about: About


def read(context: Context) -> int:
    """Make messages of the events behind the cursor; return how many events were read."""
    total = 0
    while True:
        with db.unit_of_work(context.engine) as s:
            count = read_lot(s, now=context.clock.now(), limit=READ)
        total += count
        if count < READ:
            return total


def read_lot(s: Session, *, now: datetime, limit: int) -> int:
    """Make messages of at most `limit` events; return how many there were."""
    if not is_sqlite(s):
        s.get(Cursor, READER, with_for_update=True)
    found = log.kinds_after(s, log.position(s, READER), limit=limit)
    if not found:
        return 0
    wanted = [event_id for event_id, kind in found if kind in NEWS]
    news = [_told(event) for event in log.some(s, wanted) if now - event.at < OLD and not _knows(event)]
    put(s, news, now=now)
    log.move(s, READER, found[-1][0])
    return len(found)


def _told(event: Event) -> News:
    return News(f"event/{event.id}", UUID(event.stream.partition("/")[2]), NEWS[Kind(event.kind)])


def _knows(event: Event) -> bool:
    """Say whether the petitioner did it just now: what was read on the tracking page needs no message that it arrived."""
    return event.kind == Kind.REPLY_DELIVERED and log.facts_of(event).get("method") == Method.PORTAL


def remind(context: Context, now: datetime) -> int:
    """Make messages of rights that end soon, once a court day; return how many rights were found."""
    today, total = court_day(now), 0
    with context.read() as s:
        mark = s.get(SweepMark, MARK)
        if mark is not None and mark.day == today:
            return 0
    after: tuple[date, UUID] | None = None
    while True:
        with db.unit_of_work(context.engine) as s:
            found = queries.ending(s, today=today, after=after, limit=LOT)
            put(s, [_ending(each) for each in found], now=now)
        total += len(found)
        if len(found) < LOT:
            break
        after = (found[-1].due_on, found[-1].clock_id)
    with db.unit_of_work(context.engine) as s:
        s.merge(SweepMark(name=MARK, day=today))
    return total


def _ending(each: queries.Ending) -> News:
    # The last day stands in the key: a period that moved is told of anew.
    return News(f"clock/{each.clock_id.hex}/{each.due_on}", each.petition_id, About.REVIEW_ENDS)


def put(s: Session, news: Iterable[News], *, now: datetime) -> None:
    """Write a message for each way of whoever wants to be told; news joins a message that has not begun to leave."""
    known = list(news)
    wishes = queries.wishes(s, {each.petition_id for each in known})
    for each in known:
        wish = wishes.get(each.petition_id)
        for way in wish.ways if wish else ():
            assert wish is not None  # noqa: S101 it has ways
            _put(s, each, way, wish.court_id, now)


def _put(s: Session, news: News, way: TellBy, court_id: UUID, now: datetime) -> None:
    key = f"{news.key}/{way}"
    if s.exec(select(PetitionerMessage.id).where(PetitionerMessage.key == key)).first():
        return
    waiting = select(PetitionerMessage).where(
        PetitionerMessage.petition_id == news.petition_id,
        PetitionerMessage.channel == way,
        PetitionerMessage.state == MessageState.QUEUED,
        PetitionerMessage.attempts == 0,
    )
    if not is_sqlite(s):
        waiting = waiting.with_for_update(skip_locked=True)
    row = s.exec(waiting.limit(1)).first()
    if row is None:
        s.add(
            PetitionerMessage(
                key=key,
                petition_id=news.petition_id,
                court_id=court_id,
                channel=way,
                about=[news.about],
                made_at=now,
                next_try_at=now,
            )
        )
    elif news.about not in row.about:
        row.about = [*row.about, news.about]
    s.flush()
