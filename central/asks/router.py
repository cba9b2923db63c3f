"""What petitioners sent, for the staff: the lists, and one of them with its answer."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlmodel import Session

from central.access import service as access
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.asks import forms, queries, service
from central.asks.queries import Tab
from central.asks.rules import Kind, Outcome, owner_of
from central.casework import looks
from central.documents import queries as documents
from central.errors import Conflict, Forbidden, Invalid
from central.petitions import queries as petitions
from central.supervision import refusals
from central.web import render

router = APIRouter(include_in_schema=False)


class Place(BaseModel):
    """Which tab, behind which row; what cannot be read is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tab: Tab = Tab.MINE
    due: date | None = None
    at: datetime | None = None
    after: UUID | None = None

    @property
    def behind(self) -> queries.After | None:
        """The row behind which the page goes on."""
        if self.after is None or (self.at is not None and self.at.tzinfo is None):
            return None
        return queries.After(self.after, self.due, self.at)


def place_of(request: Request) -> Place:
    """Return what the address says, without what cannot be read."""
    values = dict(request.query_params)
    try:
        return Place.model_validate(values)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        return Place.model_validate({name: value for name, value in values.items() if name not in wrong})


@router.get("/asks")
def overview(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """What petitioners sent about petitions the person may see, by tab."""
    if not may(actor, Right.SEE_ASKS):
        raise Forbidden("asks.readers_only")
    place = place_of(request)
    shown = queries.listed(db, actor, tab=place.tab, after=place.behind)
    keys = [each.petition.id for each in shown]
    access.shown(db, by=actor, what="asks", keys=keys, now=now, filter_={"tab": str(place.tab)})
    return render.page(
        request, "asks/list.html", shown=shown, tab=place.tab, tabs=list(Tab), page_size=queries.PAGE
    )


@router.get("/petitions/{petition_id}/asks/{ask_id}")
def show(request: Request, petition_id: UUID, ask_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """One of them: the words, the files, and the form to deal with it."""
    return _page(request, db, petition_id, ask_id, actor, now, {}, {})


@router.post("/petitions/{petition_id}/asks/{ask_id}/seen")
def seen(
    request: Request,
    petition_id: UUID,
    ask_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Note that a supplement was read."""
    return _carry_out(request, db, petition_id, ask_id, actor, posted, now, forms.Seen, service.seen)


@router.post("/petitions/{petition_id}/asks/{ask_id}/answer")
def answer(
    request: Request,
    petition_id: UUID,
    ask_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Answer an objection."""
    return _carry_out(request, db, petition_id, ask_id, actor, posted, now, forms.Answer, service.answer)


def _carry_out(
    request: Request,
    s: Session,
    petition_id: UUID,
    ask_id: UUID,
    actor: Actor,
    posted: dict[str, Any],
    now: datetime,
    kind: type[forms.Seen | forms.Answer],
    perform: Callable[..., object],
) -> Response:
    service.check(s, petition_id=petition_id, ask_id=ask_id, by=actor)
    try:
        form = kind.model_validate(posted)
        perform(s, petition_id=petition_id, ask_id=ask_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        s.rollback()
        say = partial(render.sentence, request)
        if isinstance(error, Conflict):
            problems, status = {"": say(error.key, error.values)}, 409
        else:
            problems, status = refusals.problems(error, say), 422
        return _page(request, s, petition_id, ask_id, actor, now, posted, problems, status)
    return render.see_other(f"/petitions/{petition_id}/asks/{ask_id}")


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    ask_id: UUID,
    actor: Actor,
    now: datetime,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 200,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    row = queries.get(s, petition_id, ask_id, actor=actor)
    files = [] if petition.erased_at else documents.of_petition(s, petition_id)
    context: dict[str, Any] = {
        "petition": petition,
        "ask": row,
        "files": [each for each in files if each.number in row.numbers],
        "names": queries.names(s, [row]),
        "may_answer": service.may(row, petition, actor),
        "owner": owner_of(row.kind, petition.handler_id),
        "outcomes": list(Outcome) if row.kind == Kind.OBJECTION else [],
    }
    looks.opened(s, petition, by=actor, now=now, what="asks")
    return render.page(request, "asks/one.html", status=status, values=values, problems=problems, **context)
