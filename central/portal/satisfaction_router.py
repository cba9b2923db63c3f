"""`/track/petition/satisfaction`: petitioners say on their own page what they think of the answer. A plain form."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Config, Now, ReadDb, WriteDb
from central.actor import petitioner
from central.errors import Conflict, Invalid
from central.followup import forms, questions, service
from central.followup import queries as followup
from central.petitions.models import Petition
from central.portal import edge_router as edge
from central.portal import said
from central.supervision import refusals
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)


@router.get("/track/petition/satisfaction")
def show(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The form, with what was said before."""
    petition = edge.passed(request, db, config, now)
    if petition is None:
        return edge.ask_again(request)
    return page(request, db, petition, now, values=_said(db, petition), problems={})


@router.post("/track/petition/satisfaction")
def rate(request: Request, db: WriteDb, now: Now, config: Config, typed: edge.Typed) -> Response:
    """Note what was said; what cannot be taken comes back with what was typed."""
    petition = edge.passed(request, db, config, now, typed)
    if petition is None:
        return edge.keep_and_ask(request, "satisfaction", typed)
    try:
        form = forms.OwnWord.model_validate(edge.answers(typed))
        service.rate(db, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        found = edge.passed(request, db, config, now)
        if found is None:
            return edge.keep_and_ask(request, "satisfaction", typed)
        return page(request, db, found, now, values=typed, problems=_problems(request, error), status=422)
    return render.see_other("/track/petition#satisfaction")


def _problems(request: Request, error: ValidationError | Invalid | Conflict) -> Mapping[str, str]:
    say = partial(render.sentence, request)
    if isinstance(error, Conflict):
        return {"": say("portal.said.closed", {})}
    found = refusals.problems(error, say)
    return found | {"satisfaction": say("portal.said.choose", {})} if "satisfaction" in found else found


def _said(s: Session, petition: Petition) -> dict[str, Any]:
    row = None if petition.erased_at else followup.own_word(s, petition)
    if row is None:
        return {}
    given = {f"answer_{key}": value for key, value in followup.given(row).items()}
    return {"satisfaction": row.satisfaction, "words": row.words, **given}


def page(
    request: Request,
    s: Session,
    petition: Petition,
    now: datetime,
    *,
    values: Mapping[str, Any],
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    """Return the form with what was typed and what is wrong with it."""
    day = court_day(now)
    return render.page(
        request,
        "portal/satisfaction.html",
        status=status,
        number=petition.number,
        own_word=said.own_word_of(s, petition, day),
        asked=questions.in_force(day),
        choices=questions.CHOICES,
        values=values,
        problems=problems,
    )
