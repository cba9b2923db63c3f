"""`/deliveries`: what is to be delivered, what to do next and by when; address labels for many at a time."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access import service as access
from central.access.models import Look
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.delivery import forms, queries
from central.delivery.labels import Label, labels_pdf
from central.delivery.petition_router import inside_of, sender_of
from central.delivery.petition_router import router as petition_router
from central.delivery.rules import Todo
from central.delivery.screen_router import router as screen_router
from central.errors import Forbidden
from central.messages import queries as messages
from central.petitions.queries import PAGE, AfterDue
from central.web import render
from central.web.downloads import attachment
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
router.include_router(petition_router)
router.include_router(screen_router)


@router.get("/deliveries")
def listed(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    due: date | None = None,
    after: UUID | None = None,
) -> Response:
    """Answers and notices that have not arrived, overdue and nearest first."""
    _readers_only(actor)
    return _page(request, db, actor, now, place=AfterDue(due, after) if due and after else None)


@router.post("/deliveries/labels")
def labels(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Address labels of those chosen that have an address, on sheets of ten."""
    _readers_only(actor)
    try:
        chosen = forms.Labels.model_validate(posted)
    except ValidationError:
        return _page(request, db, actor, now, problem="delivery.none_chosen")
    found = queries.addresses(db, actor, chosen.ids)
    if not found:
        return _page(request, db, actor, now, problem="delivery.no_address_among")
    keys = [petition.id for petition, _ in found]
    access.looked(db, by=actor, how=Look.PRINTED, petitions=keys, now=now, what="labels")
    sheets = queries.sheets(db, [petition for petition, _ in found])
    made = [
        Label(
            person.name or "",
            person.address or "",
            petition.number,
            inside_of(request, sheets.get(petition.id)),
        )
        for petition, person in found
    ]
    return attachment(labels_pdf(made, sender_of(request, actor)), "labels.pdf", "application/pdf")


def _page(
    request: Request,
    s: Session,
    actor: Actor,
    now: Any,
    *,
    place: AfterDue | None = None,
    problem: str = "",
) -> Response:
    today = court_day(now)
    rows = queries.to_deliver(s, actor, today=today, after=place)
    access.shown(s, by=actor, what="deliveries", keys=[each.petition.id for each in rows], now=now)
    return render.page(
        request,
        "delivery/list.html",
        status=422 if problem else 200,
        rows=rows,
        failed=messages.count_parked(s, actor),
        problem=problem,
        to_post=Todo.SEND_POST,
        today=today,
        page_size=PAGE,
    )


def _readers_only(actor: Actor) -> None:
    if not may(actor, Right.SEE_DELIVERIES):
        raise Forbidden("delivery.readers_only")
