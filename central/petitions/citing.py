"""The case numbers a petition names, put right after registration: kept as typed, sealed, never in the log."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.cases import queries as cases
from central.cases.rows import rows_of
from central.petitions import forms, moves
from central.petitions.models import Petition
from central.petitions.states import Act


def change(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.ChangeCases,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Write the numbers anew, in their order; what is left out is struck out. The event counts them and says nothing else."""
    petition, step = moves.load(s, petition_id, act=Act.CHANGE_CASES, by=by, version=version)
    old, new = list(cases.of_petition(s, petition.id)), rows_of(petition.id, form.case_numbers)
    for surplus in old[len(new) :]:
        s.delete(surplus)
    for row, wanted in zip(old, new, strict=False):
        row.typed, row.case_number = wanted.typed, wanted.case_number
    s.add_all(new[len(old) :])
    facts = {"cases": len(new)}
    moves.move(s, petition, act=Act.CHANGE_CASES, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition
