"""Proposals for a petition and for what is typed at the desk, each with why; and the choice of a category."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.cases import queries as cases
from central.cases.rows import split
from central.casework import looks
from central.courts import queries as courts
from central.errors import Forbidden, Invalid
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.petitions.steps import STEPS
from central.sorting import ahead, forms, proposing, queries, scheme, service
from central.supervision import refusals
from central.web import render

router = APIRouter(include_in_schema=False)
_OF = "/petitions/{petition_id}/sorting"


@router.get(_OF)
def page(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The proposals of a petition and the list to choose from, on a page of their own."""
    return _page(request, db, petition_id, actor, now)


@router.get(_OF + "/panel")
def panel(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """A piece of the petition's own page. Its words are the petition's: who would have to say why first sees none here."""
    petition = petitions.get(db, petition_id, actor=actor)
    open_ = petition.erased_at is None and looks.opens(db, petition, by=actor, now=now)
    context = _context(request, db, petition, actor) if open_ else {}
    return render.page(request, "sorting/panel.html", petition=petition, shown=bool(context), **context)


@router.post(_OF, dependencies=[Depends(ahead.of_petition)])
def choose(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep the category that was typed, picked from the list, or taken over from the proposal."""
    petition = petitions.get(db, petition_id, actor=actor)
    if not may(actor, Right.SORT):
        raise Forbidden("sorting.choosers_only")
    looks.opened(db, petition, by=actor, now=now, what="sorting")
    try:
        form = forms.Choose.model_validate(posted)
        service.choose(db, petition_id=petition_id, form=form, by=actor, now=now, ways=ahead.ways_of(request))
    except (ValidationError, Invalid) as error:
        db.rollback()
        found = refusals.problems(error, partial(render.sentence, request))
        return _page(request, db, petition_id, actor, now, values=posted, problems=found)
    return render.see_other(f"/petitions/{petition_id}")


@router.post("/register/sorting")
def typing(request: Request, db: ReadDb, actor: Signed, posted: Posted) -> Response:
    """Proposals for what is being typed at the desk: a piece of a page. It keeps nothing and takes nothing over."""
    if not actor.has(Role.REGISTRAR):
        raise Forbidden("desk.registrars_only")
    typed = {name: str(posted.get(name, "")) for name in ("subject", "text", "case_numbers", "category")}
    text = proposing.text_of(typed["subject"], typed["text"])
    ways = ahead.ways_of(request)
    enough = len(text.strip()) >= proposing.LEAST_SIGNS
    offer = (
        proposing.offer(
            db,
            text,
            numbers=split(typed["case_numbers"])[:20],
            path=actor.court_path,
            data=ways.data,
            least=ways.least,
            chosen=scheme.typed(typed["category"]) if typed["category"] else None,
        )
        if enough
        else None
    )
    return render.page(
        request,
        "sorting/typing.html",
        offer=offer,
        chosen=typed["category"].strip(),
        kind=str(posted.get("kind", "")),
        own_court=actor.court_code,
    )


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    context = _context(request, s, petition, actor) if petition.erased_at is None else {}
    looks.opened(s, petition, by=actor, now=now, what="sorting")
    return render.page(
        request,
        "sorting/page.html",
        status=422 if problems else 200,
        petition=petition,
        shown=bool(context),
        values=values or {},
        problems=problems or {},
        **context,
    )


def _context(request: Request, s: Session, petition: Petition, actor: Actor) -> dict[str, Any]:
    ways, row = ahead.ways_of(request), queries.of_petition(s, petition.id)
    chosen, place = queries.category_of(row), courts.get(s, petition.court_id)
    offer = proposing.offer(
        s,
        proposing.text_of(petition.subject, petition.text),
        numbers=[each.typed for each in cases.of_petition(s, petition.id)],
        path=place.path,
        data=ways.data,
        least=ways.least,
        chosen=chosen,
        kind=petition.kind,
    )
    return {
        "offer": offer,
        "row": row,
        "chosen": chosen,
        "court": place,
        "choices": list(scheme.current().categories.values()),
        "may_sort": may(actor, Right.SORT),
        "may_transfer": _may(petition, Act.TRANSFER, actor),
        "may_accept": _may(petition, Act.ACCEPT, actor),
        "may_draft": _may(petition, Act.SAVE_DRAFT, actor),
    }


def _may(petition: Petition, act: Act, actor: Actor) -> bool:
    step = STEPS.get((State(petition.state), act))
    roles = Role.HANDLER if act is Act.SAVE_DRAFT else Role.REGISTRAR
    return step is not None and actor.court_id == petition.court_id and actor.has(roles)
