"""Have people told, and keep how they want to be. Whoever has something to say calls `tell`; the worker does the rest."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.db import is_sqlite
from central.errors import Conflict, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.notifications.forms import Prefer
from central.notifications.models import Dispatch, Notice, NoticePreference
from central.notifications.rules import Channel, DispatchState, NoticeState
from shared.canonical import Json
from shared.ids import new_id

NOTICE: Table = Notice.__table__  # type: ignore[attr-defined]
DISPATCH: Table = Dispatch.__table__  # type: ignore[attr-defined]


def forget(s: Session, petition_ids: Collection[UUID]) -> None:
    """Delete what staff were or are to be told of petitions that are taken back."""
    s.connection().execute(delete(NOTICE).where(NOTICE.c.petition_id.in_(petition_ids)))


def tell(
    s: Session,
    *,
    recipient: UUID,
    court_id: UUID,
    kind: str,
    key: str,
    at: datetime,
    petition_id: UUID | None = None,
    due_on: date | None = None,
    values: Mapping[str, Any] | None = None,
    at_once: bool = False,
) -> None:
    """Have one member of staff told one thing, once however often this is called with the same `key`.

    `kind` is the key of a sentence in anybody's catalogue, with `values` (codes, numbers and days; no names and no words of
    petitioners: it leaves the house) and, for a petition, its `{number}`. `court_id`: whose work it is about. Of a petition
    the recipient may not see when the message goes out, nothing is told. It goes with the digest of the next morning;
    `at_once`: by itself, as soon as the hours allow.
    """
    row = planned(
        key=f"{key}/{recipient.hex}",
        kind=kind,
        staff_id=recipient,
        court_id=court_id,
        petition_id=petition_id,
        due_on=due_on,
        values=dict(values or {}),
        at_once=at_once,
        made_at=at,
    )
    put(s, [row])


def planned(**columns: Any) -> dict[str, Any]:
    """Return a whole row of `notice`, the columns not named as a new notice has them."""
    row: dict[str, Any] = {
        "id": new_id(),
        "staff_id": None,
        "petition_id": None,
        "clock_id": None,
        "level": None,
        "rule": None,
        "due_on": None,
        "values": {},
        "at_once": False,
        "state": NoticeState.PLANNED.value,
        "why": None,
        "told_at": None,
        "bundle": None,
    }
    return row | columns


def put(s: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write notices; those whose key is there stay as they are, whoever wrote them."""
    if not rows:
        return
    insert = sqlite.insert if is_sqlite(s) else postgresql.insert
    statement = insert(NOTICE).on_conflict_do_nothing(index_elements=["key"])
    s.connection().execute(statement, [dict(row) for row in rows])


def set_preference(
    s: Session, *, form: Prefer, offered: Collection[Channel], by: Actor, now: datetime
) -> None:
    """Keep how the actor wants to be told; raise `Invalid` for a channel that is not set up."""
    if form.channel not in offered:
        raise Invalid("notifications.not_offered", field="channel")
    if by.staff_id is None:
        raise NotFound
    row = s.get(NoticePreference, by.staff_id)
    if row is None:
        row = NoticePreference(staff_id=by.staff_id)
        s.add(row)
    row.channel, row.digest = form.channel, form.digest
    row.opens, row.closes, row.mail, row.phone = form.opens, form.closes, form.mail, form.phone
    facts: dict[str, Json] = {"channel": str(form.channel), "digest": form.digest}
    stream = stream_name("staff", by.staff_id)
    log.record(s, kind=Kind.STAFF_NOTICES_SET, stream=stream, actor=by, at=now, facts=facts)


def mark_read(s: Session, *, by: Actor, dispatch_id: UUID | None, everything: bool, now: datetime) -> None:
    """Mark one message of the actor's inbox as read, or all; of somebody else's nothing happens."""
    statement = update(DISPATCH).where(DISPATCH.c.staff_id == by.staff_id, DISPATCH.c.read_at.is_(None))
    statement = statement.where(DISPATCH.c.channel == Channel.INBOX.value)
    if not everything:
        statement = statement.where(DISPATCH.c.id == dispatch_id)
    s.connection().execute(statement.values(read_at=now))


def try_again(s: Session, *, dispatch_id: UUID, by: Actor, now: datetime) -> None:
    """Queue a parked message anew: one's own, or of one's court with the right to; raise `NotFound`, `Conflict`."""
    row = s.get(Dispatch, dispatch_id, with_for_update=True)
    theirs = row is not None and row.court_id == by.court_id and may(by, Right.SEE_NOTICES)
    if row is None or not (theirs or row.staff_id == by.staff_id):
        raise NotFound
    if row.state != DispatchState.PARKED:
        raise Conflict("notifications.not_parked")
    row.state, row.why, row.code = DispatchState.QUEUED, None, None
    row.attempts, row.next_try_at = 0, now
