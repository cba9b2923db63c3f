"""Write letters: their words are frozen in the transaction of the act they tell of; the file is made right after (`work`)."""

import json
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.errors import Conflict, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.letters import composing, queries
from central.letters.kinds import NOTICES, Content, Enclosed, LetterKind
from central.letters.models import Letter
from central.petitions import forms as petition_forms
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.replies import queries as replies
from central.replies import service as replying
from central.replies import versions
from central.replies.models import Reply
from shared.clock import court_day
from shared.ids import new_id

#: Which words of the petition a notice repeats.
_ACT = {
    LetterKind.ACCEPTED: Act.ACCEPT,
    LetterKind.DECLINED: Act.DECLINE,
    LetterKind.TO_LITIGATION: Act.TO_LITIGATION,
    LetterKind.PROGRESS: Act.TELL_PROGRESS,
}
_BEFORE_ACCEPTANCE = frozenset(
    {
        State.REGISTERED,
        State.AWAITING_SUPPLEMENT,
        State.TRANSFERRED,
        State.DECLINED,
        State.TO_LITIGATION,
        State.WITHDRAWN,
        State.MERGED,
    }
)


def add(
    s: Session,
    *,
    petition: Petition,
    kind: LetterKind,
    content: Content,
    round_: int,
    by: Actor,
    now: datetime,
) -> Letter:
    """Add a letter; the event of the act it belongs to takes it in."""
    letter = Letter(
        id=new_id(),
        petition_id=petition.id,
        court_id=petition.court_id,
        kind=kind,
        round=round_,
        content=content.text(),
        written_at=now,
        written_by=by.staff_id,
    )
    s.add(letter)
    return letter


def write(
    s: Session, *, petition: Petition, kind: LetterKind, content: Content, by: Actor, now: datetime
) -> Letter:
    """Write a letter with an event of its own. The caller holds the petition's lock."""
    round_ = queries.last_round(s, petition.id, kind) + 1
    letter = add(s, petition=petition, kind=kind, content=content, round_=round_, by=by, now=now)
    log.record(
        s,
        kind=Kind.LETTER_WRITTEN,
        stream=stream_name("petition", petition.id),
        actor=by,
        at=now,
        facts={"by": by.name, "letter": letter.id.hex, "letter_kind": kind.value},
    )
    return letter


def issue(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Let the approved reply leave the court, and freeze its letter with it, in one event."""
    petition, _ = moves.load(s, petition_id, act=Act.ISSUE, by=by, version=version)
    reply = replies.latest(s, petition_id)
    if reply is not None:
        content = reply_content(s, petition, reply, now=now)
        add(
            s,
            petition=petition,
            kind=LetterKind.REPLY,
            content=content,
            round_=reply.round,
            by=by,
            now=now,
        )
    return replying.issue(s, petition_id=petition_id, form=form, by=by, now=now, version=version)


def reply_content(s: Session, petition: Petition, reply: Reply, *, now: datetime) -> Content:
    """Return what the letter of a reply says."""
    return composing.reply(
        queries.about(s, petition),
        court_day(now),
        text=reply.text,
        answers=queries.answers(s, reply),
        attachments=[Enclosed(each.name, each.pages, each.sha256) for each in versions.enclosed(s, reply.id)],
        number=composing.number_of_reply(petition.number, reply.round),
    )


def receipt(s: Session, *, petition_id: UUID, by: Actor, now: datetime) -> Letter:
    """Return the receipt of a petition that the caller may see, written on first asking."""
    petition = petitions.found(s, petition_id)
    there = queries.newest(s, petition.id, LetterKind.RECEIPT)
    if there is not None:
        return there
    if petition.erased_at is not None:
        raise NotFound("letters.not_found")
    content = composing.receipt(queries.about(s, petition), court_day(petition.registered_at))
    return write(s, petition=petition, kind=LetterKind.RECEIPT, content=content, by=by, now=now)


def notice(s: Session, *, petition: Petition, kind: LetterKind, by: Actor, now: datetime) -> Letter:
    """Write the notice of something that has happened; raise `Conflict` if it has not."""
    note = queries.said(s, petition.id, _ACT[kind]) if kind in NOTICES else None
    if kind not in possible(petition, told=note is not None):
        raise Conflict("letters.not_happened")
    words = note.text if note is not None and (note.public or kind is not LetterKind.ACCEPTED) else ""
    content = composing.notice(kind, queries.about(s, petition), court_day(now), said=words)
    return write(s, petition=petition, kind=kind, content=content, by=by, now=now)


def problem_of(kept: str) -> tuple[str, dict[str, str]]:
    """Return key and values of the sentence that says why a letter could not be made."""
    found = json.loads(kept)
    return found["key"], found["values"]


def possible(petition: Petition, *, told: bool) -> list[LetterKind]:
    """Return the notices that what happened to a petition allows; `told`: progress was told, or words were left."""
    if petition.erased_at is not None:
        return []
    state = State(petition.state)
    found = [] if state in _BEFORE_ACCEPTANCE else [LetterKind.ACCEPTED]
    if state is State.DECLINED:
        found.append(LetterKind.DECLINED)
    if state is State.TO_LITIGATION:
        found.append(LetterKind.TO_LITIGATION)
    if told and found == [LetterKind.ACCEPTED]:
        found.append(LetterKind.PROGRESS)
    return found
