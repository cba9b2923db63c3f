"""Decisions of a review and what ends the same facts, with the letter that is set, signed and filed like a reply's.

The act writes its event first; the letter has one of its own in the same transaction, and its file is made right after (`letters.work`).
"""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.letters import composing
from central.letters import queries as letter_queries
from central.letters import service as letters
from central.letters.kinds import LetterKind
from central.petitions import forms
from central.petitions.models import Petition
from central.petitions.states import State
from central.reviews import deciding, queries
from central.reviews import forms as review_forms
from central.reviews import letters as words
from shared.clock import court_day


def approve_opinion(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.Plain,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Approve the decision on a review; with the last step of its chain its letter is written."""
    petition = deciding.approve(s, petition_id=petition_id, form=form, by=by, now=now, version=version)
    if petition.state != State.REVIEW_DECIDED:
        return petition
    row = queries.running(s, petition.id)
    named = queries.named(s, petition, row)
    parts = words.decision_parts(row, number=petition.number, courts=named)
    _write(s, petition, LetterKind(row.stage), parts, by=by, now=now)
    return petition


def end_same_facts(
    s: Session,
    *,
    petition_id: UUID,
    form: review_forms.SameFacts,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """End a petition whose facts a re-review settled; its letter is written with it."""
    petition = deciding.end_same_facts(s, petition_id=petition_id, form=form, by=by, now=now, version=version)
    row = queries.same_facts(s, petition.id)
    if row is not None:
        _write(s, petition, LetterKind.SAME_FACTS, words.same_facts_parts(row.letter), by=by, now=now)
    return petition


def _write(
    s: Session,
    petition: Petition,
    kind: LetterKind,
    parts: list[tuple[str, str]],
    *,
    by: Actor,
    now: datetime,
) -> None:
    content = composing.paper(kind, letter_queries.about(s, petition), court_day(now), parts)
    letters.write(s, petition=petition, kind=kind, content=content, by=by, now=now)
