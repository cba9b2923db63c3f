"""Draft, approve, issue and deliver the answer. Approval is blocked until each demand has outcome, facts and basis."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.approvals import service as approvals
from central.approvals.queries import Approved
from central.courts import queries as courts
from central.errors import Conflict, Invalid, NotFound
from central.petitions import forms as petition_forms
from central.petitions import moves, steps
from central.petitions import queries as petitions
from central.petitions.models import Demand, Petition
from central.petitions.states import Act, State, Step
from central.replies import enclosing, forms, queries, versions, wholeness
from central.replies.models import Delivery, Reply, ReplyItem
from central.replies.versions import Content
from central.wording import placeholders
from central.wording import service as wording
from shared.canonical import Json
from shared.clock import COURT_ZONE, court_day


def save_draft(
    s: Session, *, petition_id: UUID, form: forms.Draft, by: Actor, now: datetime, version: int | None = None
) -> Reply:
    """Keep the draft as it stands, as a version; note which demands have a full answer."""
    petition, step = moves.load(s, petition_id, act=Act.SAVE_DRAFT, by=by, version=version)
    reply = _open_draft(s, petition, by)
    newest = queries.newest_version(s, reply.id)
    if form.based_on is not None and form.based_on != (newest.number if newest else 0):
        raise Conflict("replies.changed_meanwhile")
    reply.text = form.text
    _write_items(s, petition, reply, form)
    if form.enclosures is not None:
        enclosing.write(s, reply, form.enclosures)
    _keep(s, petition, reply, step, by=by, now=now)
    return reply


def enclose(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Enclose,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Reply:
    """Say which files go out with the reply being written: a version of the draft like changed words, and for the same people."""
    petition, step = moves.load(s, petition_id, act=Act.SAVE_DRAFT, by=by, version=version)
    reply = _open_draft(s, petition, by)
    enclosing.write(s, reply, form.enclosures)
    _keep(s, petition, reply, step, by=by, now=now)
    return reply


def _keep(s: Session, petition: Petition, reply: Reply, step: Step, *, by: Actor, now: datetime) -> None:
    content = _content(s, petition, reply)
    kept = versions.keep(s, reply=reply, content=content, by=by, now=now)
    facts: dict[str, Json] = {"round": reply.round, "version": kept.number}
    if content.enclosures:
        facts["enclosures"] = len(content.enclosures)
    moves.move(s, petition, act=Act.SAVE_DRAFT, step=step, by=by, at=now, facts_=facts)


def _content(s: Session, petition: Petition, reply: Reply) -> Content:
    s.flush()  # what was just written is read
    demands = petitions.demands(s, petition.id)
    return versions.content_of(reply, queries.items(s, reply.id), demands, versions.enclosed(s, reply.id))


def _open_draft(s: Session, petition: Petition, by: Actor) -> Reply:
    reply = queries.latest(s, petition.id)
    if reply is None or reply.status == "issued":
        reply = Reply(petition_id=petition.id, round=reply.round + 1 if reply else 1)
        s.add(reply)
    reply.status, reply.drafted_by = "draft", by.staff_id
    s.flush()  # its answers refer to it
    return reply


def _write_items(s: Session, petition: Petition, reply: Reply, form: forms.Draft) -> None:
    known = queries.items(s, reply.id)
    demands = {demand.id: demand for demand in petitions.demands(s, petition.id)}
    for item in form.items:
        if item.demand_id not in demands:
            raise Invalid("replies.unknown_demand", field="items")
        row = known.get(item.demand_id)
        if row is None:
            row = ReplyItem(reply_id=reply.id, petition_id=petition.id, demand_id=item.demand_id)
            s.add(row)
        row.outcome, row.facts, row.basis = item.outcome, item.facts.strip(), item.basis.strip()
        known[item.demand_id] = row
    _mark_answered(list(demands.values()), known)


def _mark_answered(demands: list[Demand], items: dict[UUID, ReplyItem]) -> None:
    for demand in demands:
        demand.answered = not wholeness.missing(items.get(demand.id))


def submit(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Send the draft to the responsible leader; raise `Conflict` while a placeholder of a template is left in it."""
    petition, step = moves.load(s, petition_id, act=Act.SUBMIT, by=by, version=version)
    reply = _present(s, petition)
    content = _content(s, petition, reply)
    _refuse_unfilled(content)
    before = queries.last_submitted(s, reply.id)
    kept = versions.keep(s, reply=reply, content=content, by=by, now=now)
    wording.count_phrases(
        s,
        court_id=petition.court_id,
        path=courts.get(s, petition.court_id).path,
        words=content.words(),
        before=versions.unpacked(before.content).words() if before else "",
    )
    reply.status, kept.submitted_at = "submitted", now
    facts: dict[str, Json] = {"version": kept.number}
    if chain := approvals.begin(s, petition, Approved(reply.id)):
        facts["steps"] = len(chain)
    moves.move(s, petition, act=Act.SUBMIT, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def _refuse_unfilled(content: Content) -> None:
    """A letter must not leave with a template's blanks in it: the first place is named."""
    if left := placeholders.unfilled(content.text):
        raise Conflict("replies.unfilled_text", left="".join(left))
    for each in content.items.values():
        if left := placeholders.unfilled(f"{each.facts}\n{each.basis}"):
            raise Conflict("replies.unfilled", number=each.number, left="".join(left))


def send_back(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Explained,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Return the draft with remarks; also after approval, as long as it was not issued."""
    petition, step = moves.load(s, petition_id, act=Act.SEND_BACK, by=by, version=version)
    reply = _present(s, petition)
    reply.status, reply.approved_by, reply.approved_at = "draft", None, None
    closed, _ = approvals.decided(s, petition, Approved(reply.id), by=by, outcome="sent_back", now=now)
    facts: dict[str, Json] = {"step": closed.number} if closed else {}
    moves.move(s, petition, act=Act.SEND_BACK, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def approve(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Approve the submitted draft, or the step of its chain that is the actor's: then the next one approves."""
    petition, step = moves.load(s, petition_id, act=Act.APPROVE, by=by, version=version)
    reply = _present(s, petition)
    closed, following = approvals.decided(s, petition, Approved(reply.id), by=by, outcome="approved", now=now)
    facts: dict[str, Json] = {"step": closed.number} if closed else {}
    if following is None:
        reply.status, reply.approved_by, reply.approved_at = "approved", by.staff_id, now
    else:
        step, facts["next"] = steps.passed_on(step), following.person_id.hex
    moves.move(s, petition, act=Act.APPROVE, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def issue(
    s: Session,
    *,
    petition_id: UUID,
    form: petition_forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Let the approved reply leave the court. From here the petitioner can read it on the tracking page."""
    petition, step = moves.load(s, petition_id, act=Act.ISSUE, by=by, version=version)
    reply = _present(s, petition)
    reply.status, reply.issued_by, reply.issued_at = "issued", by.staff_id, now
    petition.issued_at, petition.delivered_on, petition.attempts = now, None, 0
    facts = {"round": reply.round}
    moves.move(s, petition, act=Act.ISSUE, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition


def _present(s: Session, petition: Petition) -> Reply:
    reply = queries.latest(s, petition.id)
    if reply is None:
        raise NotFound("replies.no_draft")
    return reply


def record_delivery(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Deliver,
    by: Actor,
    now: datetime,
    version: int | None = None,
    more: Mapping[str, Any] | None = None,
    earliest: date | None = None,
) -> Petition:
    """Note the dated proof that the reply, or the notice of a refusal, reached the petitioner; `more` fills further columns of its row.

    It cannot have arrived before the answer left, nor before `earliest`.
    """
    petition, step = moves.load(s, petition_id, act=Act.RECORD_DELIVERY, by=by, version=version)
    if petition.state == State.DECLINED and any(
        note.act == Act.END_SAME_FACTS for note in petitions.notes(s, petition.id)
    ):
        step = steps.FINAL_NOTICE
    day = form.delivered_on or court_day(now)
    earliest = max(court_day(petition.issued_at or petition.received_at), earliest or date.min)
    if not earliest <= day <= court_day(now):
        raise Invalid("replies.delivery_day", field="delivered_on", first=earliest, last=court_day(now))
    s.add(
        Delivery(
            petition_id=petition.id,
            method=form.method,
            delivered_on=day,
            proof=form.proof,
            recorded_by=by.staff_id,
            **(more or {}),
        )
    )
    petition.delivered_on = day
    at = now if day == court_day(now) else _on(day, petition)
    facts = {"method": form.method, "delivered_on": day.isoformat()}
    moves.move(s, petition, act=Act.RECORD_DELIVERY, step=step, by=by, at=at, now=now, facts_=facts)
    return petition


def _on(day: date, petition: Petition) -> datetime:
    """Return noon of the day, but never before the reply left the court."""
    noon = datetime.combine(day, time(12), COURT_ZONE)
    return max(noon, petition.issued_at or noon)
