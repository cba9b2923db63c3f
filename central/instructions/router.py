"""`/instructions`: what leaders wrote to whom, with its clock; giving, acknowledging, reporting, taking back."""

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
from central.errors import Conflict, Forbidden, Invalid
from central.instructions import forms, queries, service
from central.instructions.queries import Tab
from central.petitions import queries as petitions
from central.supervision import periods, refusals
from central.supervision.periods import Use
from central.web import render

router = APIRouter(prefix="/instructions", include_in_schema=False)
Text = Annotated[str, Query(max_length=60)]


@router.get("")
def listed(
    request: Request, db: ReadDb, actor: Signed, now: Now, *, tab: Text = "", at: Text = "", after: Text = ""
) -> Response:
    """Instructions to the person, given by them, and ended."""
    first = Tab.GIVEN if may(actor, Right.INSTRUCT) else Tab.TO_ME
    known = Tab(tab) if tab in set(Tab) else first
    shown = queries.listed(db, actor, tab=known, after=_place(at, after))
    people = queries.addressees(db, [row.id for row in shown])
    about = {row.petition_id for row in shown if row.petition_id}
    context: dict[str, Any] = {
        "shown": shown,
        "counts": queries.counts(db, actor),
        "people": people,
        "numbers": petitions.numbers(db, about, actor=actor),
        "names": accounts.names(db, {each.staff_id for each in people} | {row.leader_id for row in shown}),
    }
    access.shown(db, by=actor, what="instructions", keys=sorted(about), now=now, filter_={"tab": str(known)})
    return render.page(
        request,
        "instructions/list.html",
        tab=known,
        tabs=list(Tab),
        may_give=may(actor, Right.INSTRUCT),
        page_size=queries.PAGE,
        **context,
    )


@router.get("/new")
def ask(request: Request, db: ReadDb, actor: Signed, *, number: Text = "") -> Response:
    """The form of an instruction."""
    return _new(request, db, actor, {"number": number}, {})


@router.post("")
def give(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Give an instruction."""
    try:
        row = service.give(db, form=forms.Give.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _new(request, db, actor, posted, refusals.problems(error, partial(render.sentence, request)))
    return render.see_other(f"/instructions/{row.id}")


@router.get("/{instruction_id}")
def show(request: Request, instruction_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """One instruction with its clock, who read it and what was reported."""
    return _page(request, db, instruction_id, actor, now)


@router.post("/{instruction_id}/acknowledge")
def acknowledge(
    request: Request, instruction_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now
) -> Response:
    """Say that it was read."""
    try:
        service.acknowledge(db, instruction_id=instruction_id, by=actor, now=now)
    except Conflict as error:
        return _again(request, db, instruction_id, actor, now, {}, error)
    return render.see_other(f"/instructions/{instruction_id}")


@router.post("/{instruction_id}/report")
def report(
    request: Request, instruction_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Report what was done."""
    queries.get(db, instruction_id, actor=actor)
    try:
        form = forms.Report.model_validate(posted)
        service.report(db, instruction_id=instruction_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _again(request, db, instruction_id, actor, now, posted, error)
    return render.see_other(f"/instructions/{instruction_id}")


@router.post("/{instruction_id}/withdraw")
def withdraw(
    request: Request, instruction_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Take it back."""
    queries.get(db, instruction_id, actor=actor)
    try:
        form = forms.Because.model_validate(posted)
        service.withdraw(db, instruction_id=instruction_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _again(request, db, instruction_id, actor, now, posted, error)
    return render.see_other(f"/instructions/{instruction_id}")


def _again(
    request: Request,
    s: Session,
    instruction_id: UUID,
    actor: Actor,
    now: Now,
    posted: dict[str, Any],
    error: ValidationError | Invalid | Conflict,
) -> Response:
    s.rollback()
    say = partial(render.sentence, request)
    if isinstance(error, Conflict):
        found = {"": say(error.key, error.values)}
        return _page(request, s, instruction_id, actor, now, posted, found, status=409)
    return _page(request, s, instruction_id, actor, now, posted, refusals.problems(error, say))


def _page(
    request: Request,
    s: Session,
    instruction_id: UUID,
    actor: Actor,
    now: Now,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 422,
) -> Response:
    row = queries.get(s, instruction_id, actor=actor)
    people = queries.addressees(s, [row.id])
    about = {row.petition_id} if row.petition_id else set()
    period = periods.by_key(row.period)
    context: dict[str, Any] = {
        "row": row,
        "people": people,
        "mine": next((each for each in people if each.staff_id == actor.staff_id), None),
        "numbers": petitions.numbers(s, {each for each in about if each}, actor=actor),
        "names": accounts.names(s, {each.staff_id for each in people} | {row.leader_id}),
        "period": period,
    }
    access.shown(s, by=actor, what="instructions", keys=sorted(each for each in about if each), now=now)
    return render.page(
        request,
        "instructions/one.html",
        status=status if problems else 200,
        values=values or {},
        problems=problems or {},
        **context,
    )


def _new(
    request: Request, s: Session, actor: Actor, values: dict[str, Any], problems: dict[str, str]
) -> Response:
    if not may(actor, Right.INSTRUCT):
        raise Forbidden("instructions.leaders_only")
    return render.page(
        request,
        "instructions/new.html",
        status=422 if problems else 200,
        values=values,
        problems=problems,
        crew=service.addressable(s, None, actor),
        periods=periods.shipped().of(Use.INSTRUCTION),
    )


def _place(at: str, after: str) -> queries.After | None:
    day = fields.day_of(at)
    try:
        return queries.After(day, UUID(after)) if day else None
    except ValueError:
        return None
