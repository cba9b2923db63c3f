"""`/packages`: leaders' own cases; and the package of one petition with plan, steps, visits and result."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central import fields
from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.barrier import queries as barrier
from central.casework import looks
from central.documents import queries as documents
from central.errors import Conflict, Forbidden, Invalid
from central.packaged import forms, queries, service
from central.packaged.models import CasePackage, How, Result
from central.packaged.queries import Tab
from central.petitions import queries as petitions
from central.supervision import refusals
from central.supervision.forms import Form
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
_OWN = "/petitions/{petition_id}/package"
Text = Annotated[str, Query(max_length=40)]


@router.get("/packages")
def listed(
    request: Request, db: ReadDb, actor: Signed, now: Now, *, tab: Text = "", at: Text = "", after: Text = ""
) -> Response:
    """Cases that leaders took on: one's own, open, with late steps, closed."""
    if not may(actor, Right.SEE_SUPERVISION):
        raise Forbidden("packaged.readers_only")
    first = Tab.MINE if actor.has(Role.LEADER, Role.HANDLER) else Tab.OPEN
    known, today = Tab(tab) if tab in set(Tab) else first, court_day(now)
    shown = queries.listed(db, actor, tab=known, today=today, after=_place(at, after))
    context: dict[str, Any] = {
        "shown": shown,
        "counts": queries.counts(db, actor, today=today),
        "names": accounts.names(
            db, {each for one in shown for each in (one.row.leader_id, one.row.person_id)}
        ),
    }
    keys = [each.petition.id for each in shown]
    access.shown(db, by=actor, what="packages", keys=keys, now=now, filter_={"tab": str(known)})
    return render.page(
        request, "packaged/list.html", tab=known, tabs=list(Tab), page_size=queries.PAGE, **context
    )


@router.get(_OWN)
def show(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The package of a petition, or the form that opens one."""
    return _page(request, db, petition_id, actor, now)


@router.post(_OWN)
def begin(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Have a leader take the petition on."""
    petition = petitions.get(db, petition_id, actor=actor)
    if not service.may_open(petition, actor):
        raise Forbidden("packaged.openers_only")
    perform = partial(service.open_package, petition_id=petition_id)
    return _carry_out(request, db, petition_id, actor, posted, now, "open", forms.Open, perform)


@router.post(_OWN + "/{package_id}/steps")
def add_step(
    request: Request,
    petition_id: UUID,
    package_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Add a step to the plan."""
    _check(db, petition_id, package_id, actor)
    perform = partial(service.add_step, petition_id=petition_id, package_id=package_id)
    return _carry_out(request, db, petition_id, actor, posted, now, "step", forms.Step, perform)


@router.post(_OWN + "/{package_id}/steps/{step_id}")
def end_step(
    request: Request,
    petition_id: UUID,
    package_id: UUID,
    step_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Note what became of a step."""
    _check(db, petition_id, package_id, actor)
    perform = partial(service.end_step, petition_id=petition_id, package_id=package_id, step_id=step_id)
    return _carry_out(request, db, petition_id, actor, posted, now, str(step_id), forms.EndStep, perform)


@router.post(_OWN + "/{package_id}/visits")
def add_visit(
    request: Request,
    petition_id: UUID,
    package_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Log a visit."""
    _check(db, petition_id, package_id, actor)
    perform = partial(service.add_visit, petition_id=petition_id, package_id=package_id)
    return _carry_out(request, db, petition_id, actor, posted, now, "visit", forms.Visit, perform)


@router.post(_OWN + "/{package_id}/close")
def close(
    request: Request,
    petition_id: UUID,
    package_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """End it with a result."""
    _check(db, petition_id, package_id, actor)
    perform = partial(service.close, petition_id=petition_id, package_id=package_id)
    return _carry_out(request, db, petition_id, actor, posted, now, "close", forms.Close, perform)


def _check(s: Session, petition_id: UUID, package_id: UUID, actor: Actor) -> None:
    petitions.get(s, petition_id, actor=actor)
    if not service.works_on(queries.get(s, petition_id, package_id), actor):
        raise Forbidden("packaged.workers_only")


def _carry_out(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    posted: dict[str, Any],
    now: datetime,
    act: str,
    kind: type[Form],
    perform: Callable[..., object],
) -> Response:
    say = partial(render.sentence, request)
    try:
        perform(s, form=kind.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        s.rollback()
        found = refusals.problems(error, say)
        return _page(request, s, petition_id, actor, now, act, posted, found)
    except Conflict as error:
        s.rollback()
        found = {"": say(error.key, error.values)}
        return _page(request, s, petition_id, actor, now, act, posted, found, status=409)
    return render.see_other(f"/petitions/{petition_id}/package")


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    tried: str = "",
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    gone = petition.erased_at is not None
    rows = [] if gone else list(queries.of_petition(s, petition_id))
    row: CasePackage | None = rows[0] if rows else None
    steps = queries.steps(s, row.id) if row else []
    visits = queries.visits(s, row.id) if row else []
    working = row is not None and row.closed_at is None and service.works_on(row, actor)
    may_open = service.may_open(petition, actor) and (row is None or row.closed_at is not None)
    crew = (
        barrier.free(s, petition_id, accounts.active_of(s, petition.court_id)) if working or may_open else []
    )
    people = {each for one in rows for each in (one.leader_id, one.person_id, one.closed_by)}
    people |= {each.ended_by for each in steps} | {each.staff_id for each in visits}
    context: dict[str, Any] = {
        "petition": petition,
        "package": row,
        "earlier": rows[1:],
        "steps": steps,
        "visits": visits,
        "documents": [] if gone else documents.of_petition(s, petition_id),
        "names": accounts.names(s, {each for each in people if each}),
        "people": [(str(one.id), one.name) for one in crew],
        "leaders": [(str(one.id), one.name) for one in crew if Role.LEADER in one.roles.split(",")],
    }
    looks.opened(s, petition, by=actor, now=now, what="package")
    return render.page(
        request,
        "packaged/petition.html",
        status=status if problems else 200,
        tried=tried,
        values=values or {},
        problems=problems or {},
        working=working,
        leading=working and row is not None and row.leader_id == actor.staff_id,
        may_open=may_open,
        hows=list(How),
        results=list(Result),
        **context,
    )


def _place(at: str, after: str) -> queries.After | None:
    moment = fields.moment_of(at)
    try:
        return queries.After(moment, UUID(after)) if moment else None
    except ValueError:
        return None
