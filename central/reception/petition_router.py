"""Receptions about one petition: records and promises, new promises, and whether they were kept."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.barrier import queries as barrier
from central.casework import looks
from central.documents import queries as documents
from central.errors import Conflict, Forbidden, Invalid
from central.petitions import queries as petitions
from central.reception import forms, promises, queries
from central.supervision import periods, refusals
from central.supervision.periods import Use
from central.web import render
from shared.ids import new_id

router = APIRouter(prefix="/petitions/{petition_id}/reception", include_in_schema=False)


@router.get("")
def show(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """What was said about the petition at receptions, and what was promised."""
    return _page(request, db, petition_id, actor, now)


@router.post("/promises")
def promise(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep a promise."""
    _recorders(db, petition_id, actor)
    try:
        form = forms.Promise.model_validate(posted)
        promises.promise(db, petition_id=petition_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid) as error:
        return _refused(request, db, petition_id, actor, now, "promise", posted, error)
    return render.see_other(f"/petitions/{petition_id}/reception#promises")


@router.post("/promises/{promise_id}")
def settle(
    request: Request,
    petition_id: UUID,
    promise_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Note whether a promise was kept."""
    _recorders(db, petition_id, actor)
    try:
        form = forms.Settle.model_validate(posted)
        promises.settle(db, petition_id=petition_id, promise_id=promise_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _refused(request, db, petition_id, actor, now, str(promise_id), posted, error)
    return render.see_other(f"/petitions/{petition_id}/reception#promises")


def _recorders(s: Session, petition_id: UUID, actor: Actor) -> None:
    petitions.get(s, petition_id, actor=actor)
    if not may(actor, Right.RECORD_RECEPTION):
        raise Forbidden("reception.recorders_only")


def _refused(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    tried: str,
    posted: dict[str, Any],
    error: ValidationError | Invalid | Conflict,
) -> Response:
    s.rollback()
    say = partial(render.sentence, request)
    found = (
        {"": say(error.key, error.values)} if isinstance(error, Conflict) else refusals.problems(error, say)
    )
    return _page(request, s, petition_id, actor, now, tried, posted, found)


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    tried: str = "",
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    gone = petition.erased_at is not None
    records, given = queries.records(s, petition_id), queries.promises(s, petition_id)
    people = {row.leader_id for row in records} | {row.recorded_by for row in records}
    people |= {each for row in given for each in (row.person_id, row.made_by, row.settled_by)}
    own = [row for row in records if row.court_id == actor.court_id]
    may_promise = bool(own) and not gone and may(actor, Right.RECORD_RECEPTION)
    crew = accounts.active_of(s, own[0].court_id) if may_promise else []
    context: dict[str, Any] = {
        "petition": petition,
        "records": [] if gone else records,
        "promises": [] if gone else given,
        "names": accounts.names(s, {each for each in people if each}),
        "documents": [] if gone else documents.of_petition(s, petition_id),
        "people": [(str(one.id), one.name) for one in barrier.free(s, petition_id, crew)],
        "may_promise": may_promise,
        "newest": own[0].id if own else None,
        "fresh": str(new_id()),
    }
    looks.opened(s, petition, by=actor, now=now, what="reception")
    return render.page(
        request,
        "reception/petition.html",
        status=422 if problems else 200,
        tried=tried,
        values=values or {},
        problems=problems or {},
        periods=periods.shipped().of(Use.PROMISE),
        **context,
    )
