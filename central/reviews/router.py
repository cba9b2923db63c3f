"""`/reviews`: what is under review, and the desk of the court above taking a request in."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.errors import Conflict, Forbidden, Invalid
from central.petitions import queries as petitions
from central.petitions.states import UNDER_REVIEW
from central.reviews import asking, forms, queries
from central.web import render
from central.web.problems import problems
from shared.clock import court_day

router = APIRouter(include_in_schema=False)


@router.get("/reviews")
def page(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    court: Annotated[str, Query(max_length=12)] = "",
    after: UUID | None = None,
) -> Response:
    """The petitions under review that the person sees, nearest due first."""
    if not may(actor, Right.SEE_FOLLOW_UPS):
        raise Forbidden("reviews.not_yours")
    seen = accounts.visible_courts(db, actor)
    chosen = next((each for each in seen if each.code == court), None)
    rows = queries.under_review(db, actor=actor, court_id=chosen.id if chosen else None, after=after)
    access.shown(db, by=actor, what="reviews", keys=[row.id for row in rows], now=now)
    return render.page(
        request,
        "reviews/page.html",
        rows=rows,
        courts={each.id: each for each in seen},
        listed_courts=seen if len(seen) > 1 else [],
        chosen=chosen.code if chosen else "",
        names=accounts.names(db, {row.next_person_id for row in rows if row.next_person_id}),
        states=[str(each) for each in UNDER_REVIEW],
        may_take_in=actor.has(Role.REGISTRAR),
        page_size=petitions.PAGE,
    )


@router.get("/reviews/new")
def ask(request: Request, actor: Signed, now: Now) -> Response:
    """The form for a request that came to the court above."""
    _desk(actor)
    return _form(request, values={"asked_on": court_day(now).isoformat()}, found={})


@router.post("/reviews")
def take_in(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Take it in; what cannot be taken comes back with what was typed."""
    _desk(actor)
    try:
        form = forms.TakeIn.model_validate(posted)
        petition = asking.take_in(db, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        return _form(request, values=posted, found=problems(error, partial(render.sentence, request)))
    return render.see_other(f"/petitions/{petition.id}")


def _desk(actor: Actor) -> None:
    if not actor.has(Role.REGISTRAR):
        raise Forbidden("reviews.not_yours")


def _form(request: Request, *, values: dict[str, Any], found: dict[str, str]) -> Response:
    status = 422 if found else 200
    return render.page(request, "reviews/new.html", status=status, values=values, problems=found)
