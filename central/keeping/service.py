"""What becomes of petitions whose time is over: proposed by one person, agreed to by another; holds; erasure in two steps.

Erasure cannot be taken back, so it is decided and written down first, in one transaction; then the key is destroyed and the files go. A
crash in between leaves the state `erasing`, and the job goes on from there.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.cases.models import CaseName
from central.documents import files as documents
from central.errors import Conflict, Forbidden, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind as Event
from central.keeping import queries
from central.keeping.forms import Answer, Because, Propose
from central.keeping.models import Appraisal, LegalHold
from central.keeping.rules import ASKED, Decision, Rule, Schedule, State, Then, years_after
from central.petitions import queries as petitions
from central.petitions.models import Note, Petition, Petitioner
from central.vault.rows import vault_of
from shared.canonical import Json
from shared.clock import court_day

#: Under this word stands what the petitioner wrote about it.
ASK = "ask_erasure"


def take_up(s: Session, *, plan: Schedule, rule: Rule, by: Actor, now: datetime, grace: timedelta) -> int:
    """Open appraisals for petitions that a rule reaches; return how many."""
    today = court_day(now)
    found = queries.reached(s, plan, rule, today=today)
    for petition in found:
        due = today + grace if rule.then is Then.ERASE else _over(petition, rule)
        row = Appraisal(
            petition_id=petition.id,
            court_id=petition.court_id,
            kind=rule.kind,
            schedule=plan.version,
            due_on=due,
            state=State.ANNOUNCED if rule.then is Then.ERASE else State.DUE,
        )
        s.add(row)
        facts: dict[str, Json] = {"rule": str(rule.kind), "then": str(rule.then), "due": due.isoformat()}
        _record(s, Event.PETITION_TIME_OVER, petition.id, by=by, now=now, facts=facts)
    return len(found)


def _over(petition: Petition, rule: Rule) -> date:
    assert petition.closed_at is not None  # noqa: S101 `reached` asks for it
    return years_after(court_day(petition.closed_at), rule.years or 0)


def let_go(s: Session, *, by: Actor, now: datetime) -> int:
    """Drop the appraisals of petitions that were opened again; return how many. Their time begins anew when they end."""
    found = queries.opened_again(s)
    for row in found:
        s.delete(row)
        _record(s, Event.PETITION_KEPT, row.petition_id, by=by, now=now, facts={"why": "opened_again"})
    return len(found)


def ask(s: Session, *, petition_id: UUID, words: str, answer_by: date, by: Actor, now: datetime) -> Appraisal:
    """Take in the petitioner's wish that a petition be erased: two people decide by `answer_by`. Asked twice, it is one.

    Raise `Conflict` for one that is erased, or will be on an announced day.
    """
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    row = queries.running(s, petition.id)
    if row is not None and row.state in {State.ANNOUNCED, State.ERASING}:
        raise Conflict("keeping.announced_already", date=row.due_on.isoformat())
    if row is not None and row.asked_at is not None:
        return row
    if row is None:
        row = Appraisal(
            petition_id=petition.id,
            court_id=petition.court_id,
            kind=ASKED,
            schedule=ASKED,
            due_on=answer_by,
            state=State.DUE,
        )
        s.add(row)
    row.asked_at, row.answer_by = now, answer_by
    if words:
        s.add(Note(petition_id=petition.id, act=ASK, at=now, text=words, public=True))
    facts: dict[str, Json] = {"act": ASK, "answer_by": answer_by.isoformat()}
    _record(s, Event.PETITION_ERASURE_ASKED, petition.id, by=by, now=now, facts=facts)
    return row


def propose(s: Session, *, form: Propose, by: Actor, now: datetime) -> int:
    """Propose what becomes of petitions that are due; return how many. Raise `Forbidden`, `NotFound`, `Conflict`."""
    if not may(by, Right.APPRAISE):
        raise Forbidden("keeping.not_yours")
    for appraisal_id in form.ids:
        row = _mine(s, appraisal_id, by)
        if row.state not in {State.DUE, State.ANNOUNCED}:
            raise Conflict("keeping.changed_meanwhile")
        if form.decision is Decision.ERASE and petitions.found(s, row.petition_id).is_open:
            raise Conflict("keeping.erase_still_open")
        row.state, row.decision, row.words = State.PROPOSED, form.decision, form.words
        row.answer = row.decided_by = row.decided_at = None
        until = (
            years_after(court_day(now), form.years) if form.decision is Decision.KEEP and form.years else None
        )
        row.keep_until, row.proposed_by, row.proposed_at = until, by.staff_id, now
        facts: dict[str, Json] = {"decision": str(form.decision), "until": until.isoformat() if until else ""}
        _record(s, Event.PETITION_DISPOSAL_PROPOSED, row.petition_id, by=by, now=now, facts=facts)
    return len(form.ids)


def answer(s: Session, *, form: Answer, agree: bool, by: Actor, now: datetime) -> int:
    """Agree to proposals, or send them back; return how many. Nobody agrees to their own, and none on hold is erased."""
    if not may(by, Right.AGREE_TO_DISPOSAL):
        raise Forbidden("keeping.not_yours_to_agree")
    for appraisal_id in form.ids:
        row = _mine(s, appraisal_id, by)
        if row.state != State.PROPOSED:
            raise Conflict("keeping.changed_meanwhile")
        if row.proposed_by == by.staff_id:
            raise Forbidden("keeping.second_person")
        row.answer, row.decided_by, row.decided_at = form.words or None, by.staff_id, now
        if not agree:
            row.state = State.DUE
            _record(s, Event.PETITION_DISPOSAL_REFUSED, row.petition_id, by=by, now=now)
        elif row.decision == Decision.KEEP:
            row.state = State.KEPT
            told: dict[str, Json] = {"asked": row.asked_at is not None}
            _record(s, Event.PETITION_KEPT, row.petition_id, by=by, now=now, facts=told)
        else:
            decide_erasure(s, row=row, by=by, now=now)
    return len(form.ids)


def decide_erasure(s: Session, *, row: Appraisal, by: Actor, now: datetime) -> None:
    """Write down that a petition is erased; raise `Conflict` for one on hold or opened again. `finish` does the rest."""
    petition = s.get_one(Petition, row.petition_id, with_for_update=True)
    if queries.running_hold(s, petition.id) is not None:
        raise Conflict("keeping.on_hold", number=petition.number)
    if petition.is_open:
        raise Conflict("keeping.opened_again", number=petition.number)
    petition.erased_at, row.state = now, State.ERASING
    # What lets equal numbers look equal goes at once: nobody is found by their phone in what is erased.
    indexes = {"phone_index": None, "id_number_index": None}
    s.connection().execute(
        update(Petitioner).where(col(Petitioner.petition_id) == petition.id).values(indexes)
    )
    s.connection().execute(
        update(CaseName).where(col(CaseName.petition_id) == petition.id).values(case_number_index=None)
    )
    _record(
        s,
        Event.PETITION_ERASED,
        petition.id,
        by=by,
        now=now,
        facts={"rule": row.kind, "schedule": row.schedule},
    )


def finish(s: Session, *, appraisal_id: UUID, data: Path, by: Actor, now: datetime) -> None:
    """Destroy the key and the files of a petition whose erasure was written down before. Does no harm if done twice."""
    row = s.get_one(Appraisal, appraisal_id, with_for_update=True)
    if row.state != State.ERASING:
        return
    petition = petitions.found(s, row.petition_id)
    vault_of(s).destroy(petition.key_id)
    documents.remove_all(data, petition.id)
    row.state = State.ERASED
    _record(s, Event.PETITION_KEY_DESTROYED, petition.id, by=by, now=now)


def hold(s: Session, *, petition_id: UUID, form: Because, by: Actor, now: datetime) -> LegalHold:
    """Keep a petition from being erased; raise `Forbidden`, `NotFound`, or `Conflict` if it is held or erased already."""
    petition = _held_by_right(s, petition_id, by)
    if petition.erased_at is not None:
        raise Conflict("petitions.erased")
    if queries.running_hold(s, petition_id) is not None:
        raise Conflict("keeping.held_already")
    row = LegalHold(petition_id=petition_id, placed_by=by.staff_id, placed_at=now, reason=form.words)
    s.add(row)
    _record(s, Event.PETITION_HELD, petition_id, by=by, now=now)
    return row


def lift(s: Session, *, petition_id: UUID, form: Because, by: Actor, now: datetime) -> None:
    """Lift the hold of a petition; raise `Forbidden`, `NotFound`, or `Conflict` if there is none."""
    _held_by_right(s, petition_id, by)
    row = queries.running_hold(s, petition_id)
    if row is None:
        raise Conflict("keeping.not_held")
    row.lifted_by, row.lifted_at, row.lift_reason = by.staff_id, now, form.words
    _record(s, Event.PETITION_HOLD_LIFTED, petition_id, by=by, now=now)


def _held_by_right(s: Session, petition_id: UUID, by: Actor) -> Petition:
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if not may(by, Right.HOLD):
        raise Forbidden("keeping.not_yours_to_hold")
    return petition


def _mine(s: Session, appraisal_id: UUID, by: Actor) -> Appraisal:
    """Return an appraisal of a petition in the actor's own court, locked; raise `NotFound`."""
    row = s.get(Appraisal, appraisal_id, with_for_update=True)
    if row is None or row.court_id != by.court_id:
        raise NotFound
    petitions.get(s, row.petition_id, actor=by)
    return row


def _record(
    s: Session,
    kind: Event,
    petition_id: UUID,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Json] | None = None,
) -> None:
    stream = stream_name("petition", petition_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts={"by": by.name, **(facts or {})})
