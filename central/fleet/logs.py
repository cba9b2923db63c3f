"""The last log lines of a box on demand: asked by an admin, sent down as a signed paper, answered once, read, and gone after a day.

A box sends them only to a question, one answer for each, within the bound that was asked; anything else of it is dropped.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.courts.models import Court
from central.errors import Forbidden, NotFound
from central.events.kinds import Kind
from central.fleet import forms
from central.fleet.models import BoxLog
from central.halls import writing
from central.halls.line_keys import paper
from central.halls.models import HallBox
from central.halls.queries import Sending
from shared import logtail, sealed, topics
from shared.canonical import Json
from shared.ids import new_id
from shared.logtail import GOOD, NAME, Tail, TailAsked, TooMuch

LOG = structlog.get_logger()


def box_seen(s: Session, box_id: str, *, by: Actor) -> tuple[HallBox, Court]:
    """Return a box of the actor's court or one below, with its court; raise `NotFound` for any other, known or not."""
    query = select(HallBox, Court).join(Court, col(Court.id) == HallBox.court_id).where(HallBox.id == box_id)
    found = s.exec(query).first()
    if found is None or not by.court_path or not found[1].path.startswith(by.court_path):
        raise NotFound("fleet.box_unknown")
    return found[0], found[1]


def ask_log(s: Session, form: forms.LogAsked, *, box_id: str, by: Actor, now: datetime) -> BoxLog:
    """Ask a box for its last log lines. While a question waits, asking again is that question."""
    _check(by)
    box, _ = box_seen(s, box_id, by=by)
    if box.revoked_at is not None:
        raise NotFound("fleet.box_unknown")
    writing.enter(s, box.court_id)
    row = s.get(BoxLog, box.id)
    if row is not None and waits(row, now=now):
        return row
    serial = max(row.serial + 1 if row else 1, int(now.timestamp()))
    if row is None:
        row = BoxLog(
            box_id=box.id, court_id=box.court_id, serial=serial, ask_id=new_id(), lines=form.lines,
            asked_at=now, asked_by=by.name, good_until=now + GOOD,
        )  # fmt: skip
    else:
        row.serial, row.ask_id, row.lines, row.document = serial, new_id(), form.lines, ""
        row.asked_at, row.asked_by, row.good_until = now, by.name, now + GOOD
        row.answered_at, row.since, row.got, row.content = None, None, 0, ""
    s.add(row)
    _record(s, Kind.BOX_LOG_ASKED, row, {"lines": row.lines}, by=by, now=now)
    return row


def waits(row: BoxLog, *, now: datetime) -> bool:
    """Say whether a question waits for its answer."""
    return row.answered_at is None and now < row.good_until


def due(s: Session, *, now: datetime) -> bool:
    """Say whether any question has to be sent down or taken away."""
    return s.exec(_open(now).limit(1)).first() is not None


def issue(
    s: Session, *, key: Ed25519PrivateKey, now: datetime, anew: Collection[str] | None = ()
) -> list[Sending]:
    """Return the questions that go down, empty ones for those that are answered or old, and what stands for boxes `anew` (None: all).

    An answer older than a day goes with them: it was asked for the present.
    """
    query = _open(now) if anew is not None and not anew else select(BoxLog)
    found: list[Sending] = []
    for row in s.exec(query).all():
        topic = topics.document(row.box_id, NAME)
        if waits(row, now=now):
            if not row.document:
                row.document = paper(_question(row), key)
            elif anew is not None and row.box_id not in anew:
                continue
            found.append(Sending(topic, row.document))
        elif row.document:
            row.document = ""
            found.append(Sending(topic, ""))
        if now >= row.good_until and row.got:
            row.content, row.got = "", 0
        s.add(row)
    s.flush()
    return found


def note_tail(s: Session, *, tail: Tail, opening: X25519PrivateKey | None, now: datetime) -> bool:
    """Keep the answer to the question that waits; say whether it was one. What was not asked, or is more than that, is dropped."""
    row = s.get(BoxLog, tail.box)
    if row is not None:
        writing.enter(s, row.court_id)
        s.refresh(row)
    if row is None or row.ask_id != tail.ask_id or not waits(row, now=now):
        LOG.info("log lines nobody asked for", box=tail.box)
        return False
    try:
        lines = logtail.opened(tail, lines=row.lines, opening=opening)
    except (TooMuch, sealed.NotSealed) as error:
        LOG.warning("log lines of a box not taken", box=tail.box, reason=type(error).__name__)
        return False
    row.answered_at, row.since, row.got, row.content = now, tail.since, len(lines), "\n".join(lines)
    s.add(row)
    by = writing.box_actor(tail.box)
    _record(s, Kind.BOX_LOG_SENT, row, {"lines": row.got}, by=by, now=now)
    return True


def read_log(s: Session, *, box_id: str, by: Actor, now: datetime) -> tuple[BoxLog, Sequence[str]]:
    """Return an answer with its lines, and note who read them; raise `NotFound` when there is none."""
    _check(by)
    box, _ = box_seen(s, box_id, by=by)
    row = s.get(BoxLog, box.id)
    if row is None or row.answered_at is None or now >= row.good_until:
        raise NotFound("fleet.no_log")
    writing.enter(s, row.court_id)
    _record(s, Kind.BOX_LOG_READ, row, {"lines": row.got}, by=by, now=now)
    return row, row.content.split("\n") if row.got else []


def _open(now: datetime) -> SelectOfScalar[BoxLog]:
    """What has to be sent down, to be taken away at the broker, or to be forgotten."""
    old, answered = col(BoxLog.good_until) <= now, col(BoxLog.answered_at).is_not(None)
    nothing = col(BoxLog.document) == ""
    return select(BoxLog).where(
        or_(~old & ~answered & nothing, ~nothing & (old | answered), old & (col(BoxLog.got) > 0))
    )


def _question(row: BoxLog) -> TailAsked:
    return TailAsked(
        box=row.box_id, serial=row.serial, not_after=row.good_until, ask_id=row.ask_id, lines=row.lines
    )


def _check(by: Actor) -> None:
    if not may(by, Right.READ_BOX_LOGS):
        raise Forbidden("fleet.no_log_right")


def _record(
    s: Session, kind: Kind, row: BoxLog, facts: Mapping[str, Json], *, by: Actor, now: datetime
) -> None:
    writing.record(s, kind=kind, court_id=row.court_id, by=by, at=now, facts={"box": row.box_id, **facts})
