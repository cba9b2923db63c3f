"""Write, hide and take back templates and phrases of one's own court; count the phrases of submitted replies."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central import db
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Conflict, Forbidden, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.wording import queries
from central.wording.forms import Write
from central.wording.models import PhraseUse, Sort, Wording
from central.wording.sameness import contains
from central.wording.shipped import Text
from shared.canonical import Json
from shared.ids import new_id


def write(s: Session, *, form: Write, by: Actor, now: datetime) -> Wording:
    """Put words in force at the actor's court and all below; raise `Forbidden`, or `Conflict` if the court has too many."""
    court_id = _court(by)
    if queries.count(s, court_id) >= queries.MOST:
        raise Conflict("wording.too_many", most=queries.MOST)
    key = form.key or f"own_{new_id().hex}"
    known = queries.inherited(s, by.court_path, key)
    if known is not None and known.sort is not form.sort:
        raise Conflict("wording.other_sort")
    item = form.sort is Sort.ITEM
    text = Text(
        key,
        form.sort,
        form.outcome if item else None,
        form.title,
        form.words,
        form.basis if item else "",
    )
    return _put(s, court_id, text, by=by, now=now)


def hide(s: Session, *, key: str, by: Actor, now: datetime) -> None:
    """Do without an inherited one at the actor's court and below; raise `Forbidden` or `NotFound`."""
    court_id = _court(by)
    known = queries.inherited(s, by.court_path, key)
    if known is None:
        raise NotFound("wording.not_found")
    _put(s, court_id, replace(known, hidden=True), by=by, now=now)


def take_back(s: Session, *, key: str, by: Actor, now: datetime) -> None:
    """Take the court's own out of force: what it inherits is in force again. Raise `Forbidden` or `NotFound`."""
    court_id = _court(by)
    row = queries.own(s, court_id, key)
    if row is None:
        raise NotFound("wording.not_found")
    _retire(row, by, now)
    _record(s, Kind.WORDS_RETIRED, court_id, by=by, now=now, facts={"key": key, "title": row.title})


def count_phrases(s: Session, *, court_id: UUID, path: str, words: str, before: str) -> None:
    """Count the phrases that stand in a submitted reply and did not stand in what was submitted of it before."""
    for phrase in sorted(used(queries.in_force(s, path), words, before)):
        # In one order everywhere: two who submit at once do not wait for each other in a circle.
        db.add_to(s, PhraseUse(court_id=court_id, key=phrase, uses=1), "uses")


def used(texts: Iterable[Text], words: str, before: str) -> set[str]:
    """Return the keys of the phrases in `words` that are not in `before`."""
    phrases = [each for each in texts if each.sort is Sort.PHRASE]
    return {each.key for each in phrases if contains(words, each.words) and not contains(before, each.words)}


def _put(s: Session, court_id: UUID, text: Text, *, by: Actor, now: datetime) -> Wording:
    former = queries.own(s, court_id, text.key)
    if former is not None:
        _retire(former, by, now)
        s.flush()  # only one of a key is in force
    row = Wording(
        court_id=court_id,
        key=text.key,
        sort=text.sort,
        outcome=text.outcome,
        title=text.title,
        words=text.words,
        basis=text.basis,
        hidden=text.hidden,
        made_by=by.staff_id,
        made_at=now,
    )
    s.add(row)
    kind = Kind.WORDS_HIDDEN if text.hidden else Kind.WORDS_WRITTEN
    facts: dict[str, Json] = {"key": text.key, "title": text.title, "sort": str(text.sort)}
    _record(s, kind, court_id, by=by, now=now, facts=facts)
    return row


def _retire(row: Wording, by: Actor, now: datetime) -> None:
    row.retired_by, row.retired_at = by.staff_id, now


def _court(by: Actor) -> UUID:
    if not may(by, Right.KEEP_WORDING) or by.court_id is None:
        raise Forbidden("wording.not_yours")
    return by.court_id


def _record(
    s: Session, kind: Kind, court_id: UUID, *, by: Actor, now: datetime, facts: dict[str, Json]
) -> None:
    stream = stream_name("wording", court_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts={"by": by.name, **facts})
