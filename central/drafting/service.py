"""Keep what is being written, say who else has it open, remark on passages.

Keeping writes no event: every few seconds one would bury the acts in the log, and what nobody has said yes to yet is no act. The words
lie sealed with the petition's key in one row for each person, go when they are saved, and are forgotten with the petition.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from central import db
from central.actor import Actor
from central.drafting import queries
from central.drafting.forms import Keep, Remark
from central.drafting.models import DraftPresence, DraftRemark, WorkingDraft
from central.errors import Conflict, Invalid
from central.events import log
from central.events.kinds import Kind
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.models import Demand, Petition
from central.petitions.states import Act
from central.replies import queries as replies
from central.replies import versions
from central.replies.models import Reply
from central.replies.versions import Answered, Content
from shared.canonical import Json


class KeptElsewhere(Conflict):
    """Another window of the same person kept other words since: neither takes the other's place."""


def keep(s: Session, *, petition_id: UUID, form: Keep, by: Actor, now: datetime) -> WorkingDraft:
    """Keep what is being written; raise `KeptElsewhere`, or what forbids the person to write now."""
    moves.load(s, petition_id, act=Act.SAVE_DRAFT, by=by, version=None)
    demands = {each.id: each for each in petitions.demands(s, petition_id)}
    text = versions.packed(content_of(form, demands))
    row = queries.working(s, petition_id, by.staff_id, for_update=True)
    if row is None:
        if by.staff_id is None:
            raise Conflict("drafting.staff_only")
        row = WorkingDraft(
            petition_id=petition_id,
            staff_id=by.staff_id,
            content=text,
            revision=form.revision + 1,
            based_on=form.based_on or 0,
            saved_at=now,
        )
        s.add(row)
        return row
    if row.content == text:
        row.based_on = form.based_on or 0
        return row
    if row.revision != form.revision:
        raise KeptElsewhere("drafting.kept_elsewhere")
    row.content, row.revision, row.saved_at = text, row.revision + 1, now
    row.based_on = form.based_on or 0
    return row


def content_of(form: Keep, demands: Mapping[UUID, Demand]) -> Content:
    """Return what a form holds as a draft; answers to demands that are gone are kept with an empty demand."""
    items = {}
    for each in form.items:
        demand = demands.get(each.demand_id)
        number, words = (demand.number, demand.text) if demand else (0, "")
        items[each.demand_id] = Answered(number, words, each.outcome or "", each.facts, each.basis)
    return Content(form.text, items)


def forget(s: Session, *, petition_id: UUID, staff_id: UUID | None) -> None:
    """Let go of what a person was writing: it was saved, or they do not want it."""
    mine = (col(WorkingDraft.petition_id) == petition_id, col(WorkingDraft.staff_id) == staff_id)
    s.connection().execute(delete(WorkingDraft).where(*mine))


def here(s: Session, *, petition_id: UUID, by: Actor, now: datetime, writes: bool) -> list[tuple[str, bool]]:
    """Note that the person has the draft open; return who else has. Raise `NotFound` for a petition they do not see."""
    petitions.get(s, petition_id, actor=by)
    if by.staff_id is not None:
        row = DraftPresence(petition_id=petition_id, staff_id=by.staff_id, seen_at=now, writes=writes)
        db.put(s, row)
    return queries.others(s, petition_id, by.staff_id, now=now)


def remark(s: Session, *, petition_id: UUID, form: Remark, by: Actor, now: datetime) -> DraftRemark:
    """Say something of a passage; for whoever may send the reply back now."""
    petition, _ = moves.load(s, petition_id, act=Act.SEND_BACK, by=by, version=None)
    reply = _present(s, petition)
    _check_place(s, petition, form)
    newest = replies.newest_version(s, reply.id)
    row = DraftRemark(
        petition_id=petition.id,
        reply_id=reply.id,
        demand_id=form.demand_id,
        part=form.part,
        version=newest.number if newest else 0,
        quote=form.quote,
        words=form.words,
        by=by.staff_id,
        at=now,
    )
    s.add(row)
    _record(s, Kind.REPLY_REMARKED, row, by=by, now=now)
    return row


def resolve(s: Session, *, petition_id: UUID, remark_id: UUID, by: Actor, now: datetime) -> None:
    """Say that a remark was dealt with; for the handler while the reply is being written."""
    moves.load(s, petition_id, act=Act.SAVE_DRAFT, by=by, version=None)
    row = queries.remark(s, petition_id, remark_id)
    if row.resolved_at is not None:
        return
    row.resolved_by, row.resolved_at = by.staff_id, now
    _record(s, Kind.REPLY_REMARK_RESOLVED, row, by=by, now=now)


def _check_place(s: Session, petition: Petition, form: Remark) -> None:
    """A remark is on the opening, or on a part of the answer to a demand of this petition."""
    if (form.part == "text") != (form.demand_id is None):
        raise Invalid("drafting.no_place", field="part")
    if form.demand_id and form.demand_id not in {each.id for each in petitions.demands(s, petition.id)}:
        raise Invalid("drafting.no_place", field="demand_id")


def _present(s: Session, petition: Petition) -> Reply:
    reply = replies.latest(s, petition.id)
    if reply is None:
        raise Conflict("replies.no_draft")
    return reply


def _record(s: Session, kind: Kind, row: DraftRemark, *, by: Actor, now: datetime) -> None:
    facts: dict[str, Json] = {"by": by.name, "remark": row.id.hex, "version": row.version}
    log.record(s, kind=kind, stream=moves.stream_of(row.petition_id), actor=by, at=now, facts=facts)
