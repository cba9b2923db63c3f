"""`/batches`: what courts above assigned, how far each court is, the report on each petition."""

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
from central.actor import Actor
from central.batches import forms, queries, service
from central.batches.models import OWED, ItemState
from central.batches.queries import Tab
from central.casework import looks
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid
from central.supervision import periods, refusals
from central.supervision.forms import Form
from central.supervision.periods import Use
from central.web import render

router = APIRouter(prefix="/batches", include_in_schema=False)
Text = Annotated[str, Query(max_length=40)]
#: Numbers ticked on a page of a worklist.
Ticked = Annotated[tuple[Annotated[str, Query(max_length=40)], ...], Query(max_length=100)]


@router.get("")
def listed(
    request: Request, db: ReadDb, actor: Signed, *, tab: Text = "", at: Text = "", after: Text = ""
) -> Response:
    """Batches the person knows of."""
    if not may(actor, Right.SEE_SUPERVISION):
        raise Forbidden("batches.readers_only")
    known = Tab(tab) if tab in set(Tab) else Tab.OPEN
    return render.page(
        request,
        "batches/list.html",
        shown=queries.listed(db, actor, tab=known, after=_place(at, after)),
        tab=known,
        tabs=list(Tab),
        may_assign=service.may_assign(actor),
        page_size=queries.PAGE,
    )


@router.get("/new")
def ask(request: Request, actor: Signed, n: Ticked = ()) -> Response:
    """The form of a batch; `n` are numbers that were ticked on a worklist."""
    return _new(request, actor, {"numbers": "\n".join(n)}, {})


@router.post("")
def assign(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Assign a batch."""
    try:
        row = service.assign(db, form=forms.Assign.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _new(request, actor, posted, refusals.problems(error, partial(render.sentence, request)))
    return render.see_other(f"/batches/{row.id}")


@router.get("/{batch_id}")
def show(
    request: Request,
    batch_id: UUID,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    court: Text = "",
    state: Text = "",
) -> Response:
    """One batch: progress by court, and its petitions."""
    return _page(request, db, batch_id, actor, now, court=court, state=state)


@router.post("/{batch_id}/close")
def close(request: Request, batch_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Close the batch."""
    try:
        service.close(db, batch_id=batch_id, by=actor, now=now)
    except Conflict as error:
        db.rollback()
        notice = render.sentence(request, error.key, error.values)
        return _page(request, db, batch_id, actor, now, notice=notice)
    return render.see_other(f"/batches/{batch_id}")


@router.get("/{batch_id}/items/{item_id}")
def one(request: Request, batch_id: UUID, item_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The report on one petition, and what was said of it."""
    return _item(request, db, batch_id, item_id, actor, now)


@router.post("/{batch_id}/items/{item_id}/report")
def report(
    request: Request,
    batch_id: UUID,
    item_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Report on one petition."""
    found = queries.item(db, batch_id, item_id, actor=actor)
    if not service.reports(found, actor):
        raise Forbidden("batches.reporters_only")
    at = (batch_id, item_id)
    return _carry_out(request, db, at, actor, posted, now, forms.Report, service.report)


@router.post("/{batch_id}/items/{item_id}/judge")
def judge(
    request: Request,
    batch_id: UUID,
    item_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Accept a report or send it back."""
    queries.item(db, batch_id, item_id, actor=actor)
    if not queries.judges(db, actor, queries.get(db, batch_id, actor=actor)):
        raise Forbidden("batches.judges_only")
    at = (batch_id, item_id)
    return _carry_out(request, db, at, actor, posted, now, forms.Judge, service.judge)


def _carry_out(
    request: Request,
    s: Session,
    at: tuple[UUID, UUID],
    actor: Actor,
    posted: dict[str, Any],
    now: datetime,
    kind: type[Form],
    perform: Callable[..., object],
) -> Response:
    say = partial(render.sentence, request)
    try:
        form = kind.model_validate(posted)
        perform(s, batch_id=at[0], item_id=at[1], form=form, by=actor, now=now)
    except (ValidationError, Invalid) as error:
        s.rollback()
        return _item(request, s, *at, actor, now, posted, refusals.problems(error, say))
    except Conflict as error:
        s.rollback()
        return _item(request, s, *at, actor, now, posted, {"": say(error.key, error.values)}, status=409)
    return render.see_other(f"/batches/{at[0]}/items/{at[1]}")


def _page(
    request: Request,
    s: Session,
    batch_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    court: str = "",
    state: str = "",
    notice: str = "",
) -> Response:
    row = queries.get(s, batch_id, actor=actor)
    every = queries.items(s, batch_id, actor=actor)
    named = {each.id: each for each in courts.some(s, {each.row.court_id for each in every} | {row.court_id})}
    counts: dict[UUID, dict[str, int]] = {}
    for each in every:
        of_court = counts.setdefault(each.row.court_id, dict.fromkeys(ItemState, 0))
        of_court[each.row.state] += 1
    narrowed = [
        each
        for each in every
        if (not court or named[each.row.court_id].code == court) and (not state or each.row.state == state)
    ]
    context: dict[str, Any] = {
        "row": row,
        "items": narrowed,
        "counts": dict(sorted(counts.items(), key=lambda one: named[one[0]].path)),
        "courts": named,
        "total": len(every),
        "accepted": sum(each.row.state == ItemState.ACCEPTED for each in every),
        "judging": queries.judges(s, actor, row),
        "names": accounts.names(s, {each for each in (row.given_by, row.closed_by) if each}),
    }
    keys = [each.petition.id for each in narrowed]
    access.shown(s, by=actor, what="batch", keys=keys, now=now, filter_={"court": court, "state": state})
    return render.page(
        request,
        "batches/batch.html",
        status=409 if notice else 200,
        notice=notice,
        states=list(ItemState),
        chosen={"court": court, "state": state},
        **context,
    )


def _item(
    request: Request,
    s: Session,
    batch_id: UUID,
    item_id: UUID,
    actor: Actor,
    now: datetime,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    found = queries.item(s, batch_id, item_id, actor=actor)
    row, item = queries.get(s, batch_id, actor=actor), found.row
    concerned = {item.reported_by, found.petition.handler_id, found.petition.leader_id}
    open_ = row.closed_at is None and found.petition.erased_at is None
    context: dict[str, Any] = {
        "row": row,
        "item": item,
        "petition": found.petition,
        "courts": {each.id: each for each in courts.some(s, {row.court_id, item.court_id})},
        "names": accounts.names(s, {each for each in (item.reported_by, item.judged_by) if each}),
        "may_report": open_ and item.state in OWED and service.reports(found, actor),
        "may_judge": open_
        and item.state == ItemState.REPORTED
        and actor.staff_id not in concerned
        and queries.judges(s, actor, row),
    }
    looks.opened(s, found.petition, by=actor, now=now, what="batch")
    return render.page(
        request,
        "batches/item.html",
        status=status if problems else 200,
        values=values or {},
        problems=problems or {},
        **context,
    )


def _new(request: Request, actor: Actor, values: dict[str, Any], problems: dict[str, str]) -> Response:
    if not service.may_assign(actor):
        raise Forbidden("batches.givers_only")
    return render.page(
        request,
        "batches/new.html",
        status=422 if problems else 200,
        values=values,
        problems=problems,
        periods=periods.shipped().of(Use.BATCH),
    )


def _place(at: str, after: str) -> queries.After | None:
    day = fields.day_of(at)
    try:
        return queries.After(day, UUID(after)) if day else None
    except ValueError:
        return None
