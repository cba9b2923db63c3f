"""Who looked: at one petition, at everything for the auditor; and the reason asked for before looking outside one's own work."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central import fields
from central.access import queries, service
from central.access.forms import GiveReason
from central.access.models import Look
from central.access.rules import REASON_HOLDS, Why
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.casework import looks
from central.desk import refusals
from central.errors import Forbidden, Invalid
from central.petitions import queries as petitions
from central.petitions.numbering import parse_number
from central.web import render

router = APIRouter(include_in_schema=False)


@router.get("/petitions/{petition_id}/looks")
def of_petition(
    request: Request,
    petition_id: UUID,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    at: str = "",
    after: int = 0,
) -> Response:
    """Everybody who looked at a petition, newest first."""
    petition = petitions.get(db, petition_id, actor=actor)
    seen = queries.of_petition(db, petition_id, after=_place(at, after))
    looks.opened(db, petition, by=actor, now=now, what="looks")
    return render.page(request, "desk/looks.html", petition=petition, seen=seen, page_size=queries.PAGE)


@router.post("/petitions/{petition_id}/printed", status_code=204)
def printed(petition_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Note that the page went to paper by the browser's own command."""
    petition = petitions.get(db, petition_id, actor=actor)
    looks.opened(db, petition, by=actor, now=now, how=Look.PRINTED)
    return Response(status_code=204)


@router.get("/petitions/{petition_id}/reason")
def ask(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, to: str = "") -> Response:
    """Ask why; the petition itself is not shown yet, only its number."""
    petition = petitions.get(db, petition_id, actor=actor)
    return _ask(request, petition.number, _back(petition_id, to), {}, {})


@router.post("/petitions/{petition_id}/reason")
def give(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep the reason and go on to the petition."""
    petition = petitions.get(db, petition_id, actor=actor)
    to = _back(petition_id, str(posted.pop("to", "")))
    try:
        form = GiveReason.model_validate(posted)
    except (ValidationError, Invalid) as error:
        found = refusals.problems(error, partial(render.sentence, request))
        return _ask(request, petition.number, to, posted, found)
    service.give_reason(db, petition_id=petition_id, form=form, by=actor, now=now)
    return render.see_other(to)


def _back(petition_id: UUID, to: str) -> str:
    """Return `to` if it is a page of this petition: a reason leads nowhere else."""
    own = f"/petitions/{petition_id}"
    return to if to == own or (to.startswith(own + "/") and not to.endswith("/reason")) else own


def _ask(
    request: Request, number: str, to: str, values: dict[str, Any], problems: dict[str, str]
) -> Response:
    return render.page(
        request,
        "desk/reason.html",
        status=422 if problems else 200,
        number=number,
        to=to,
        values=values,
        problems=problems,
        reasons=list(Why),
        hours=int(REASON_HOLDS.total_seconds()) // 3600,
    )


@router.get("/access")
def everything(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    person: Annotated[str, Query(max_length=40)] = "",
    court: Annotated[str, Query(max_length=12)] = "",
    number: Annotated[str, Query(max_length=60)] = "",
    look: Annotated[str, Query(max_length=12)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    at: Annotated[str, Query(max_length=40)] = "",
    after: int = 0,
) -> Response:
    """The log of looks by people of the auditor's court and the courts below, narrowed by filters that stay in the address."""
    if not may(actor, Right.SEE_ACCESS_LOG):
        raise Forbidden("access.auditors_only")
    chosen = {
        "person": person,
        "court": court,
        "number": number,
        "look": look,
        "since": since,
        "until": until,
    }
    filter_, unknown = _filter(db, actor, chosen)
    seen = [] if unknown else queries.search(db, actor=actor, filter_=filter_, after=_place(at, after))
    keys = {each.petition_id for each in seen if each.petition_id}
    context: dict[str, Any] = {
        "seen": seen,
        "numbers": petitions.numbers(db, keys, actor=actor),
        "courts": accounts.visible_courts(db, actor),
        "unknown": unknown,
    }
    service.shown(db, by=actor, what="access", keys=sorted(keys), now=now, filter_=filter_.words())
    return render.page(
        request, "desk/access.html", chosen=chosen, looks=list(Look), page_size=queries.PAGE, **context
    )


def _filter(s: Session, actor: Actor, chosen: dict[str, str]) -> tuple[queries.Filter, list[str]]:
    """Return the filter, and the names of those fields that name nobody and nothing the auditor may see."""
    person = accounts.by_username(s, chosen["person"]) if chosen["person"] else None
    number = parse_number(chosen["number"], province=actor.court_code[:1]) if chosen["number"] else None
    petition = petitions.visible_number(s, number, actor=actor) if number else None
    days = {name: fields.day_of(chosen[name]) for name in ("since", "until")}
    found = queries.Filter(
        staff_id=person.id if person else None,
        court=chosen["court"],
        petition_id=petition,
        look=Look(chosen["look"]) if chosen["look"] in set(Look) else None,
        **days,
    )
    known = {"person": person, "number": petition, **days}
    return found, [name for name, value in known.items() if chosen[name] and value is None]


def _place(at: str, after: int) -> queries.After | None:
    """Return the key a page goes on behind; one that cannot be read starts at the top."""
    moment = fields.moment_of(at)
    return queries.After(moment, after) if moment and 0 < after < 2**62 else None
