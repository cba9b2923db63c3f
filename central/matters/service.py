"""Decide on two petitions, and keep the numbers by which texts are found again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, delete
from sqlmodel import Session, col, select

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.courts.models import Court
from central.errors import Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.matters import forms, queries
from central.matters.models import MatterDecision, MatterPiece, MatterSketch
from central.matters.rules import Verdict
from central.petitions import numbering
from central.petitions import queries as petitions
from central.petitions.models import Petition
from shared.canonical import Json

_PIECE: Table = MatterPiece.__table__  # type: ignore[attr-defined]
_KINDS = {Verdict.SAME: Kind.MATTER_LINKED, Verdict.DIFFERENT: Kind.MATTER_TOLD_APART}


def decide(s: Session, *, petition_id: UUID, form: forms.Decide, by: Actor, now: datetime) -> MatterDecision:
    """Keep what a clerk found of two petitions; raise `NotFound`, `Forbidden`, `Invalid`.

    Nothing else changes: joining one petition to another is an act of its own (`petitions.service.merge`).
    """
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if not may(by, Right.JOIN_MATTERS):
        raise Forbidden("matters.deciders_only")
    other = other_of(s, form.other, by=by)
    if other.id == petition.id:
        raise Invalid("matters.itself", field="other")
    row = MatterDecision(
        petition_id=petition.id,
        other_id=other.id,
        verdict=form.verdict,
        at=now,
        by_id=by.staff_id,
        words=form.words,
    )
    s.add(row)
    facts: dict[str, Json] = {"by": by.name, "other": other.number}
    log.record(
        s,
        kind=_KINDS[form.verdict],
        stream=stream_name("petition", petition.id),
        actor=by,
        at=now,
        facts=facts,
    )
    return row


def other_of(s: Session, number: str, *, by: Actor) -> Petition:
    """Return the petition with a number, if the actor may see it; raise `Invalid`."""
    parsed = numbering.parse_number(number, province=by.court_code[:1]) or ""
    found = petitions.visible_number(s, parsed, actor=by)
    if found is None:
        raise Invalid("matters.no_such_number", field="other", number=number)
    return petitions.found(s, found)


# ---- what a reader of the log keeps


def keep(s: Session, petition_ids: Sequence[UUID]) -> None:
    """Read the texts of petitions anew."""
    query = select(Petition, Court.path).join(Court, col(Court.id) == col(Petition.origin_court_id))
    rows = s.exec(query.where(col(Petition.id).in_(petition_ids)).order_by(col(Petition.id))).all()
    forget(s, [row.id for row, _ in rows])
    for row, path in rows:
        if row.erased_at is not None:
            continue
        what = queries.sought(s, row, path)
        sketch = MatterSketch(petition_id=row.id)
        s.add(sketch)
        s.flush()
        numbers = queries.numbers_of(what.text, what.case_numbers, queries.key_of(s))
        if numbers:
            values = [{"value": value, "seq": sketch.seq} for value in dict.fromkeys(numbers)]
            s.connection().execute(_PIECE.insert(), values)


def forget(s: Session, petition_ids: Sequence[UUID]) -> None:
    """Take out what was kept of petitions."""
    theirs = col(MatterSketch.petition_id).in_(petition_ids)
    seqs = s.exec(select(MatterSketch.seq).where(theirs)).all()
    s.connection().execute(delete(MatterPiece).where(col(MatterPiece.seq).in_(seqs)))
    s.connection().execute(delete(MatterSketch).where(theirs))


def clear(s: Session) -> None:
    """Take out everything that was kept: it is made again from the log."""
    for table in (MatterPiece, MatterSketch):
        s.connection().execute(delete(table))
